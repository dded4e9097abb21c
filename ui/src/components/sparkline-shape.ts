/** Paths of sparklines, in pixels of their box. */

/** Pixels left free above the highest value, for the width of the line. */
const HEAD = 2;
/** Pixels at the foot that marks of errors have. */
const FOOT = 3;

/** Return the line through the values; empty if there are none. */
export function lineOf(values: readonly number[], width: number, height: number): string {
  return points(values, width, height)
    .map(([x, y], index) => `${index ? "L" : "M"}${x} ${y}`)
    .join("");
}

/** Return what lies below the line. */
export function areaOf(values: readonly number[], width: number, height: number): string {
  const line = lineOf(values, width, height);
  return line && `${line}L${width} ${height}L0 ${height}Z`;
}

/** Return a stroke at the foot for each step that has errors. */
export function marksOf(errors: readonly number[], width: number, height: number): string {
  const step = width / Math.max(1, errors.length);
  return errors
    .map((count, index) =>
      count > 0 ? `M${round(index * step)} ${height - FOOT / 2}h${round(Math.max(1.5, step))}` : "",
    )
    .join("");
}

function points(values: readonly number[], width: number, height: number): [number, number][] {
  const [only] = values;
  if (only === undefined) {
    return [];
  }
  // A line needs two ends.
  const ends = values.length === 1 ? [only, only] : values;
  const highest = Math.max(...ends, Number.MIN_VALUE);
  const high = height - HEAD - FOOT;
  return ends.map((value, index) => [
    round((index / (ends.length - 1)) * width),
    round(HEAD + high * (1 - value / highest)),
  ]);
}

const round = (pixels: number) => Math.round(pixels * 10) / 10;
