/** The drawn graph: cytoscape, with a layer above for marks and traffic. Loaded when first shown. */
import cytoscape from "cytoscape";
import { GraphView } from "../../components/graph-view";
import { drawingStyle, palette } from "./drawing-style";
import { update } from "./elements";
import { Layouter, type Point, type Positions } from "./layout";
import { drawMark, marksOf, Overlay } from "./overlay";
import { type Path, pathOf } from "./paths";
import { placed } from "./placing";
import type { Scene } from "./scene";
import { type Geometry, svgOf } from "./svg";
import type { Layout } from "./view";

export interface Handlers {
  onSelect: (id: string) => void;
  onFocus: (id: string) => void;
  /** `at` is within the drawing, in pixels. */
  onHover: (id: string, at: Point | null) => void;
}

const PNG_SCALE = 2;

export class Drawing {
  readonly #graph: cytoscape.Core;
  readonly #layouter = new Layouter();
  readonly #overlay: Overlay;
  readonly #resized: ResizeObserver;
  #scene: Scene = { nodes: [], edges: [], boxes: [] };
  #standing: Positions = {};
  #arrangement = "";
  #turn = 0;
  readonly view: GraphView;

  constructor(element: HTMLElement, canvas: HTMLCanvasElement, handlers: Handlers) {
    this.#graph = cytoscape({
      container: element,
      style: drawingStyle(),
      minZoom: 0.08,
      maxZoom: 4,
      boxSelectionEnabled: false,
      autounselectify: true,
      pixelRatio: "auto",
      // Redrawing text while a large graph is dragged is what makes it stutter.
      textureOnViewport: false,
      hideEdgesOnViewport: false,
    });
    this.view = new GraphView(this.#graph);
    this.#overlay = new Overlay(canvas, () => ({
      zoom: this.#graph.zoom(),
      pan: this.#graph.pan(),
      scene: this.#scene,
      positionOf: (id) => this.#positionOf(id),
      pathOf: (id) => this.#pathOf(id),
      isBehind: (id) => this.#graph.getElementById(id).hasClass("behind"),
    }));
    this.#listen(handlers);
    this.#resized = new ResizeObserver(() => {
      this.#graph.resize();
      this.#overlay.resize();
      if (this.view.isFitted) {
        this.view.fit();
      }
    });
    this.#resized.observe(element);
  }

  #listen({ onSelect, onFocus, onHover }: Handlers): void {
    const graph = this.#graph;
    graph.on("tap", (event) => onSelect(event.target === graph ? "" : event.target.id()));
    graph.on("dbltap", "node", (event) => onFocus(event.target.id()));
    graph.on("mouseover", "node[!isBox], edge", (event) => {
      const { x, y } = event.renderedPosition;
      onHover(event.target.id(), { x, y });
      this.#emphasise(event.target);
    });
    graph.on("mouseout", "node[!isBox], edge", (event) => {
      onHover(event.target.id(), null);
      this.#emphasise(null);
    });
    graph.on("dragfree", "node", () => this.#keepPositions());
    graph.on("scrollzoom dragpan pinchzoom", () => {
      this.view.isFitted = false;
    });
    graph.on("position add remove style", () => this.#overlay.forget());
    graph.on("render", () => this.#overlay.draw());
  }

  /**
   * Draw a scene. What stands stays where it is as long as `arrangement` is the same.
   *
   * @returns once it is drawn; false if a newer scene came first.
   */
  async show(scene: Scene, layout: Layout, arrangement: string): Promise<boolean> {
    const turn = ++this.#turn;
    const kept = arrangement === this.#arrangement ? placed(scene, this.#standing) : null;
    const positions = kept ?? (await this.#layouter.positions(scene, layout));
    if (turn !== this.#turn) {
      return false;
    }
    this.#arrangement = arrangement;
    this.#scene = scene;
    this.#standing = kept ? { ...this.#standing, ...positions } : positions;
    this.#graph.batch(() => update(this.#graph, scene, positions));
    this.#overlay.setScene(scene);
    if (!kept) {
      this.view.isFitted = true;
    }
    if (this.view.isFitted) {
      this.view.fit();
    }
    return true;
  }

  /** Show which element is selected; an unknown id selects none. */
  select(id: string): void {
    this.#graph.elements().removeClass("selected");
    this.#graph.getElementById(id).addClass("selected");
    this.#emphasise(null);
  }

  /** Show where the keyboard is, and bring it into sight. */
  walkTo(id: string): void {
    this.#graph.elements().removeClass("walked");
    const node = this.#graph.getElementById(id);
    node.addClass("walked");
    if (node.nonempty()) {
      const { x, y } = node.renderedPosition();
      const isInSight = x > 0 && y > 0 && x < this.#graph.width() && y < this.#graph.height();
      if (!isInSight) {
        this.view.isFitted = false;
        this.#graph.center(node);
      }
    }
  }

  /** Let all that is not about an element, or the selected one, stand back. */
  #emphasise(element: cytoscape.SingularElementReturnValue | null): void {
    const about = element ?? this.#graph.elements(".selected");
    const near = about
      .union(about.nodes().closedNeighborhood())
      .union(about.edges().connectedNodes());
    this.#graph.batch(() => {
      this.#graph.elements().removeClass("behind");
      if (about.nonempty()) {
        this.#graph.elements("node[!isBox], edge").difference(near).addClass("behind");
      }
    });
  }

  animate(isOn: boolean): void {
    this.#overlay.animate(isOn);
  }

  /** Take over the colours of a theme that has changed. */
  restyle(): void {
    this.#graph.style(drawingStyle());
    this.#overlay.draw();
  }

  /** Forget where all stands, so that the next scene is laid out anew. */
  forget(): void {
    this.#arrangement = "";
  }

  /** Where nodes stand, by id. */
  positions(): Positions {
    return known(this.#scene.nodes, (id) => this.#positionOf(id));
  }

  /** Return the whole graph as an SVG document. */
  svg(title: string): string {
    return svgOf(this.#scene, this.#geometry(), palette(), title);
  }

  /** Return the whole graph as a picture on a ground of that colour. */
  async png(ground: string): Promise<Blob> {
    const whole = this.#graph.elements().boundingBox();
    const options = { full: true, scale: PNG_SCALE, bg: ground, output: "blob-promise" } as const;
    const drawn = await createImageBitmap(await this.#graph.png(options));
    const canvas = new OffscreenCanvas(drawn.width, drawn.height);
    const context = canvas.getContext("2d");
    if (!context) {
      throw new Error("the browser has no canvas to draw the picture on");
    }
    context.drawImage(drawn, 0, 0);
    context.setTransform(PNG_SCALE, 0, 0, PNG_SCALE, -whole.x1 * PNG_SCALE, -whole.y1 * PNG_SCALE);
    for (const mark of this.#geometry().marks) {
      drawMark(context, mark);
    }
    return canvas.convertToBlob({ type: "image/png" });
  }

  #geometry(): Geometry {
    const { nodes, edges, boxes } = this.#scene;
    const pathOf = (id: string) => this.#pathOf(id);
    const positionOf = (id: string) => this.#positionOf(id);
    return {
      positions: this.positions(),
      paths: known(edges, pathOf),
      frames: known(boxes, (id) =>
        this.#graph.getElementById(id).boundingBox({ includeLabels: false }),
      ),
      marks: marksOf({ nodes, edges, boxes }, pathOf, positionOf),
    };
  }

  #positionOf(id: string): Point | undefined {
    const node = this.#graph.getElementById(id);
    return node.nonempty() ? node.position() : undefined;
  }

  #pathOf(id: string): Path | undefined {
    const edge = this.#graph.getElementById(id);
    const start = edge.nonempty() ? edge.sourceEndpoint() : undefined;
    if (!start || Number.isNaN(start.x)) {
      return undefined;
    }
    return pathOf(start, edge.controlPoints() ?? [], edge.targetEndpoint());
  }

  #keepPositions(): void {
    this.#standing = { ...this.#standing, ...this.positions() };
  }

  stop(): void {
    this.#turn += 1;
    this.#resized.disconnect();
    this.#overlay.stop();
    this.#layouter.stop();
    this.#graph.destroy();
  }
}

/** Return what is known of items, by their ids. */
function known<T>(items: readonly { id: string }[], of: (id: string) => T | undefined) {
  const found: Record<string, T> = {};
  for (const { id } of items) {
    const value = of(id);
    if (value !== undefined) {
      found[id] = value;
    }
  }
  return found;
}
