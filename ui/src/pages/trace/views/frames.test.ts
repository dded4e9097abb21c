import { describe, expect, it } from "vitest";
import { flameOf, frameAt, framesAbove, walkedFrame } from "./frames";

type Spans = Parameters<typeof flameOf>[0]["spans"];

const spans = (...drafts: [string, number | null, number][]) =>
  drafts.map(([name, parent_index, own]) => ({
    name,
    service_name: "shop",
    parent_index,
    self_time_nano: String(own),
  })) as unknown as Spans;

/** a calls b twice and c once; each b calls d. */
const trace = {
  spans: spans(
    ["a", null, 10],
    ["b", 0, 20],
    ["d", 1, 5],
    ["b", 0, 30],
    ["d", 3, 15],
    ["c", 0, 20],
  ),
};

describe("a flame graph", () => {
  it("has a frame for each span, as wide as the work in and below it", () => {
    const { frames } = flameOf(trace, false);

    expect(frames.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [0, 0.25],
      [0, 0.05],
      [0.25, 0.7],
      [0.25, 0.4],
      [0.7, 0.8999999999999999],
    ]);
  });

  it("merges calls of one operation from the same place", () => {
    const { frames, frameOf } = flameOf(trace, true);

    expect(frames.map(({ spans, total }) => [spans, total])).toEqual([
      [[0], 100],
      [[1, 3], 70],
      [[2, 4], 20],
      [[5], 20],
    ]);
    expect(frameOf).toEqual([0, 1, 2, 1, 2, 3]);
  });

  it("puts several roots side by side", () => {
    const { frames, levels } = flameOf({ spans: spans(["a", null, 30], ["b", null, 10]) }, false);

    expect(frames.map(({ start, end }) => [start, end])).toEqual([
      [0, 0.75],
      [0.75, 1],
    ]);
    expect(levels).toEqual([[0, 1]]);
  });

  it("shows spans without time of their own", () => {
    const { frames } = flameOf({ spans: spans(["a", null, 0], ["b", 0, 0]) }, false);

    expect(frames.map(({ total }) => total)).toEqual([2, 1]);
  });

  it("of nothing is empty", () => {
    expect(flameOf({ spans: [] }, true)).toEqual({ frames: [], levels: [], frameOf: [] });
  });
});

describe("a place in the flame graph", () => {
  const flame = flameOf(trace, true);

  it("has the frame that is drawn there", () => {
    expect(frameAt(flame, 1, 0.5)).toBe(1);
    expect(frameAt(flame, 1, 0.75)).toBe(3);
    expect(frameAt(flame, 1, 0.95)).toBeUndefined();
    expect(frameAt(flame, 7, 0.5)).toBeUndefined();
  });

  it("is reached through the frames above it", () => {
    expect(framesAbove(flame, 2)).toEqual([0, 1]);
  });

  it("leads on by arrow keys, but not out of what is zoomed to", () => {
    expect(walkedFrame(flame, 0, "ArrowDown", null)).toBe(1);
    expect(walkedFrame(flame, 1, "ArrowRight", null)).toBe(3);
    expect(walkedFrame(flame, 1, "ArrowRight", 1)).toBe(1);
    expect(walkedFrame(flame, 3, "ArrowLeft", null)).toBe(1);
    expect(walkedFrame(flame, 2, "ArrowUp", null)).toBe(1);
    expect(walkedFrame(flame, 3, "ArrowDown", null)).toBe(3);
  });
});
