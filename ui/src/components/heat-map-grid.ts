/** What a heat map shows, and where: cells of time and duration, and how the keyboard walks them. */

/** How many durations fell into which bucket, over time, as `/api/v1/metrics/*` has it. */
export interface Durations {
  /** Starts of the steps, seconds since the epoch, rising. */
  starts: readonly number[];
  /** End of the last step, seconds since the epoch. */
  end: number;
  /** Upper bounds of the buckets in milliseconds, rising by the same factor. */
  bounds: readonly number[];
  /** Of each step, of each bucket. */
  counts: readonly (readonly number[])[];
}

/** The cells that are drawn: buckets are put together until they are high enough to see. */
export interface Grid {
  starts: readonly number[];
  end: number;
  /** Bounds of the rows in milliseconds, from the lowest; one more than there are rows. */
  edges: readonly number[];
  /** By column, then row. */
  counts: readonly (readonly number[])[];
  highest: number;
}

/** A rectangle of cells; the numbers are inclusive. */
export interface Cells {
  fromColumn: number;
  toColumn: number;
  fromRow: number;
  toRow: number;
}

/** Width of the API's buckets, for one that stands alone. */
const BUCKET_FACTOR = 2 ** (1 / 8);

/** Return the grid of at most `maxRows` rows. */
export function gridOf({ starts, end, bounds, counts }: Durations, maxRows: number): Grid {
  const [first = 1, second = first * BUCKET_FACTOR] = bounds;
  const merged = Math.max(1, Math.ceil(bounds.length / maxRows));
  const edges = [first / (second / first)];
  for (let bucket = 0; bucket < bounds.length; bucket += merged) {
    // The last row is as high as the others, so that a place and a duration stay in step.
    edges.push((edges[0] ?? first) * (second / first) ** (bucket + merged));
  }
  const rows = edges.length - 1;
  const summed = counts.map((column) =>
    Array.from({ length: rows }, (_, row) =>
      column.slice(row * merged, (row + 1) * merged).reduce((sum, count) => sum + count, 0),
    ),
  );
  return { starts, end, edges, counts: summed, highest: Math.max(0, ...summed.flat()) };
}

/** Return the duration below which a share of all calls of the columns stay; null without calls. */
export function quantile(
  bounds: readonly number[],
  columns: readonly (readonly number[])[],
  share: number,
): number | null {
  const [first = 1, second = first * BUCKET_FACTOR] = bounds;
  const total = columns.reduce((sum, column) => sum + column.reduce((a, b) => a + b, 0), 0);
  let left = share * total;
  for (const [bucket, bound] of bounds.entries()) {
    left -= columns.reduce((sum, column) => sum + (column[bucket] ?? 0), 0);
    if (total > 0 && left <= 0) {
      return bound / Math.sqrt(second / first); // the middle of the bucket, as the API answers
    }
  }
  return null;
}

export const rowCount = (grid: Grid) => grid.edges.length - 1;

export const single = (column: number, row: number): Cells => ({
  fromColumn: column,
  toColumn: column,
  fromRow: row,
  toRow: row,
});

/** Return the rectangle with two cells at its corners. */
export const between = (a: Cells, b: Cells): Cells => ({
  fromColumn: Math.min(a.fromColumn, b.fromColumn),
  toColumn: Math.max(a.toColumn, b.toColumn),
  fromRow: Math.min(a.fromRow, b.fromRow),
  toRow: Math.max(a.toRow, b.toRow),
});

/** Return how many calls are in the cells. */
export function countIn(grid: Grid, cells: Cells): number {
  let sum = 0;
  for (const column of grid.counts.slice(cells.fromColumn, cells.toColumn + 1)) {
    sum += column.slice(cells.fromRow, cells.toRow + 1).reduce((a, b) => a + b, 0);
  }
  return sum;
}

/** Return the newest of the slowest cells with calls, where a walk best begins; null of none. */
export function slowestCell(grid: Grid): Cells | null {
  for (let row = rowCount(grid) - 1; row >= 0; row--) {
    for (let column = grid.counts.length - 1; column >= 0; column--) {
      if (grid.counts[column]?.[row]) {
        return single(column, row);
      }
    }
  }
  return null;
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Return the cell that an arrow key leads to; undefined for another key. */
export function walked(grid: Grid, cell: Cells, key: string): Cells | undefined {
  const step = STEPS[key];
  return (
    step &&
    single(
      clamped(cell.fromColumn + step[0], grid.starts.length),
      clamped(cell.fromRow + step[1], rowCount(grid)),
    )
  );
}

/** Return what the cells stand for: seconds since the epoch, and milliseconds. */
export function extent(grid: Grid, cells: Cells) {
  return {
    from: grid.starts[cells.fromColumn] ?? 0,
    to: grid.starts[cells.toColumn + 1] ?? grid.end,
    minMs: grid.edges[cells.fromRow] ?? 0,
    maxMs: grid.edges[cells.toRow + 1] ?? 0,
  };
}

export const clamped = (index: number, length: number) =>
  Math.max(0, Math.min(length - 1, Math.floor(index)));
