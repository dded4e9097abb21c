/** The forms in which a trace can be read as JSON. */
import { ApiError, answer, api } from "../../../api/client";
import type { Trace } from "../view";

export const FORMATS = ["spanloom", "otlp"] as const;
export type Format = (typeof FORMATS)[number];

/** Return what the service has of a trace as OTLP/JSON: spans as their exporters sent them. */
export async function otlpOf(storedId: string, signal: AbortSignal): Promise<object> {
  const got = await answer(
    api.GET("/api/v1/traces/{trace_id}", {
      params: { path: { trace_id: storedId }, query: { format: "otlp" } },
      signal,
    }),
  );
  if ("trace_id" in got) {
    throw new ApiError(200, "unexpected_answer", "not OTLP/JSON", undefined, undefined);
  }
  return got;
}

/** Return the number of the line with a span's own id; undefined if there is none. */
export function lineOfSpan(
  lines: readonly string[],
  { spans }: Pick<Trace, "spans">,
  index: number,
  format: Format,
): number | undefined {
  const id = spans[index]?.span_id ?? "";
  const member = format === "otlp" ? `"spanId": "${id}"` : `"span_id": "${id}"`;
  // The critical path, which comes before the spans, has their ids too.
  const start = format === "otlp" ? 0 : lines.indexOf('  "spans": [');
  const found = lines.flatMap((line, at) => (at >= start && line.includes(member) ? [at] : []));
  // Caller and callee may have the same id, in Zipkin's way.
  const before = spans.slice(0, index).filter(({ span_id }) => span_id === id).length;
  return found[Math.min(before, found.length - 1)];
}
