/** How what a node or an edge is like is drawn: colours, and shapes by kind. */
import type { Schema } from "../../api/client";

export type PlaceKind = Schema<"PlaceKind">;
export type Kind = PlaceKind | "operation";

/** What an element is like, worst last among those of one graph. */
export type Look =
  | "idle"
  | "na"
  | "healthy"
  | "slow"
  | "degraded"
  | "failure"
  // Of comparisons:
  | "same"
  | "better"
  | "new"
  | "gone"
  | "worse"
  | "much_worse";

export const LOOK_COLOUR: Record<Look, `--${string}`> = {
  idle: "--border-strong",
  na: "--border-strong",
  healthy: "--healthy",
  slow: "--warning",
  degraded: "--warning",
  failure: "--error",
  same: "--border-strong",
  better: "--healthy",
  new: "--info",
  gone: "--text-muted",
  worse: "--warning",
  much_worse: "--error",
};

/** Looks that carry a warning sign, so that their colour is not the only one. */
export const ALARMING: ReadonlySet<Look> = new Set(["degraded", "failure", "worse", "much_worse"]);

/** Corners of a shape within a square from -1 to 1; none is a circle. */
export type Corners = readonly (readonly [number, number])[];

const CIRCLE: Corners = [];

export const SHAPES: Record<Kind, Corners> = {
  workload: CIRCLE,
  service: [
    [0, -1],
    [1, 0.85],
    [-1, 0.85],
  ],
  operation: regular(5, -Math.PI / 2),
  gateway: [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ],
  waypoint: regular(6, 0),
  database: [
    [-0.8, -0.75],
    [-0.45, -0.92],
    [0, -1],
    [0.45, -0.92],
    [0.8, -0.75],
    [0.8, 0.75],
    [0.45, 0.92],
    [0, 1],
    [-0.45, 0.92],
    [-0.8, 0.75],
  ],
  messaging: [
    [-0.5, -0.8],
    [1, -0.8],
    [0.5, 0.8],
    [-1, 0.8],
  ],
  external: regular(8, Math.PI / 8),
  ingress: [
    [-0.9, -0.75],
    [0.3, -0.75],
    [1, 0],
    [0.3, 0.75],
    [-0.9, 0.75],
  ],
  unknown: [
    [-0.8, -0.8],
    [0.8, -0.8],
    [0.8, 0.8],
    [-0.8, 0.8],
  ],
};

/** Width and height of a node in pixels at a zoom of 1. */
export const NODE_SIZE = 34;

function regular(corners: number, turn: number): Corners {
  return Array.from({ length: corners }, (_, index) => {
    const angle = turn + (index * 2 * Math.PI) / corners;
    return [rounded(Math.cos(angle)), rounded(Math.sin(angle))] as const;
  });
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
