/** Signs at the middle of edges and at nodes: that something is wrong, that mTLS protects it. */
import type { Point } from "./layout";
import { ALARMING, type Look, NODE_SIZE } from "./looks";

export interface Mark extends Point {
  sign: "alarm" | "lock";
  look: Look;
}

/** Shapes around the origin, as paths that a canvas and SVG take alike. */
export const SIGNS = {
  alarm: { body: "M0 -7L7.5 6H-7.5Z", strokes: "M0 -2.6V1.4M0 3.6V3.7" },
  lock: { body: "M-4 -1H4V5H-4Z", strokes: "M-2.5 -1V-3A2.5 2.5 0 0 1 2.5 -3V-1" },
} as const;

/** Return the mark of a node, if it has one. */
export const nodeMark = (look: Look, { x, y }: Point): Mark[] =>
  ALARMING.has(look)
    ? [{ sign: "alarm", look, x: x + NODE_SIZE * 0.42, y: y - NODE_SIZE * 0.42 }]
    : [];

/**
 * Return the marks of an edge, left and right of each other.
 *
 * @param at a place of the edge that its label leaves free.
 */
export function edgeMarks(look: Look, isMutualTls: boolean, at: Point): Mark[] {
  const signs = [
    ...(ALARMING.has(look) ? (["alarm"] as const) : []),
    ...(isMutualTls ? (["lock"] as const) : []),
  ];
  return signs.map((sign, index) => ({ sign, look, x: at.x + index * 16, y: at.y }));
}
