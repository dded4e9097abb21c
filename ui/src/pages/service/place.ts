/** Which service a page is about, and what its graph and its series say of it. */
import type { Schema } from "../../api/client";
import { shownLatency } from "../../api/latency";
import { type Durations, quantile } from "../../components/heat-map-grid";

/** The service in any of its forms, in one namespace or cluster if the user chose one. */
export interface Place {
  service: string;
  namespace?: string;
  cluster?: string;
}

/** A window as the API answered it, so that all parts of the page are about the same time. */
export interface Window {
  /** Nanoseconds since the epoch. */
  from: string;
  to: string;
  /** Nanoseconds. */
  step: string;
}

type Series = Schema<"MetricSeries">;
type Node = Schema<"GraphNode">;
type Edge = Schema<"GraphEdge">;

export const windowOf = (answer: Series): Window => ({
  from: answer.from_time_unix_nano,
  to: answer.to_time_unix_nano,
  step: answer.step_nano,
});

const MINUTE_NANO = 60_000_000_000n;

/** Return the window up to its last whole minute, for what is too dear to ask any more often. */
export const byMinute = ({ from, to, step }: Window): Window => {
  const end = (BigInt(to) / MINUTE_NANO) * MINUTE_NANO;
  return { from, to: end > BigInt(from) ? String(end) : to, step };
};

const seconds = (nano: string) => Number(BigInt(nano) / 1_000_000n) / 1000;

/** Return the durations of the heat map of an answer; null if there are none. */
export function durationsOf(answer: Series): Durations | null {
  const { heat_map } = answer;
  return heat_map?.upper_bounds_ms.length
    ? {
        starts: answer.step_starts_unix_nano.map(seconds),
        end: seconds(answer.to_time_unix_nano),
        bounds: heat_map.upper_bounds_ms,
        counts: heat_map.counts,
      }
    : null;
}

export interface Received {
  /** Starts of the steps, seconds since the epoch. */
  times: number[];
  /** Calls a second. */
  rate: number[];
  errorRate: number[];
  errorPercent: (number | null)[];
  p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
}

/** Return what all series of an answer together say; an answer with a heat map. */
export function receivedOf(answer: Series): Received {
  const times = answer.step_starts_unix_nano.map(seconds);
  const total = (of: (series: Series["series"][number], step: number) => number) =>
    times.map((_, step) => answer.series.reduce((sum, each) => sum + of(each, step), 0));
  const rate = total((each, step) => each.rate[step] ?? 0);
  const errorRate = total(
    (each, step) => ((each.rate[step] ?? 0) * (each.error_percent[step] ?? 0)) / 100,
  );
  const { upper_bounds_ms: bounds = [], counts = [] } = answer.heat_map ?? {};
  const at = (share: number) => counts.map((column) => quantile(bounds, [column], share));
  return {
    times,
    rate,
    errorRate,
    errorPercent: rate.map((calls, step) =>
      calls ? (100 * (errorRate[step] ?? 0)) / calls : null,
    ),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}

export interface Figures {
  calls: number;
  errors: number;
  /** Calls a second. */
  rate: number;
  errorPercent: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** Return the figures of the whole window. */
export function figuresOf(nodes: readonly Node[], answer: Series): Figures {
  const sum = (of: (traffic: Schema<"Traffic">) => number) =>
    nodes.reduce((total, { inbound }) => total + (inbound ? of(inbound) : 0), 0);
  const calls = sum((traffic) => traffic.estimated_calls);
  const { upper_bounds_ms: bounds = [], counts = [] } = answer.heat_map ?? {};
  return {
    calls: sum((traffic) => traffic.calls),
    errors: sum((traffic) => traffic.errors),
    rate: sum((traffic) => traffic.rate),
    errorPercent: calls ? (100 * sum((traffic) => traffic.estimated_errors)) / calls : null,
    p50: quantile(bounds, counts, 0.5),
    p95: quantile(bounds, counts, 0.95),
    p99: quantile(bounds, counts, 0.99),
  };
}

/** Return the nodes of a graph that are the place. */
export const ownNodes = (graph: Schema<"Graph">, place: Place): Node[] =>
  graph.nodes.filter(
    (node) =>
      [node.name, node.label, node.service, node.workload, ...node.hosts].includes(place.service) &&
      (!place.cluster || node.cluster === place.cluster) &&
      (!place.namespace || node.namespace === place.namespace),
  );

export interface Neighbour {
  edge: Edge;
  node: Node;
  /** The end that is the place. */
  own: Node;
  latency: Schema<"Latency">;
}

/** Return who calls the nodes, or whom they call, most calls first. */
export function neighbours(
  graph: Schema<"Graph">,
  own: readonly Node[],
  end: "source" | "target",
): Neighbour[] {
  const ownById = new Map(own.map((node) => [node.id, node]));
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const other = end === "source" ? "target" : "source";
  return graph.edges
    .flatMap((edge) => {
      const [node, mine] = [nodes.get(edge[end]), ownById.get(edge[other])];
      return node && mine ? [{ edge, node, own: mine, latency: shownLatency(edge) }] : [];
    })
    .toSorted((a, b) => b.edge.rate - a.edge.rate);
}

/** Return the slowest call, and the latest that failed, of all series. */
export function exemplarsOf(answer: Series): Schema<"Exemplars"> {
  const all = answer.series.map((each) => each.exemplars);
  const best = <T>(values: (T | null)[], size: (value: T) => number) =>
    values
      .filter((value) => value !== null)
      .reduce<T | null>(
        (most, each) => (most === null || size(each) > size(most) ? each : most),
        null,
      );
  return {
    slowest: best(
      all.map((each) => each.slowest),
      (each) => each.duration_ms,
    ),
    latest_error: best(
      all.map((each) => each.latest_error),
      (each) => Number(each.time_unix_nano),
    ),
  };
}
