/** The drawn graph of a trace. Loaded when it is first shown, for it is large. */
import cytoscape from "cytoscape";
import dagre from "cytoscape-dagre";
import { resolvedColour, tokenColour } from "../../../app/theme";
import { GraphView } from "../../../components/graph-view";
import { serviceColour } from "../../../components/service-colour";
import { type Calls, columnsOf } from "./calls";
import { type Colouring, edgeLabel, nodeLabel } from "./trace-graph-words";

cytoscape.use(dagre);

const FONT = "system-ui, sans-serif";
const LAYERS: dagre.DagreLayoutOptions = {
  name: "dagre",
  rankDir: "LR",
  nodeSep: 18,
  edgeSep: 12,
  rankSep: 84,
  fit: false,
  animate: false,
};
/** Edges beyond which layers take too long, and labels hide each other. */
const DENSE_EDGES = 120;
const COLUMNS = { across: 310, down: 84 };
const MOST_ASPECT = 4;
const FONT_SIZE = 12;
const LINE = 1.35 * FONT_SIZE;
/** Room around the text of a node. */
const PADDING = 18;

export interface Handlers {
  onSelect: (id: string | null) => void;
}

/** The nodes and edges that hold what the page points out. */
export interface Emphasis {
  selected: string | null;
  /** Null if nothing is sought. */
  found: ReadonlySet<string> | null;
}

export class TraceGraphDrawing {
  readonly #graph: cytoscape.Core;
  readonly #resized: ResizeObserver;
  readonly view: GraphView;

  constructor(element: HTMLElement, { onSelect }: Handlers) {
    this.#graph = cytoscape({
      container: element,
      minZoom: 0.05,
      maxZoom: 3,
      boxSelectionEnabled: false,
      autounselectify: true,
    });
    this.view = new GraphView(this.#graph);
    this.#graph.on("tap", (event) =>
      onSelect(event.target === this.#graph ? null : event.target.id()),
    );
    this.#graph.on("scrollzoom dragpan pinchzoom", () => {
      this.view.isFitted = false;
    });
    this.#resized = new ResizeObserver(() => {
      this.#graph.resize();
      if (this.view.isFitted) {
        this.view.fit();
      }
    });
    this.#resized.observe(element);
  }

  /** Lay the graph out anew. */
  show({ nodes, edges }: Calls): void {
    const mostCalls = Math.max(1, ...edges.map(({ spans }) => spans.length));
    const isDense = edges.length > DENSE_EDGES;
    this.#graph.elements().remove();
    this.#graph.add([
      ...nodes.map((node) => ({
        group: "nodes" as const,
        data: {
          id: node.id,
          ...labelled(nodeLabel(node)),
          service: node.service,
          share: node.ownShare,
          errors: node.errors / node.spans.length,
          isMissing: node.isMissing,
        },
      })),
      ...edges.map((edge) => ({
        group: "edges" as const,
        data: {
          id: edge.id,
          source: edge.source,
          target: edge.target,
          label: isDense ? "" : edgeLabel(edge),
          isFaint: isDense && edge.errors === 0,
          errors: edge.errors,
          width: 1.2 + (3 * Math.log1p(edge.spans.length)) / Math.log1p(mostCalls),
        },
      })),
    ]);
    this.#place({ nodes, edges });
    this.view.fit();
  }

  #place(calls: Calls): void {
    if (calls.edges.length > DENSE_EDGES) {
      const places = columnsOf(calls, COLUMNS);
      this.#graph.nodes().positions((node) => places.get(node.id()) ?? { x: 0, y: 0 });
      return;
    }
    this.#graph.layout(LAYERS).run();
    const { w: width, h: height } = this.#graph.elements().boundingBox();
    // A long way of calls goes down, where it would be too small to read across.
    if (width / height > MOST_ASPECT) {
      const down: dagre.DagreLayoutOptions = { ...LAYERS, rankDir: "TB", rankSep: 44 };
      this.#graph.layout(down).run();
    }
  }

  /** Take over what the colours say, or a theme that has changed. */
  restyle(colouring: Colouring): void {
    this.#graph.style(styleOf(colouring));
  }

  emphasise({ selected, found }: Emphasis): void {
    this.#graph.batch(() => {
      for (const element of this.#graph.elements().toArray()) {
        const id = element.id();
        element.toggleClass("selected", id === selected);
        element.toggleClass("behind", found !== null && element.isNode() && !found.has(id));
      }
    });
  }

  stop(): void {
    this.#resized.disconnect();
    this.#graph.destroy();
  }
}

