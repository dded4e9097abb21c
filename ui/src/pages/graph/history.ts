/** The longer time over which the window of the graph travels. */
import type { Schema } from "../../api/client";
import { lengthMs } from "../../components/time-range-picker";
import type { TimeRange } from "../../routing/time-range";
import type { Window } from "./view";

export const HISTORIES = ["1h", "6h", "1d", "7d"] as const;

/** How many times a window must fit into the time that it travels over. */
const WINDOWS_IN_HISTORY = 3;

/** Return the history that an address names, else the shortest in which the window can travel. */
export function historyOf(named: string, { fromMs, toMs }: Window): string {
  const fits = (length: string) => lengthMs(length) >= WINDOWS_IN_HISTORY * (toMs - fromMs);
  return HISTORIES.find((length) => length === named) ?? HISTORIES.find(fits) ?? "7d";
}

/**
 * Return the time that the history covers: up to now, or, if the window is older than that,
 * up to a good part after it.
 */
export function spanOf(history: string, window: Window, nowMs: number): Window {
  const length = lengthMs(history);
  const toMs = window.fromMs < nowMs - length ? window.toMs + length / 4 : nowMs;
  return { fromMs: Math.min(toMs, nowMs) - length, toMs: Math.min(toMs, nowMs) };
}

/**
 * Return the parameters of the address for a window of the same length that ends at `toMs`; one
 * that would end later than now moves with it.
 */
export function travelled(
  range: TimeRange,
  { fromMs, toMs }: Window,
  endMs: number,
  nowMs: number,
): { from: string | undefined; to: string | undefined; last: string | undefined } {
  const iso = (ms: number) => new Date(ms).toISOString();
  if (range.from) {
    const end = Math.min(endMs, nowMs);
    return { last: undefined, from: iso(end - (toMs - fromMs)), to: iso(end) };
  }
  return { last: range.last, from: undefined, to: endMs >= nowMs ? undefined : iso(endMs) };
}

export interface Bar {
  fromMs: number;
  calls: number;
  errors: number;
}

/** Return calls and errors of all series, a bar a step. */
export function barsOf({ step_starts_unix_nano, series }: Schema<"MetricSeries">): Bar[] {
  return step_starts_unix_nano.map((start, index) => ({
    fromMs: Number(BigInt(start) / 1_000_000n),
    calls: series.reduce((sum, { calls }) => sum + (calls[index] ?? 0), 0),
    errors: series.reduce((sum, { errors }) => sum + (errors[index] ?? 0), 0),
  }));
}

const SECOND_MS = 1000;
const FRAMES_IN_WINDOW = 5;

/** Return by how much a replay moves the window at a time, milliseconds. */
export const frameMs = ({ fromMs, toMs }: Window) =>
  Math.max(10 * SECOND_MS, Math.round((toMs - fromMs) / FRAMES_IN_WINDOW / SECOND_MS) * SECOND_MS);
