import { expect, test } from "vitest";
import { nodeNamed } from "./example";
import { namesOf } from "./names";

test("hosts lose what all hosts end in", () => {
  const nodes = [nodeNamed("db.shop.svc.cluster.local:5432"), nodeNamed("cache.shop.svc")];

  expect([...namesOf(nodes).values()]).toEqual(["db.shop:5432", "cache.shop"]);
});

test("equal labels are told apart by what differs between them", () => {
  const nodes = [
    nodeNamed("cart", { id: "1", cluster: "west" }),
    nodeNamed("cart", { id: "2", cluster: "east" }),
    nodeNamed("till", { id: "3", namespace: "shop" }),
    nodeNamed("till", { id: "4", namespace: "bank" }),
    nodeNamed("page", { id: "5" }),
  ];

  expect([...namesOf(nodes).values()]).toEqual([
    "cart\nwest",
    "cart\neast",
    "till\nshop",
    "till\nbank",
    "page",
  ]);
});

test("long labels are cut", () => {
  expect(namesOf([nodeNamed("a".repeat(50))]).get("a".repeat(50))).toBe(`${"a".repeat(31)}…`);
});
