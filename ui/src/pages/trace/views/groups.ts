/** Spans of a trace in groups, and the figures of each. */
import { valueText } from "../values";
import type { Span, Trace } from "../view";

export const GROUPINGS = ["service", "operation", "service_operation", "attribute"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What all spans of a group have in common; undefined where they need not. */
export interface Common {
  service?: string;
  operation?: string;
  /** Value of the attribute; null if they lack it. */
  value?: string | null;
}

export interface Group extends Common {
  key: string;
  /** Indexes in `trace.spans`. */
  spans: readonly number[];
  errors: number;
  /** Nanoseconds of all spans together, and of one. */
  total: number;
  average: number;
  least: number;
  most: number;
  /** Nanoseconds without those of children, and the part of all own time in the trace. */
  own: number;
  ownShare: number;
  /** Nanoseconds on the critical path, and the part of it. */
  critical: number;
  criticalShare: number;
}

/** Return the groups by a property, in the order in which they come first; no placeholders. */
export function groupsOf(trace: Trace, by: Grouping, attribute: string): Group[] {
  const found = new Map<string, { common: Common; spans: number[] }>();
  for (const [index, span] of trace.spans.entries()) {
    if (span.missing) {
      continue;
    }
    const common = commonOf(trace, span, by, attribute);
    const key = JSON.stringify(common);
    const group = found.get(key);
    if (group) {
      group.spans.push(index);
    } else {
      found.set(key, { common, spans: [index] });
    }
  }
  const whole = {
    own: sum(trace.spans, ({ self_time_nano }) => self_time_nano),
    critical: sum(trace.spans, ({ critical_time_nano }) => critical_time_nano),
  };
  return [...found].map(([key, { common, spans }]) => ({
    key,
    ...common,
    spans,
    ...figures(
      spans.map((index) => trace.spans[index] as Span),
      whole,
    ),
  }));
}

function commonOf(trace: Trace, span: Span, by: Grouping, attribute: string): Common {
  switch (by) {
    case "service":
      return { service: span.service_name };
    case "operation":
      return { operation: span.name };
    case "service_operation":
      return { service: span.service_name, operation: span.name };
    case "attribute":
      return { value: attributeOf(trace, span, attribute) };
  }
}

function figures(spans: readonly Span[], whole: { own: number; critical: number }) {
  const durations = spans.map(({ duration_nano }) => Number(duration_nano));
  const total = durations.reduce((all, each) => all + each, 0);
  const own = sum(spans, ({ self_time_nano }) => self_time_nano);
  const critical = sum(spans, ({ critical_time_nano }) => critical_time_nano);
  return {
    errors: spans.filter(({ error }) => error).length,
    total,
    average: total / spans.length,
    least: durations.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY),
    most: durations.reduce((most, each) => Math.max(most, each), 0),
    own,
    ownShare: own / (whole.own || 1),
    critical,
    criticalShare: critical / (whole.critical || 1),
  };
}

const sum = (spans: readonly Span[], of: (span: Span) => string) =>
  spans.reduce((all, span) => all + Number(of(span)), 0);

/** Return the value of a span's attribute, or its resource's, as text; null if neither has it. */
export function attributeOf(trace: Trace, span: Span, key: string): string | null {
  const resource = span.resource === null ? undefined : trace.resources[span.resource];
  for (const { attributes, types } of [
    { attributes: span.attributes, types: span.attribute_types },
    { attributes: span.inherited_attributes, types: undefined },
    { attributes: resource?.attributes ?? {}, types: resource?.attribute_types },
  ]) {
    if (attributes[key] !== undefined) {
      return valueText(attributes[key], types?.[key]);
    }
  }
  return null;
}

/** Return the keys of all attributes, the most frequent first. */
export function attributeKeys({ spans, resources }: Trace): string[] {
  const counts = new Map<string, number>();
  const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const span of spans) {
    Object.keys(span.attributes).forEach(count);
    if (span.resource !== null) {
      Object.keys(resources[span.resource]?.attributes ?? {}).forEach(count);
    }
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([key]) => key);
}
