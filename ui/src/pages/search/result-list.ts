/** The traces that are loaded, page by page, and those that come in on top. */
import type { Schema } from "../../api/client";

export type Summary = Schema<"TraceSummary">;
export type Page = Schema<"SearchResult">;

export interface Loaded {
  traces: readonly Summary[];
  /** Asks for what follows the oldest; null if nothing does. */
  nextCursor: string | null;
  pages: number;
  /** Ids of those that came in with the last answer. */
  fresh: ReadonlySet<string>;
  /** Ids that were asked for and are not stored. */
  missingIds: readonly string[];
}

/** With more of them than this, what comes in pushes the older pages out. */
const MAX_LIVE = 1000;

export const firstPage = (page: Page): Loaded => ({
  traces: page.traces,
  nextCursor: page.next_cursor,
  pages: 1,
  fresh: new Set(),
  missingIds: page.missing_trace_ids,
});

/** Return the list with the page behind its last one. */
export function appended(loaded: Loaded, page: Page): Loaded {
  const known = new Set(loaded.traces.map((trace) => trace.trace_id));
  return {
    ...loaded,
    traces: [...loaded.traces, ...page.traces.filter((trace) => !known.has(trace.trace_id))],
    nextCursor: page.next_cursor,
    pages: loaded.pages + 1,
  };
}

/** Return the list with the newest page as it is now. */
export function renewed(loaded: Loaded, page: Page): Loaded {
  const known = new Set(loaded.traces.map((trace) => trace.trace_id));
  const fresh = new Set(page.traces.map((trace) => trace.trace_id).filter((id) => !known.has(id)));
  const isConnected = fresh.size < page.traces.length || page.next_cursor === null;
  if (!isConnected || loaded.traces.length + fresh.size > MAX_LIVE) {
    return { ...loaded, traces: page.traces, nextCursor: page.next_cursor, fresh };
  }
  const renewedIds = new Set(page.traces.map((trace) => trace.trace_id));
  const older = loaded.traces.filter((trace) => !renewedIds.has(trace.trace_id));
  // A late span may have moved the start of a trace that is in the page.
  return { ...loaded, traces: [...page.traces, ...older].toSorted(newestFirst), fresh };
}

function newestFirst(a: Summary, b: Summary): number {
  const [first, second] = [BigInt(a.start_time_unix_nano), BigInt(b.start_time_unix_nano)];
  return first < second ? 1 : first > second ? -1 : 0;
}
