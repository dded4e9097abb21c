/** Nodes and edges for tests: what a test is about is given, all else is plain. */
import type { Graph, GraphEdge, GraphNode } from "./scene";

const TRAFFIC = {
  calls: 100,
  errors: 0,
  estimated_calls: 100,
  estimated_errors: 0,
  standard_error: 0,
  unscaled_calls: 100,
  rate: 1,
  error_percent: 0,
  request_bytes: 0,
  response_bytes: 0,
  request_bytes_per_second: 0,
  response_bytes_per_second: 0,
  client: { count: 100, mean_ms: 10, p50_ms: 8, p95_ms: 20, p99_ms: 30 },
  server: null,
  lag: null,
  network_and_proxy_ms: null,
  outcomes: [],
  exemplars: { slowest: null, latest_error: null },
};

const HEALTHY = { status: "healthy", reason: "" } as const;

/** Return a node whose id is its label. */
export const nodeNamed = (label: string, facts: Partial<GraphNode> = {}): GraphNode => ({
  id: label,
  kind: "workload",
  label,
  name: `${label}.shop`,
  cluster: "west",
  namespace: "shop",
  service: label,
  version: "v1",
  workload: `${label}-v1`,
  operation: "",
  box: null,
  is_root: false,
  is_idle: false,
  hosts: [],
  health: HEALTHY,
  inbound: null,
  outbound: null,
  ...facts,
});

/** Return an edge whose id is `source>target`. */
export const edgeBetween = (
  source: string,
  target: string,
  facts: Partial<GraphEdge> = {},
): GraphEdge => ({
  ...TRAFFIC,
  id: `${source}>${target}`,
  source,
  target,
  protocol: "http",
  asynchronous: false,
  inferred: false,
  via: [],
  share_percent: 100,
  mtls_percent: null,
  source_principal: "",
  destination_principal: "",
  health: HEALTHY,
  ...facts,
});

/** Return a graph of edges and what they lead to. */
export function graphOf(edges: readonly GraphEdge[], facts: Partial<Graph> = {}): Graph {
  const names = new Set(edges.flatMap(({ source, target }) => [source, target]));
  return {
    type: "versioned_app",
    from_time: "2026-11-21T10:00:00.000000000Z",
    from_time_unix_nano: "1795255200000000000",
    to_time: "2026-11-21T10:15:00.000000000Z",
    to_time_unix_nano: "1795256100000000000",
    provisional_from: null,
    provisional_from_unix_nano: null,
    is_estimate: false,
    estimate: "",
    truncated: false,
    nodes: [...names].map((name) => nodeNamed(name)),
    edges: [...edges],
    boxes: [],
    found: null,
    ...facts,
  };
}
