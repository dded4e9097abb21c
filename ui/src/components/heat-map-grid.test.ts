import { expect, test } from "vitest";
import {
  between,
  countIn,
  type Durations,
  extent,
  gridOf,
  quantile,
  single,
  slowestCell,
  walked,
} from "./heat-map-grid";

const DURATIONS: Durations = {
  starts: [100, 160],
  end: 190,
  bounds: [2, 4, 8, 16],
  counts: [
    [1, 2, 3, 0],
    [0, 5, 0, 1],
  ],
};

test("buckets that are too many for the rows are put together", () => {
  const grid = gridOf(DURATIONS, 2);

  expect(grid.edges).toEqual([1, 4, 16]);
  expect(grid.counts).toEqual([
    [3, 3],
    [5, 1],
  ]);
  expect(grid.highest).toBe(5);
});

test("rows are equally high though the last has fewer buckets", () => {
  expect(gridOf({ ...DURATIONS, bounds: [2, 4, 8] }, 2).edges).toEqual([1, 4, 16]);
});

test("a cell stands for a stretch of time and a range of durations", () => {
  const grid = gridOf(DURATIONS, 4);

  expect(extent(grid, single(0, 2))).toEqual({ from: 100, to: 160, minMs: 4, maxMs: 8 });
  expect(extent(grid, single(1, 0))).toEqual({ from: 160, to: 190, minMs: 1, maxMs: 2 });
});

test("a rectangle has the calls of all its cells, from whichever corner it was drawn", () => {
  const grid = gridOf(DURATIONS, 4);
  const cells = between(single(1, 1), single(0, 2));

  expect(countIn(grid, cells)).toBe(10);
  expect(extent(grid, cells)).toEqual({ from: 100, to: 190, minMs: 2, maxMs: 8 });
});

test("the arrow keys walk from cell to cell and stop at the edges", () => {
  const grid = gridOf(DURATIONS, 4);

  expect(walked(grid, single(0, 0), "ArrowRight")).toEqual(single(1, 0));
  expect(walked(grid, single(1, 0), "ArrowUp")).toEqual(single(1, 1));
  expect(walked(grid, single(0, 3), "ArrowUp")).toEqual(single(0, 3));
  expect(walked(grid, single(0, 0), "Tab")).toBeUndefined();
});

test("a walk begins at the slowest calls", () => {
  expect(slowestCell(gridOf(DURATIONS, 4))).toEqual(single(1, 3));
  expect(slowestCell(gridOf({ ...DURATIONS, counts: [[], []] }, 4))).toBeNull();
});

test("a quantile is the middle of the bucket that it falls into", () => {
  const bounds = [2, 4, 8, 16];

  expect(quantile(bounds, DURATIONS.counts, 0.5)).toBeCloseTo(2 * Math.SQRT2);
  expect(quantile(bounds, DURATIONS.counts, 0.99)).toBeCloseTo(8 * Math.SQRT2);
  expect(quantile(bounds, [[0, 0, 0, 0]], 0.5)).toBeNull();
});
