/** Nodes that come to a graph which stands already. */
import type { Point, Positions } from "./layout";
import type { Scene } from "./scene";

/** Distance of a new node from its neighbour, and how far it gives way to others. */
const BESIDE = 130;
const APART = 70;

/**
 * Return positions for all nodes that move none of those that stand already: new ones are placed
 * beside their neighbours, callees to the right. Null if that would be a poor picture, because
 * most nodes are new.
 */
export function placed(scene: Scene, standing: Positions): Positions | null {
  const isNew = ({ id }: { id: string }) => !standing[id];
  const strangers = scene.nodes.filter(isNew);
  if (strangers.length * 2 > scene.nodes.length) {
    return null;
  }
  const positions: Positions = {};
  for (const { id } of scene.nodes) {
    const point = standing[id];
    if (point) {
      positions[id] = point;
    }
  }
  let waiting = strangers;
  while (waiting.length) {
    const near = waiting.filter(({ id }) => neighbourOf(id, scene, positions));
    const [next = waiting[0]] = near;
    if (!next) {
      break;
    }
    const wanted = neighbourOf(next.id, scene, positions) ?? below(Object.values(positions));
    positions[next.id] = free(wanted, Object.values(positions));
    waiting = waiting.filter((node) => node !== next);
  }
  return positions;
}

function neighbourOf(id: string, { edges }: Scene, positions: Positions): Point | undefined {
  for (const { source, target } of edges) {
    const caller = target === id ? positions[source] : undefined;
    const callee = source === id ? positions[target] : undefined;
    if (caller) {
      return { x: caller.x + BESIDE, y: caller.y };
    }
    if (callee) {
      return { x: callee.x - BESIDE, y: callee.y };
    }
  }
  return undefined;
}

function below(points: readonly Point[]): Point {
  return {
    x: Math.min(0, ...points.map(({ x }) => x)),
    y: Math.max(0, ...points.map(({ y }) => y)) + APART,
  };
}

/** Return the nearest point above or below that keeps apart from all others. */
function free({ x, y }: Point, taken: readonly Point[]): Point {
  const isTaken = (candidate: Point) =>
    taken.some((point) => Math.hypot(point.x - candidate.x, point.y - candidate.y) < APART);
  for (let step = 0; ; step++) {
    const offset = Math.ceil(step / 2) * APART * (step % 2 ? 1 : -1);
    const candidate = { x, y: y + offset };
    if (!isTaken(candidate)) {
      return candidate;
    }
  }
}
