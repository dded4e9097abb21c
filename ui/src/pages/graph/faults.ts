/** What is wrong in a graph. */
import { gravity } from "../../components/health";
import type { Scene, SceneEdge, SceneNode } from "./scene";

/** Return edges, and nodes whose trouble no edge tells, that are not healthy; the worst first. */
export function faultsOf({ nodes, edges }: Scene): (SceneEdge | SceneNode)[] {
  const isWrong = ({ look }: SceneEdge | SceneNode) => look === "degraded" || look === "failure";
  const told = new Set(edges.filter(isWrong).map(({ reason }) => reason));
  const alone = nodes.filter((node) => isWrong(node) && !told.has(node.reason));
  return [...edges.filter(isWrong), ...alone].sort(
    (a, b) => gravityOf(b) - gravityOf(a) || errorsOf(b) - errorsOf(a),
  );
}

const gravityOf = (item: SceneEdge | SceneNode) =>
  gravity("edge" in item ? item.edge.health : item.node.health);
const errorsOf = (item: SceneEdge | SceneNode) =>
  "edge" in item ? item.edge.error_percent : (item.node.inbound?.error_percent ?? 0);
