import { expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { type Filter, filtered, rowsOf, type ServiceRow, valuesOf } from "./rows";

const LATENCY = { count: 2, mean_ms: 3, p50_ms: 2, p95_ms: 4, p99_ms: 5 };
const ANY: Filter = { name: "", namespace: "", cluster: "", health: "", group: "" };

function node(service: string, fields: Partial<Schema<"GraphNode">> = {}, rate = 0) {
  const inbound = { calls: rate * 60, errors: 0, rate, error_percent: 0, client: null, lag: null };
  return {
    id: service,
    kind: "workload",
    label: service,
    name: `${service}.shop`,
    cluster: "west",
    namespace: "shop",
    service,
    health: { status: "healthy", reason: "" },
    is_idle: rate === 0,
    inbound: rate ? { ...inbound, server: LATENCY } : null,
    ...fields,
  } as Schema<"GraphNode">;
}

const graphOf = (...nodes: Schema<"GraphNode">[]) => ({ nodes }) as unknown as Schema<"Graph">;

const known = (service: string, lastSeen: string) =>
  ({
    name: `${service}.shop`,
    service,
    namespace: "shop",
    cluster: "west",
    last_seen_unix_nano: lastSeen,
  }) as Schema<"Services">["services"][number];

const names = (rows: readonly ServiceRow[]) => rows.map((row) => row.label);

test("the busiest come first, those that have been silent for days last", () => {
  const rows = rowsOf(
    graphOf(node("cart", {}, 1), node("payment", {}, 5), node("mail")),
    [],
    [known("mail", "7"), known("old", "3"), known("cart", "9")],
  );

  expect(names(rows)).toEqual(["payment", "cart", "mail", "old"]);
  expect(rows.map((row) => row.lastSeen)).toEqual(["", "", "7", "3"]);
});

test("the latency is the caller's word, else the callee's", () => {
  expect(rowsOf(graphOf(node("cart", {}, 1)), [], [])[0]?.latency).toEqual(LATENCY);
});

test("what stands before the mesh is no service", () => {
  const graph = graphOf(node("ingress", { kind: "ingress" }), node("x", { kind: "unknown" }));

  expect(rowsOf(graph, [], [])).toEqual([]);
});

test("a row has the steps of its own series", () => {
  const series = [{ labels: { node: { id: "cart" } }, rate: [1, 2], errors: [0, 1] }];
  const [cart, mail] = rowsOf(
    graphOf(node("cart", {}, 1), node("mail")),
    series as unknown as Schema<"MetricSeries">["series"],
    [],
  );

  expect([cart?.rates, cart?.errorsByStep, mail?.rates]).toEqual([[1, 2], [0, 1], []]);
});

test("filters hold together, and a name is looked for in any case", () => {
  const rows = rowsOf(
    graphOf(
      node("Cart", {}, 2),
      node("cart-db", { kind: "database", name: "cart-db:5432" }, 2),
      node("mail", { health: { status: "failure", reason: "" } }, 1),
    ),
    [],
    [],
  );

  expect(names(filtered(rows, { ...ANY, name: "cart" }))).toEqual(["Cart", "cart-db"]);
  expect(names(filtered(rows, { ...ANY, name: "cart", group: "backends" }))).toEqual(["cart-db"]);
  expect(names(filtered(rows, { ...ANY, health: "failure" }))).toEqual(["mail"]);
  expect(filtered(rows, { ...ANY, namespace: "other" })).toEqual([]);
});

test("the values to choose from are those that occur", () => {
  const rows = rowsOf(graphOf(node("a", { cluster: "west" }), node("b", { cluster: "" })), [], []);

  expect(valuesOf(rows, "cluster")).toEqual(["west"]);
});
