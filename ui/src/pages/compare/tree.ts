/** The merged tree of two sides: what differs, and which rows to show. */
import type { Schema } from "../../api/client";

export type Comparison = Schema<"TraceComparison">;
export type Aligned = Comparison["spans"][number];
export type Figures = Schema<"AlignedFigures">;

export const DIFFERENCES = ["slower", "faster", "new", "missing", "status_changed"] as const;
export type Difference = (typeof DIFFERENCES)[number];

export const differs = (span: Aligned, by: Difference): boolean =>
  by === "status_changed" ? span.status_changed : span.change === by;

/** Return how many spans differ, by way. */
export const counts = ({ spans }: Pick<Comparison, "spans">): Record<Difference, number> =>
  Object.fromEntries(
    DIFFERENCES.map((by) => [by, spans.filter((span) => differs(span, by)).length]),
  ) as Record<Difference, number>;

export interface Row {
  /** Index in `spans`. */
  index: number;
  /** Whether it is there only for the rows below it. */
  isContext: boolean;
}

/** Return the rows in the order of the tree: all, or those that differ and what is above them. */
export function rowsOf({ spans }: Pick<Comparison, "spans">, only: Difference | null): Row[] {
  if (only === null) {
    return spans.map((_, index) => ({ index, isContext: false }));
  }
  const shown = new Map<number, Row>();
  for (const [index, span] of spans.entries()) {
    if (differs(span, only)) {
      shown.set(index, { index, isContext: false });
      for (let at = span.parent_index; at !== null && !shown.has(at); ) {
        shown.set(at, { index: at, isContext: true });
        at = spans[at]?.parent_index ?? null;
      }
    }
  }
  return [...shown.values()].toSorted((a, b) => a.index - b.index);
}

/** Return the end of the later side, nanoseconds from the start of each trace; at least 1. */
export const lengthOf = ({ a, b, spans }: Comparison): number =>
  spans.reduce(
    (end, span) => Math.max(end, endOf(span.a), endOf(span.b)),
    Math.max(1, Number(a.duration_nano), Number(b.duration_nano)),
  );

const endOf = (figures: Figures | null) =>
  figures ? Number(figures.offset_nano) + Number(figures.duration_nano) : 0;

export interface Contribution {
  index: number;
  /** Nanoseconds that the span takes itself in B, less those in A. */
  difference: number;
}

/** Return where the difference is made: by time of the spans' own, in the sense of the whole. */
export function contributions(comparison: Comparison, most: number): Contribution[] {
  const sign = Math.sign(Number(comparison.difference_nano)) || 1;
  const own = (figures: Figures | null) => Number(figures?.self_time_nano ?? 0);
  return comparison.spans
    .map(({ a, b }, index) => ({ index, difference: own(b) - own(a) }))
    .filter(({ difference }) => difference * sign > 0)
    .toSorted((x, y) => sign * (y.difference - x.difference))
    .slice(0, most);
}

/** Return an outcome as people say it, such as `503 UH`; empty if nothing is known. */
export const outcomeText = ({ outcome: { code, response_flags, error } }: Figures): string =>
  [code || (error ? "error" : ""), response_flags].filter(Boolean).join(" ");

/** Return the next row, in a direction, that differs in any way; the first after the last one. */
export function nextDifference(
  { spans }: Pick<Comparison, "spans">,
  rows: readonly Row[],
  selected: number | null,
  step: 1 | -1,
): number | undefined {
  const wanted = rows
    .map(({ index }) => index)
    .filter((index) => spans[index]?.change !== "same" || spans[index]?.status_changed);
  return step > 0
    ? (wanted.find((index) => index > (selected ?? -1)) ?? wanted[0])
    : (wanted.findLast((index) => index < (selected ?? spans.length)) ?? wanted.at(-1));
}
