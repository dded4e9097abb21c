/** Puts a scene into cytoscape: what was there and is still there stays the same element. */
import type cytoscape from "cytoscape";
import { edgeWidth } from "./drawing-style";
import type { Point, Positions } from "./layout";
import type { Scene, SceneEdge, SceneNode } from "./scene";

interface ElementData {
  id: string;
  [key: string]: unknown;
}

export function update(
  graph: cytoscape.Core,
  { nodes, edges, boxes }: Scene,
  positions: Positions,
): void {
  const ids = new Set([...nodes, ...edges, ...boxes].map(({ id }) => id));
  // Nodes leave a box before it goes, for it would take them with it.
  graph.nodes().forEach((node) => {
    if (node.parent().nonempty() && !ids.has(node.parent().first().id())) {
      node.move({ parent: null });
    }
  });
  graph.elements().forEach((element) => {
    if (!ids.has(element.id())) {
      element.remove();
    }
  });
  for (const { id, label } of boxes) {
    put(graph, "nodes", { id, label, isBox: true });
  }
  for (const node of nodes) {
    const added = put(graph, "nodes", nodeData(node), positions[node.id]);
    added.toggleClass("found", node.isFound);
  }
  for (const { id, box } of [...boxes, ...nodes]) {
    const node = graph.getElementById(id);
    const parent = box && ids.has(box) ? box : null;
    if ((node.parent().first().id() ?? null) !== parent) {
      node.move({ parent });
    }
  }
  for (const edge of edges) {
    put(graph, "edges", edgeData(edge)).toggleClass("found", edge.isFound);
  }
}

function put(graph: cytoscape.Core, group: "nodes" | "edges", data: ElementData, position?: Point) {
  const known = graph.getElementById(data.id);
  if (known.empty()) {
    return graph.add({ group, data, ...(position && { position: { ...position } }) });
  }
  known.data(data);
  if (position) {
    known.position({ ...position });
  }
  return known;
}

const nodeData = ({ id, label, kind, look }: SceneNode) => ({
  id,
  label,
  kind,
  look,
  isIdle: look === "idle" || look === "gone",
  isBox: false,
});

const edgeData = ({ id, source, target, label, look, edge }: SceneEdge) => ({
  id,
  source,
  target,
  label,
  look,
  width: edgeWidth(edge.rate, look),
  isAsynchronous: edge.asynchronous,
  isInferred: edge.inferred,
});