const ruler = document.createElement("canvas").getContext("2d");

/** Longer operations are cut; the table of spans has them whole. */
const MOST_LINE = 44;

/** Return the text of a node and the size of the box around it. */
function labelled(text: string) {
  const lines = text
    .split("\n")
    .map((line) => (line.length > MOST_LINE ? `${line.slice(0, MOST_LINE)}…` : line));
  if (ruler) {
    ruler.font = `${FONT_SIZE}px ${FONT}`;
  }
  const widths = lines.map((line) => ruler?.measureText(line).width ?? line.length * 7);
  return {
    label: lines.join("\n"),
    width: Math.max(...widths) + PADDING,
    height: lines.length * LINE + PADDING,
  };
}

function styleOf(colouring: Colouring): cytoscape.StylesheetJson {
  const text = tokenColour("--text");
  const error = tokenColour("--error");
  const muted = tokenColour("--border-strong");
  const accent = tokenColour("--accent");
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        width: "data(width)",
        height: "data(height)",
        label: "data(label)",
        color: text,
        "font-family": FONT,
        "font-size": FONT_SIZE,
        "line-height": LINE / FONT_SIZE,
        "text-wrap": "wrap",
        "text-valign": "center",
        "text-halign": "center",
        "border-width": 1.5,
        "border-color": (node: cytoscape.NodeSingular) => lineOf(node, colouring),
        "background-color": (node: cytoscape.NodeSingular) => surfaceOf(node, colouring),
        "overlay-opacity": 0,
        "min-zoomed-font-size": 5,
      },
    },
    {
      selector: "node[?isMissing]",
      style: { "border-style": "dashed", color: tokenColour("--text-muted") },
    },
    {
      selector: "edge",
      style: {
        width: "data(width)",
        label: "data(label)",
        color: tokenColour("--text-muted"),
        "font-family": FONT,
        "font-size": 11,
        "text-wrap": "wrap",
        "text-background-color": tokenColour("--surface"),
        "text-background-opacity": 0.9,
        "text-background-padding": "2px",
        "curve-style": "bezier",
        "target-arrow-shape": "triangle",
        "line-color": muted,
        "target-arrow-color": muted,
        "overlay-opacity": 0,
        "min-zoomed-font-size": 6,
      },
    },
    {
      selector: "edge[errors > 0]",
      style: { "line-color": error, "target-arrow-color": error, color: error },
    },
    { selector: "edge[?isFaint]", style: { opacity: 0.35 } },
    { selector: ".behind", style: { opacity: 0.3 } },
    { selector: "node.selected", style: { "border-width": 3.5, "border-color": accent } },
    {
      selector: "edge.selected",
      style: { "line-color": accent, "target-arrow-color": accent, "z-index": 9 },
    },
  ];
}

/** Parts of the strongest tint, so that small shares differ from none. */
const tint = (share: number) => Math.round(6 + 64 * Math.sqrt(Math.min(1, share)));

function surfaceOf(node: cytoscape.NodeSingular, colouring: Colouring): string {
  const [colour, strength] =
    colouring === "service"
      ? [serviceColour(node.data("service")), 16]
      : colouring === "time"
        ? ["var(--warning)", tint(node.data("share"))]
        : ["var(--error)", node.data("errors") > 0 ? tint(node.data("errors")) : 0];
  return resolvedColour(
    node.data("isMissing")
      ? "var(--surface-sunken)"
      : `color-mix(in oklab, ${colour} ${strength}%, var(--surface))`,
  );
}

function lineOf(node: cytoscape.NodeSingular, colouring: Colouring): string {
  return colouring === "service" && !node.data("isMissing")
    ? resolvedColour(serviceColour(node.data("service")))
    : colouring === "errors" && node.data("errors") > 0
      ? tokenColour("--error")
      : tokenColour("--border-strong");
}
