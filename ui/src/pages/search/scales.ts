/** Scales of the two plots: where a time and a duration stand, and what their axes say. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * DAY),
];

/** How much a label of the time axis must say. */
export type TimeDetail = "milliseconds" | "seconds" | "minutes" | "days";

/** From one time to another, milliseconds since the epoch. */
export interface Span {
  from: number;
  to: number;
}

/**
 * Return round local times within the span, at most `count` or one more.
 *
 * @param offsetMinutes as `Date.getTimezoneOffset` gives it.
 */
export function timeTicks(
  { from, to }: Span,
  count: number,
  offsetMinutes: number,
): { at: number[]; detail: TimeDetail } {
  const step = TIME_STEPS.find((each) => (to - from) / each <= count) ?? 364 * DAY;
  const shift = offsetMinutes * MINUTE;
  const at: number[] = [];
  for (let tick = Math.ceil((from - shift) / step) * step + shift; tick <= to; tick += step) {
    at.push(tick);
  }
  const detail =
    step < SECOND ? "milliseconds" : step < MINUTE ? "seconds" : step < DAY ? "minutes" : "days";
  return { at, detail };
}

/** A scale on which equal ratios are equally far apart. */
export interface LogScale {
  /** Return where a value stands: 0 at the least, 1 at the largest. */
  position: (value: number) => number;
  /** Round values within, rising. */
  ticks: number[];
}

const LEAST = 1;

/** Return a scale with room for values of `least` to `largest`, a decade at least. */
export function logScale(least: number, largest: number): LogScale {
  const middle = Math.sqrt(Math.max(least, LEAST) * Math.max(largest, LEAST));
  const low = Math.log10(Math.min(Math.max(least, LEAST) / 1.4, middle / Math.sqrt(10)));
  const high = Math.log10(Math.max(Math.max(largest, LEAST) * 1.4, middle * Math.sqrt(10)));
  const steps = high - low < 2.2 ? [1, 2, 5] : [1];
  const skip = Math.max(1, Math.ceil((high - low) / 5));
  const ticks: number[] = [];
  for (let decade = Math.floor(low); decade <= high; decade++) {
    for (const step of decade % skip === 0 ? steps : []) {
      const value = step * 10 ** decade;
      if (Math.log10(value) >= low && Math.log10(value) <= high) {
        ticks.push(value);
      }
    }
  }
  return {
    position: (value) => (Math.log10(Math.max(value, LEAST)) - low) / (high - low),
    ticks,
  };
}

export interface Spot {
  x: number;
  y: number;
  radius: number;
}

const REACH = 8;

/** Return the index of the spot that is meant by a place; undefined if none is near. */
export function spotAt(spots: readonly Spot[], x: number, y: number): number | undefined {
  let best: number | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [index, spot] of spots.entries()) {
    const distance = Math.hypot(spot.x - x, spot.y - y);
    if (distance <= spot.radius + REACH && distance < bestDistance) {
      best = index;
      bestDistance = distance;
    }
  }
  return best;
}

/** Return a round spot as an SVG path. */
export const roundPath = ({ x, y, radius: r }: Spot) =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

/** Return a square spot that stands on its corner, as large as the round one. */
export function cornerPath({ x, y, radius }: Spot): string {
  const r = radius * 1.25;
  return `M${x} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`;
}

/** Return pixels for a number of spans: areas are as the logarithms. */
export const radiusOf = (spanCount: number) =>
  2.5 + Math.sqrt(Math.log2(Math.max(1, spanCount)) * 2.5);

/** Return a span three times as long, around the same middle unless that reached beyond `now`. */
export function widened({ from, to }: Span, now: number): Span {
  const length = to - from;
  const end = Math.min(to + length, Math.max(now, to));
  return { from: Math.max(0, end - 3 * length), to: end };
}
