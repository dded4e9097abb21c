/** Short names of nodes that tell each from all others. */
import type { GraphNode } from "./scene";

const HOST_ENDING = /\.svc(\.cluster\.local)?(?=:|$)/;
const MAX_LENGTH = 32;

/** Return a label by node id: without what all hosts end in, with what tells equal ones apart. */
export function namesOf(nodes: readonly GraphNode[]): Map<string, string> {
  const names = new Map(nodes.map((node) => [node.id, shortened(node.label)]));
  for (const tell of [
    (node: GraphNode) => node.namespace,
    (node: GraphNode) => node.cluster,
    (node: GraphNode) => node.kind,
  ]) {
    for (const group of shared(nodes, names)) {
      // Only what differs within the group helps.
      if (new Set(group.map(tell)).size > 1) {
        for (const node of group) {
          const told = tell(node);
          names.set(node.id, `${names.get(node.id)}${told ? `\n${told}` : ""}`);
        }
      }
    }
  }
  return names;
}

function shared(nodes: readonly GraphNode[], names: Map<string, string>): GraphNode[][] {
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const name = names.get(node.id) ?? "";
    groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

export function shortened(label: string): string {
  const short = label.replace(HOST_ENDING, "");
  return short.length > MAX_LENGTH ? `${short.slice(0, MAX_LENGTH - 1)}…` : short;
}
