/** Which part of the trace's time the timeline shows, as parts of the whole: 0 to 1. */

export interface ViewRange {
  start: number;
  end: number;
}

export const WHOLE: ViewRange = { start: 0, end: 1 };

/** Narrower is not shown: 10 ns of a second. */
const LEAST = 1e-8;

/** Return the range of the address, such as `1200-56000`: nanoseconds from the trace's start. */
export function rangeFrom(text: string | null, length: number): ViewRange {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text ?? "") ?? [];
  const range = { start: Number(from) / length, end: Number(to) / length };
  return from && to && range.end > range.start && range.start < 1 ? clamped(range) : WHOLE;
}

/** Return the range as the address has it; undefined for the whole trace. */
export function rangeText({ start, end }: ViewRange, length: number): string | undefined {
  const from = Math.round(start * length);
  const to = Math.round(end * length);
  return from <= 0 && to >= length ? undefined : `${from}-${Math.max(to, from + 1)}`;
}

/** Move by a part of what is shown, but not out of the trace. */
export function panned({ start, end }: ViewRange, by: number): ViewRange {
  const width = end - start;
  const moved = Math.min(Math.max(start + by * width, 0), 1 - width);
  return { start: moved, end: moved + width };
}

/**
 * Show `factor` times as much time.
 *
 * @param around stays where it is, as a part of the whole.
 */
export function zoomed({ start, end }: ViewRange, factor: number, around?: number): ViewRange {
  const centre = around ?? (start + end) / 2;
  return clamped({
    start: centre - (centre - start) * factor,
    end: centre + (end - centre) * factor,
  });
}

/** Return what lies between two points in either order. */
export const between = (a: number, b: number): ViewRange =>
  clamped({ start: Math.min(a, b), end: Math.max(a, b) });

function clamped({ start, end }: ViewRange): ViewRange {
  const width = Math.min(Math.max(end - start, LEAST), 1);
  const from = Math.min(Math.max(start, 0), 1 - width);
  return { start: from, end: Math.min(Math.max(end, from + width), 1) };
}

const STEPS = [1, 2, 5] as const;

/** Return round times within the range, nanoseconds, about `count` of them. */
export function ticks({ start, end }: ViewRange, length: number, count: number): number[] {
  const from = start * length;
  const to = end * length;
  const rough = Math.max((to - from) / count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, at) => first + at * step);
}
