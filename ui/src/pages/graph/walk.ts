/** The way of the keyboard through the graph: along edges, else to what is nearest. */
import type { Point, Positions } from "./layout";
import type { Scene } from "./scene";

const STEPS: Record<string, Point> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

export const isStep = (key: string) => key in STEPS;

/**
 * Return the node that an arrow key leads to: the nearest that an edge joins with this one in
 * that direction, else the nearest of all there; the same if there is none. From nowhere it is
 * the first of the graph, that is the leftmost.
 */
export function walked(from: string, key: string, scene: Scene, positions: Positions): string {
  const here = positions[from];
  const step = STEPS[key];
  if (!here || !step) {
    return leftmost(positions);
  }
  const joined = new Set(
    scene.edges.flatMap(({ source, target }) =>
      source === from ? [target] : target === from ? [source] : [],
    ),
  );
  const ahead = Object.entries(positions)
    .map(([id, { x, y }]) => {
      const along = (x - here.x) * step.x + (y - here.y) * step.y;
      const across = Math.abs((x - here.x) * step.y) + Math.abs((y - here.y) * step.x);
      // Edges may lead aside; to others the way must be straight.
      const isAhead = along > 0 && (joined.has(id) ? along > across * 0.6 : along > across);
      return { id, isAhead, distance: along + 2 * across };
    })
    .filter(({ id, isAhead }) => isAhead && id !== from)
    .sort((a, b) => a.distance - b.distance);
  return (ahead.find(({ id }) => joined.has(id)) ?? ahead[0])?.id ?? from;
}

function leftmost(positions: Positions): string {
  const [first] = Object.entries(positions).sort(([, a], [, b]) => a.x - b.x || a.y - b.y);
  return first?.[0] ?? "";
}
