import { expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { byMinute, exemplarsOf, figuresOf, neighbours, ownNodes, receivedOf } from "./place";

const LATENCY = { count: 4, mean_ms: 3, p50_ms: 2, p95_ms: 4, p99_ms: 5 };

function node(id: string, fields: Partial<Schema<"GraphNode">> = {}) {
  const [service = "", cluster = "west"] = id.split("@");
  return {
    id,
    label: service,
    name: `${service}.shop`,
    service,
    namespace: "shop",
    cluster,
    workload: `${service}-v1`,
    hosts: [`${service}.shop.svc.cluster.local`],
    inbound: null,
    ...fields,
  } as Schema<"GraphNode">;
}

const edge = (source: string, target: string, rate: number) =>
  ({
    id: `${source}>${target}`,
    source,
    target,
    rate,
    client: null,
    server: LATENCY,
    lag: null,
  }) as unknown as Schema<"GraphEdge">;

const GRAPH = {
  nodes: [node("cart"), node("cart@east"), node("shop"), node("payment")],
  edges: [edge("shop", "cart", 1), edge("shop", "cart@east", 3), edge("cart", "payment", 2)],
} as unknown as Schema<"Graph">;

test("a service is known in all its forms", () => {
  for (const service of ["cart", "cart.shop", "cart-v1", "cart.shop.svc.cluster.local"]) {
    expect(ownNodes(GRAPH, { service }).map((each) => each.id)).toEqual(["cart", "cart@east"]);
  }
});

test("a place may be one cluster only", () => {
  expect(ownNodes(GRAPH, { service: "cart", cluster: "east" })).toHaveLength(1);
  expect(ownNodes(GRAPH, { service: "cart", namespace: "other" })).toEqual([]);
});

test("callers and callees are those of all its clusters, the busiest first", () => {
  const own = ownNodes(GRAPH, { service: "cart" });

  expect(neighbours(GRAPH, own, "source").map((each) => each.own.cluster)).toEqual([
    "east",
    "west",
  ]);
  expect(neighbours(GRAPH, own, "target").map((each) => each.node.label)).toEqual(["payment"]);
});

const ANSWER = {
  step_starts_unix_nano: ["60000000000", "120000000000"],
  series: [
    {
      rate: [1, 2],
      error_percent: [null, 50],
      exemplars: { slowest: { trace_id: "a", duration_ms: 5 }, latest_error: null },
    },
    {
      rate: [3, 2],
      error_percent: [0, 0],
      exemplars: {
        slowest: { trace_id: "b", duration_ms: 9 },
        latest_error: { trace_id: "c", time_unix_nano: "1795286404962605710" },
      },
    },
  ],
  heat_map: {
    latency: "client",
    upper_bounds_ms: [2, 4, 8],
    counts: [
      [4, 0, 0],
      [2, 1, 1],
    ],
  },
} as unknown as Schema<"MetricSeries">;

test("what several series received adds up, step by step", () => {
  const received = receivedOf(ANSWER);

  expect(received.times).toEqual([60, 120]);
  expect(received.rate).toEqual([4, 4]);
  expect(received.errorRate).toEqual([0, 1]);
  expect(received.errorPercent).toEqual([0, 25]);
  expect(received.p99[1]).toBeCloseTo(8 / Math.SQRT2);
});

test("steps without calls have no share of errors and no latency", () => {
  const silent = { ...ANSWER, series: [], heat_map: null };

  expect(receivedOf(silent).errorPercent).toEqual([null, null]);
  expect(figuresOf([], silent).p50).toBeNull();
});

test("the figures of the window are those of all its clusters", () => {
  const inbound = { calls: 8, errors: 1, rate: 2, estimated_calls: 80, estimated_errors: 20 };
  const nodes = ["cart", "cart@east"].map((id) =>
    node(id, { inbound: inbound as Schema<"NodeTraffic"> }),
  );

  expect(figuresOf(nodes, ANSWER)).toMatchObject({
    calls: 16,
    errors: 2,
    rate: 4,
    errorPercent: 25,
  });
});

test("the exemplars are the slowest of all and the latest of all", () => {
  expect(exemplarsOf(ANSWER)).toMatchObject({
    slowest: { trace_id: "b" },
    latest_error: { trace_id: "c" },
  });
});

test("a window by the minute ends with a whole one, if it holds any", () => {
  const [from, step] = ["0", "1"];

  expect(byMinute({ from, to: "150000000000", step }).to).toBe("120000000000");
  expect(byMinute({ from, to: "30000000000", step }).to).toBe("30000000000");
});
