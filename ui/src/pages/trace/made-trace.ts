/** Traces for tests: what is not given is plain. */
import type { Span, Trace } from "./view";

const PLACE = { cluster: "", namespace: "", service: "", version: "", workload: "", pod: "" };

export interface Made extends Partial<Span> {
  /** Nanoseconds from the start of the trace. */
  from?: number;
  to?: number;
  hop?: NonNullable<Span["proxy"]>["hop"];
}

/** Return a trace of spans in tree order; a span without `parent_index` is a root. */
export function madeTrace(made: readonly Made[]): Trace {
  const spans: Span[] = [];
  for (const [index, { from = 0, to = 10, hop, ...given }] of made.entries()) {
    const parent = given.parent_index == null ? undefined : spans[given.parent_index];
    spans.push({
      span_id: (index + 1).toString(16).padStart(16, "0"),
      parent_span_id: parent?.span_id ?? "",
      parent_index: null,
      depth: parent ? parent.depth + 1 : 0,
      child_count: 0,
      missing: false,
      name: `operation ${index}`,
      kind: "server",
      service_name: "service",
      identity: PLACE,
      start_time: "",
      start_time_unix_nano: String(1_000_000_000_000_000_000n + BigInt(from)),
      duration: "",
      duration_nano: String(to - from),
      self_time: "",
      self_time_nano: "0",
      clock_correction_nano: "0",
      on_critical_path: false,
      critical_time: "",
      critical_time_nano: "0",
      status: { code: "unset", message: "" },
      error: false,
      proxy: hop ? { hop, downstream: null, upstream: null } : null,
      response_flags: [],
      warnings: [],
      attributes: {},
      inherited_attributes: {},
      events: [],
      links: [],
      resource: null,
      scope: null,
      shares_span_id: false,
      trace_state: "",
      flags: 0,
      dropped_attributes_count: 0,
      dropped_events_count: 0,
      dropped_links_count: 0,
      ...given,
    });
  }
  return {
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    summary: {
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      start_time: "",
      start_time_unix_nano: "1000000000000000000",
      duration: "",
      duration_nano: "10",
      root_service: "service",
      root_operation: "operation 0",
      root_missing: false,
      span_count: spans.length,
      error_count: 0,
      missing_span_count: 0,
      services: [],
    },
    clocks_adjusted: false,
    warnings: [],
    roots: spans.flatMap((span, index) => (span.parent_index === null ? [index] : [])),
    critical_path: [],
    resources: [],
    scopes: [],
    spans,
  };
}
