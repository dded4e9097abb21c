/** Frames of the flame graph: calls below their callers, as wide as the work in them. */
import type { Trace } from "../view";

export interface Frame {
  /** Indexes in `trace.spans`; several where equal calls are merged. */
  spans: number[];
  parent: number | null;
  children: number[];
  level: number;
  /** Nanoseconds that the spans took themselves, without their children. */
  own: number;
  /** `own` of this frame and of all below it. */
  total: number;
  /** Parts of the whole width, from 0 to 1. */
  start: number;
  end: number;
}

export interface Flame {
  /** Parents before their children. */
  frames: readonly Frame[];
  /** Indexes of frames by level, from left to right. */
  levels: readonly (readonly number[])[];
  /** Index of the frame by index of the span. */
  frameOf: readonly number[];
}

/** Return the frames; with `merges` calls of one operation from the same place are one frame. */
export function flameOf({ spans }: Pick<Trace, "spans">, merges: boolean): Flame {
  const frames: Frame[] = [];
  const frameOf: number[] = [];
  const known = new Map<string, number>();
  for (const [index, span] of spans.entries()) {
    const parent = span.parent_index === null ? null : (frameOf[span.parent_index] ?? null);
    const key = merges ? JSON.stringify([parent, span.service_name, span.name]) : String(index);
    let at = known.get(key);
    if (at === undefined) {
      at = frames.length;
      known.set(key, at);
      frames.push(emptyFrame(parent, parent === null ? 0 : (frames[parent]?.level ?? 0) + 1));
      if (parent !== null) {
        frames[parent]?.children.push(at);
      }
    }
    const frame = frames[at] as Frame;
    frame.spans.push(index);
    // A span without any time of its own is still to be seen, if only when zoomed in.
    frame.own += Math.max(1, Number(span.self_time_nano));
    frameOf.push(at);
  }
  for (const frame of frames.toReversed()) {
    frame.total += frame.own;
    if (frame.parent !== null) {
      (frames[frame.parent] as Frame).total += frame.total;
    }
  }
  place(frames);
  return { frames, levels: levelsOf(frames), frameOf };
}

const emptyFrame = (parent: number | null, level: number): Frame => ({
  spans: [],
  parent,
  children: [],
  level,
  own: 0,
  total: 0,
  start: 0,
  end: 0,
});

/** Place frames side by side in the order of their first calls. */
function place(frames: readonly Frame[]): void {
  const whole = frames.reduce((sum, { parent, total }) => sum + (parent === null ? total : 0), 0);
  const free = new Map<number | null, number>();
  for (const [index, frame] of frames.entries()) {
    frame.start = free.get(frame.parent) ?? 0;
    frame.end = frame.start + frame.total / whole;
    free.set(frame.parent, frame.end);
    free.set(index, frame.start);
  }
}

function levelsOf(frames: readonly Frame[]): number[][] {
  const levels: number[][] = [];
  for (const [index, { level }] of frames.entries()) {
    levels[level] ??= [];
    levels[level].push(index);
  }
  const startOf = (index: number) => frames[index]?.start ?? 0;
  for (const level of levels) {
    level.sort((a, b) => startOf(a) - startOf(b));
  }
  return levels;
}

/** Return the frame of a level at a part of the whole width; undefined if there is none. */
export function frameAt({ frames, levels }: Flame, level: number, part: number) {
  const row = levels[level] ?? [];
  let low = 0;
  let high = row.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const index = row[middle] as number;
    const { start, end } = frames[index] as Frame;
    if (part < start) {
      high = middle - 1;
    } else if (part >= end) {
      low = middle + 1;
    } else {
      return index;
    }
  }
  return undefined;
}

/** Return the frames above one, the outermost first. */
export function framesAbove({ frames }: Flame, index: number): number[] {
  const above: number[] = [];
  for (let at = frames[index]?.parent ?? null; at !== null; at = frames[at]?.parent ?? null) {
    above.unshift(at);
  }
  return above;
}

/**
 * Return the frame that an arrow key leads to: up to the caller, down to the widest call, aside
 * to the neighbour on the same level within `zoom`; the same if there is none.
 */
export function walkedFrame(flame: Flame, from: number, key: string, zoom: number | null): number {
  const { frames, levels } = flame;
  const frame = frames[from];
  if (!frame) {
    return from;
  }
  const widest = (indexes: readonly number[]) =>
    indexes.reduce<number | undefined>(
      (best, each) =>
        best !== undefined && (frames[best]?.total ?? 0) >= (frames[each]?.total ?? 0)
          ? best
          : each,
      undefined,
    );
  switch (key) {
    case "ArrowUp":
      return frame.parent ?? from;
    case "ArrowDown":
      return widest(frame.children) ?? from;
    default: {
      const row = levels[frame.level] ?? [];
      const next = row[row.indexOf(from) + (key === "ArrowRight" ? 1 : -1)];
      return next !== undefined && isWithin(flame, next, zoom) ? next : from;
    }
  }
}

/** Whether a frame is in sight while `zoom` fills the width. */
export function isWithin({ frames }: Flame, index: number, zoom: number | null): boolean {
  const frame = frames[index];
  const whole = zoom === null ? undefined : frames[zoom];
  return !frame || !whole || (frame.end > whole.start && frame.start < whole.end);
}
