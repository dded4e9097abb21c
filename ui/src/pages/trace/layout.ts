/** What drawing a trace needs of it, computed once for each trace. */
import type { Span, Trace } from "./view";

/** Nanoseconds from the start of the trace. */
export interface Stretch {
  start: number;
  end: number;
}

export interface Layout {
  /** Nanoseconds since the epoch of the earliest span. */
  startNano: bigint;
  /** Nanoseconds from the earliest start to the latest end; at least 1. */
  length: number;
  /** By span index. */
  stretches: readonly Stretch[];
  /** Indexes of the children by index of the parent, in the order of the trace. */
  children: readonly (readonly number[])[];
  /** Index behind the last span of the subtree, by span index. */
  subtreeEnd: readonly number[];
  /** What of the critical path is a span's own, for those that are on it. */
  critical: ReadonlyMap<number, readonly Stretch[]>;
  /** Of the deepest span; 0 if there are roots only. */
  maxDepth: number;
}

const layouts = new WeakMap<Trace, Layout>();

export function layoutOf(trace: Trace): Layout {
  let layout = layouts.get(trace);
  if (!layout) {
    layout = laidOut(trace);
    layouts.set(trace, layout);
  }
  return layout;
}

function laidOut({ spans, critical_path, summary }: Trace): Layout {
  const starts = spans.map((span) => BigInt(span.start_time_unix_nano));
  let startNano = starts[0] ?? BigInt(summary.start_time_unix_nano);
  for (const start of starts) {
    if (start < startNano) {
      startNano = start;
    }
  }
  const stretches = spans.map((span, index) => {
    const start = Number((starts[index] ?? startNano) - startNano);
    return { start, end: start + Number(span.duration_nano) };
  });
  const children: number[][] = spans.map(() => []);
  const subtreeEnd = spans.map((_, index) => index + 1);
  for (const [index, { parent_index }] of spans.entries()) {
    children[parent_index ?? -1]?.push(index);
  }
  // Parents come before their children, so that from the end every subtree is whole.
  for (let index = spans.length - 1; index >= 0; index--) {
    const parent = spans[index]?.parent_index;
    if (parent != null) {
      subtreeEnd[parent] = Math.max(subtreeEnd[parent] ?? 0, subtreeEnd[index] ?? 0);
    }
  }
  const critical = new Map<number, Stretch[]>();
  for (const part of critical_path) {
    const start = Number(BigInt(part.start_time_unix_nano) - startNano);
    const own = critical.get(part.span_index) ?? [];
    own.push({ start, end: start + Number(part.duration_nano) });
    critical.set(part.span_index, own);
  }
  return {
    startNano,
    length: stretches.reduce((end, stretch) => Math.max(end, stretch.end), 1),
    stretches,
    children,
    subtreeEnd,
    critical,
    maxDepth: spans.reduce((depth, span) => Math.max(depth, span.depth), 0),
  };
}

/** A bar tells own time apart in at most so many parts: finer ones would not be seen. */
const OWN_PARTS = 200;

/** Return when a span ran while none of its children did, rising. */
export function ownStretches({ stretches, children }: Layout, index: number): Stretch[] {
  const { start, end } = stretches[index] ?? { start: 0, end: 0 };
  const least = (end - start) / OWN_PARTS;
  const own: Stretch[] = [];
  let free = start;
  const add = (until: number) => {
    if (until > free && until - free >= least) {
      own.push({ start: free, end: until });
    }
  };
  const below = (children[index] ?? [])
    .flatMap((child) => stretches[child] ?? [])
    .toSorted((a, b) => a.start - b.start);
  for (const child of below) {
    if (child.start >= end) {
      break;
    }
    add(child.start);
    free = Math.max(free, child.end);
  }
  add(end);
  return own;
}

/**
 * Return names of the spans for the address, by index: their ids, told apart where several spans
 * have the same, as caller and callee do in Zipkin's way.
 */
export function spanNames(spans: readonly Pick<Span, "span_id">[]): readonly string[] {
  const seen = new Map<string, number>();
  return spans.map(({ span_id }) => {
    const count = (seen.get(span_id) ?? 0) + 1;
    seen.set(span_id, count);
    return count === 1 ? span_id : `${span_id}.${count}`;
  });
}
