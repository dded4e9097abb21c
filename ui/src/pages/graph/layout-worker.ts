/** Lays graphs out beside the page, which stays answerable: large ones take seconds. */
import cytoscape from "cytoscape";
import dagre from "cytoscape-dagre";
import fcose from "cytoscape-fcose";
import type { LayoutReply, LayoutRequest } from "./layout";
import { packedLayers } from "./packed-layers";

cytoscape.use(dagre);
cytoscape.use(fcose);

const LAYERS = {
  name: "dagre",
  rankDir: "LR",
  nodeSep: 26,
  edgeSep: 14,
  rankSep: 96,
  fit: false,
  animate: false,
};
const FORCE = {
  name: "fcose",
  // From the layers, so that calls go from left to right here too, and every time alike.
  randomize: false,
  idealEdgeLength: 70,
  nodeRepulsion: 5000,
  nodeSeparation: 60,
  gravity: 0.5,
  packComponents: false,
  fit: false,
  animate: false,
};

/** Beyond these dagre takes many seconds, and so does a fair copy of forces. */
const MANY_NODES = 120;
const MANY_EDGES = 300;

self.addEventListener("message", ({ data }: MessageEvent<LayoutRequest>) => {
  const { turn, layout, nodes, edges, boxes } = data;
  const graph = cytoscape({
    headless: true,
    styleEnabled: true,
    style: [
      { selector: "node", style: { width: "data(width)", height: "data(height)" } },
      { selector: ":parent", style: { padding: "14px" } },
    ],
    elements: {
      nodes: nodes.map(({ id, width, height }) => ({ data: { id, width, height } })),
      edges: edges.map(([source, target]) => ({ data: { source, target } })),
    },
  });
  const isLarge = nodes.length > MANY_NODES || edges.length > MANY_EDGES;
  if (isLarge) {
    const start = packedLayers(
      nodes.map(({ id }) => id),
      edges,
    );
    graph.nodes().positions((node) => start[node.id()] ?? { x: 0, y: 0 });
  } else {
    graph.layout(LAYERS).run();
  }
  if (layout === "force" || boxes.length > 0) {
    addFrames(graph, data);
    const isDone = layout === "layers" && !isLarge && isFramedInLayers(graph);
    if (!isDone) {
      const force = { ...FORCE, quality: isLarge ? "default" : "proof" };
      graph.layout(force).run();
    }
  }
  const positions: LayoutReply["positions"] = {};
  for (const { id } of nodes) {
    positions[id] = { ...graph.getElementById(id).position() };
  }
  graph.destroy();
  self.postMessage({ turn, positions } satisfies LayoutReply);
});

function addFrames(graph: cytoscape.Core, { boxes, nodes }: LayoutRequest): void {
  graph.add(boxes.map(({ id }) => ({ data: { id, width: 1, height: 1 } })));
  for (const { id, box } of [...boxes, ...nodes]) {
    if (box) {
      graph.getElementById(id).move({ parent: box });
    }
  }
}

/** Lay out in layers that keep to the frames; false if dagre refuses the graph, as it may. */
function isFramedInLayers(graph: cytoscape.Core): boolean {
  try {
    graph.layout(LAYERS).run();
    return true;
  } catch {
    return false;
  }
}
