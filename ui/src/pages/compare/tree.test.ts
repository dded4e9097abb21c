import { describe, expect, it } from "vitest";
import {
  type Aligned,
  type Comparison,
  contributions,
  counts,
  lengthOf,
  nextDifference,
  rowsOf,
} from "./tree";

const figures = (took: number, own = took, offset = 0) => ({
  duration_nano: String(took),
  self_time_nano: String(own),
  offset_nano: String(offset),
});

const span = (change: string, parent_index: number | null, more: object = {}) =>
  ({
    change,
    parent_index,
    status_changed: false,
    a: null,
    b: null,
    ...more,
  }) as unknown as Aligned;

/** A tree of a shop that calls a cart, which calls a new store, and a faster till. */
const spans = [
  span("slower", null, { a: figures(100, 20), b: figures(200, 30) }),
  span("same", 0, { a: figures(50, 50), b: figures(50, 40), status_changed: true }),
  span("new", 1, { b: figures(90, 90, 120) }),
  span("faster", 0, { a: figures(30, 30), b: figures(10, 10) }),
];
const comparison = {
  a: { duration_nano: "100" },
  b: { duration_nano: "200" },
  difference_nano: "100",
  spans,
} as unknown as Comparison;

describe("the merged tree", () => {
  it("has all spans", () => {
    expect(rowsOf(comparison, null).map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  it("has what differs with what is above it", () => {
    expect(rowsOf(comparison, "new")).toEqual([
      { index: 0, isContext: true },
      { index: 1, isContext: true },
      { index: 2, isContext: false },
    ]);
  });

  it("shows what differs as such even if it is above something else that does", () => {
    const both = { spans: [span("new", null), span("new", 0)] };

    expect(rowsOf(both, "new").map(({ isContext }) => isContext)).toEqual([false, false]);
  });

  it("counts what differs", () => {
    expect(counts(comparison)).toEqual({
      slower: 1,
      faster: 1,
      new: 1,
      missing: 0,
      status_changed: 1,
    });
  });

  it("leads from one difference to the next, and from the last to the first", () => {
    const next = (from: number | null, step: 1 | -1) =>
      nextDifference({ spans }, rowsOf({ spans }, null), from, step);

    expect([next(null, 1), next(1, 1), next(3, 1)]).toEqual([0, 2, 0]);
    expect([next(null, -1), next(2, -1), next(0, -1)]).toEqual([3, 1, 3]);
  });

  it("is as long as its latest end", () => {
    expect(lengthOf(comparison)).toBe(210);
  });
});

describe("what makes the difference", () => {
  it("is the time of spans' own, the most first", () => {
    expect(contributions(comparison, 3)).toEqual([
      { index: 2, difference: 90 },
      { index: 0, difference: 10 },
    ]);
  });

  it("is what got faster if the whole did", () => {
    const faster = { ...comparison, difference_nano: "-5" };

    expect(contributions(faster, 1)).toEqual([{ index: 3, difference: -20 }]);
  });
});
