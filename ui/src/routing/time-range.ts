/** The time range of a page, in the address as the API takes it: `last=15m`, or `from` and `to`. */
import { query } from "./location";

export interface TimeRange {
  /** Length back from now, or from `to`; absent when `from` says when it starts. */
  last?: string;
  /** RFC 3339 or nanoseconds since the epoch. */
  from?: string;
  to?: string;
}

/** Return the range in the address, else the last `defaultLast`. */
export function timeRange(defaultLast: string): TimeRange {
  const [last, from, to] = ["last", "from", "to"].map((name) => query.value.get(name) || undefined);
  if (from) {
    return { from, ...(to && { to }) };
  }
  return { last: last ?? defaultLast, ...(to && { to }) };
}

/** Whether the range ends now and moves on. */
export const isMoving = (range: TimeRange) => range.to === undefined;

/** Return a range of nanoseconds as the API takes it. */
export const rangeBetween = (fromNano: bigint | string, toNano: bigint | string): TimeRange => ({
  from: String(fromNano),
  to: String(toNano),
});

/** Return seconds since the epoch, as charts have times, as nanoseconds. */
export const secondsToNano = (seconds: number) => BigInt(Math.round(seconds * 1000)) * 1_000_000n;

/** Return a range of seconds since the epoch, such as one that was brushed on a chart. */
export const rangeOfSeconds = (from: number, to: number): TimeRange =>
  rangeBetween(secondsToNano(from), secondsToNano(to));
