import { expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { holdersOf } from "./holders";
import { operationsOf } from "./operation-rows";
import { comparedWith, versionsOf } from "./version-rows";

type Series = Schema<"MetricSeries">["series"];

test("an operation has the figures of the whole window, and its own steps", () => {
  const labels = { node: { id: "n", cluster: "west" }, operation: "GET /cart", kind: "server" };
  const exemplars = { slowest: null, latest_error: null };
  const total = [
    {
      labels,
      total_calls: 6,
      total_errors: 1,
      rate: [0.1],
      error_percent: [16],
      p50_ms: [2],
      p95_ms: [null],
      p99_ms: [9],
      exemplars,
    },
  ] as unknown as Series;
  const steps = [{ labels, rate: [0.1, 0.2], errors: [0, 1] }] as unknown as Series;

  expect(operationsOf({ series: steps }, { series: total })).toEqual([
    {
      name: "GET /cart",
      kind: "server",
      cluster: "west",
      calls: 6,
      errors: 1,
      rate: 0.1,
      errorPercent: 16,
      p50: 2,
      p95: null,
      p99: 9,
      rates: [0.1, 0.2],
      errorsByStep: [0, 1],
      slowest: null,
    },
  ]);
});

function version(name: string, rate: number | null) {
  const traffic = { calls: 1, errors: 0, rate, error_percent: 0, client: null, server: null };
  return {
    id: name,
    label: `cart ${name}`,
    version: name,
    workload: name && `cart-${name}`,
    inbound: rate === null ? null : { ...traffic, lag: null, exemplars: { slowest: null } },
  } as Schema<"GraphNode">;
}

test("versions have their share of all requests, also of those that reached nobody", () => {
  const rows = versionsOf([version("v1", 1), version("", 1), version("v2", 2)], []);

  expect(rows.map((row) => [row.version, row.share])).toEqual([
    ["v2", 0.5],
    ["v1", 0.25],
    ["", 0.25],
  ]);
});

test("a version that received nothing is left out", () => {
  expect(versionsOf([version("v1", null)], [])).toEqual([]);
});

test("a version is compared with the busiest other one", () => {
  const rows = versionsOf([version("v1", 1), version("v2", 3), version("", 2)], []);

  expect(rows.map((row) => comparedWith(rows, row))).toEqual(["v1", undefined, "v2"]);
});

test("who holds the time is the sum of a service's hops, or each hop", () => {
  const share = (value: number) => ({ share: value, mean_nano: String(value * 1e6) });
  const hop = (service: string, operation: string, typical: number, slowest: number) => ({
    service,
    operation,
    hop: "app",
    kind: "server",
    typical: share(typical),
    slowest: share(slowest),
  });
  const hops = [
    hop("cart", "GET /cart", 0.5, 0.25),
    hop("payment", "POST /pay", 0.25, 0.5),
    hop("cart", "GET /rows", 0.25, 0.375),
  ] as unknown as Schema<"CriticalSide">["hops"];

  expect(holdersOf(hops, false).map((each) => [each.service, each.slowest])).toEqual([
    ["cart", { share: 0.625, meanNano: 625_000 }],
    ["payment", { share: 0.5, meanNano: 500_000 }],
  ]);
  expect(holdersOf(hops, true).map((each) => each.operation)).toEqual([
    "POST /pay",
    "GET /rows",
    "GET /cart",
  ]);
});
