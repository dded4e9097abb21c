/** The operations of a service, from what they did step by step and in the window as a whole. */
import type { Schema } from "../../api/client";

type Series = Schema<"MetricSeries">["series"][number];

export interface Operation {
  name: string;
  kind: string;
  cluster: string;
  calls: number;
  errors: number;
  /** Calls a second. */
  rate: number;
  errorPercent: number;
  /** Milliseconds. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  rates: readonly number[];
  errorsByStep: readonly number[];
  slowest: Schema<"Exemplars">["slowest"];
}

/**
 * Return the operations.
 *
 * @param steps says what happened when.
 * @param total has the same window as one step.
 */
export function operationsOf(
  steps: Pick<Schema<"MetricSeries">, "series">,
  total: Pick<Schema<"MetricSeries">, "series">,
): Operation[] {
  const stepsOf = new Map(steps.series.map((each) => [keyOf(each), each]));
  return total.series.map((each) => ({
    name: each.labels.operation ?? "",
    kind: each.labels.kind ?? "",
    cluster: each.labels.node?.cluster ?? "",
    calls: each.total_calls,
    errors: each.total_errors,
    rate: each.rate[0] ?? 0,
    errorPercent: each.error_percent[0] ?? 0,
    p50: each.p50_ms[0] ?? null,
    p95: each.p95_ms[0] ?? null,
    p99: each.p99_ms[0] ?? null,
    rates: stepsOf.get(keyOf(each))?.rate ?? [],
    errorsByStep: stepsOf.get(keyOf(each))?.errors ?? [],
    slowest: each.exemplars.slowest,
  }));
}

const keyOf = ({ labels }: Series) =>
  JSON.stringify([labels.node?.id, labels.operation, labels.kind]);
