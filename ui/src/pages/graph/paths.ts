/** Edges as lines that can be walked along. */
import type { Point } from "./layout";

export interface Path {
  points: readonly Point[];
  /** Length from the start to each point. */
  lengths: readonly number[];
}

/** Straight pieces by which a curve is replaced. */
const PIECES = 10;

/**
 * Return the line of an edge as cytoscape draws it: quadratic curves, one for each control
 * point, that meet halfway between these.
 */
export function pathOf(start: Point, controls: readonly Point[], end: Point): Path {
  const points: Point[] = [start];
  let from = start;
  for (const [index, control] of controls.entries()) {
    const next = controls[index + 1];
    const to = next ? middle(control, next) : end;
    for (let piece = 1; piece <= PIECES; piece++) {
      points.push(onCurve(from, control, to, piece / PIECES));
    }
    from = to;
  }
  if (controls.length === 0) {
    points.push(end);
  }
  const lengths = [0];
  for (let index = 1; index < points.length; index++) {
    const [a, b] = [points[index - 1] ?? start, points[index] ?? end];
    lengths.push((lengths[index - 1] ?? 0) + Math.hypot(b.x - a.x, b.y - a.y));
  }
  return { points, lengths };
}

export const lengthOf = ({ lengths }: Path) => lengths[lengths.length - 1] ?? 0;

/** Return the point at a share (0 to 1) of the way. */
export function pointAt(path: Path, share: number): Point {
  const wanted = Math.min(1, Math.max(0, share)) * lengthOf(path);
  let index = 1;
  while (index < path.lengths.length - 1 && (path.lengths[index] ?? 0) < wanted) {
    index += 1;
  }
  const a = path.points[index - 1] ?? { x: 0, y: 0 };
  const b = path.points[index] ?? a;
  const before = path.lengths[index - 1] ?? 0;
  const piece = (path.lengths[index] ?? 0) - before;
  const along = piece ? (wanted - before) / piece : 0;
  return { x: a.x + (b.x - a.x) * along, y: a.y + (b.y - a.y) * along };
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

function onCurve(a: Point, control: Point, b: Point, share: number): Point {
  const rest = 1 - share;
  const [first, second, third] = [rest * rest, 2 * rest * share, share * share];
  return {
    x: first * a.x + second * control.x + third * b.x,
    y: first * a.y + second * control.y + third * b.y,
  };
}
