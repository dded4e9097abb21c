/** What part of a drawn graph is in sight: all of it, until the user moves it. */
import type cytoscape from "cytoscape";

/** Beyond it a small graph looks like a poster. */
const MAX_FITTED_ZOOM = 1.25;
/** Pixels around a graph that is shown whole. */
const PADDING = 40;

export class GraphView {
  /** Whether the user left the view to us. */
  isFitted = true;

  constructor(private readonly graph: cytoscape.Core) {}

  fit(): void {
    this.isFitted = true;
    this.graph.fit(undefined, PADDING);
    if (this.graph.zoom() > MAX_FITTED_ZOOM) {
      this.graph.zoom(MAX_FITTED_ZOOM);
      this.graph.center();
    }
  }

  zoomBy(factor: number): void {
    this.isFitted = false;
    this.graph.zoom({
      level: this.graph.zoom() * factor,
      renderedPosition: { x: this.graph.width() / 2, y: this.graph.height() / 2 },
    });
  }
}
