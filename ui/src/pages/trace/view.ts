/** What every view of a trace gets, and which views there are. */
import type { Schema } from "../../api/client";

export type Trace = Schema<"Trace">;
export type Span = Schema<"Span">;

export interface ViewProps {
  trace: Trace;
  /** Index in `trace.spans`. */
  selected: number | null;
  onSelect: (index: number | null) => void;
  /** Indexes of the spans that the search inside of the trace found; null if nothing is sought. */
  matches: ReadonlySet<number> | null;
  /**
   * Id under which the API has exactly this trace, such as for its OTLP form; null for one that
   * was stitched or uploaded.
   */
  storedId: string | null;
}

export const VIEWS = ["timeline", "table", "flame", "statistics", "graph", "raw"] as const;
export type View = (typeof VIEWS)[number];
