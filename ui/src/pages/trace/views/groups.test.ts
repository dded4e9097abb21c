import { describe, expect, it, vi } from "vitest";

vi.mock("../values", () => ({ valueText: String }));

import type { Trace } from "../view";
import { attributeKeys, attributeOf, groupsOf } from "./groups";

interface Draft {
  service: string;
  name: string;
  took: number;
  own?: number;
  critical?: number;
  error?: boolean;
  missing?: boolean;
  attributes?: Record<string, unknown>;
  resource?: number | null;
}

const trace = (drafts: Draft[], resources: Record<string, unknown>[] = []) =>
  ({
    resources: resources.map((attributes) => ({ attributes })),
    spans: drafts.map(({ service, name, took, own = took, critical = 0, ...rest }) => ({
      service_name: service,
      name,
      duration_nano: String(took),
      self_time_nano: String(own),
      critical_time_nano: String(critical),
      error: false,
      missing: false,
      attributes: {},
      inherited_attributes: {},
      resource: null,
      ...rest,
    })),
  }) as unknown as Trace;

const shop = trace([
  { service: "shop", name: "GET /", took: 100, own: 40, critical: 40 },
  { service: "cart", name: "GET /", took: 50, own: 50, critical: 60, error: true },
  { service: "cart", name: "POST /", took: 10, own: 10 },
  { service: "", name: "", took: 0, missing: true },
]);

describe("groups of spans", () => {
  it("have the figures of their spans", () => {
    expect(groupsOf(shop, "service", "")[1]).toMatchObject({
      service: "cart",
      spans: [1, 2],
      errors: 1,
      total: 60,
      average: 30,
      least: 10,
      most: 50,
      own: 60,
      ownShare: 0.6,
      critical: 60,
      criticalShare: 0.6,
    });
  });

  it("hold no spans that are not stored", () => {
    expect(groupsOf(shop, "service", "").map(({ service }) => service)).toEqual(["shop", "cart"]);
  });

  it("are of operations in any service, or in each", () => {
    const of = (by: "operation" | "service_operation") =>
      groupsOf(shop, by, "").map(({ spans }) => spans);

    expect(of("operation")).toEqual([[0, 1], [2]]);
    expect(of("service_operation")).toEqual([[0], [1], [2]]);
  });

  it("are of an attribute's values, with one for those that lack it", () => {
    const versions = trace(
      [
        { service: "a", name: "x", took: 1, attributes: { version: "v2" }, resource: 0 },
        { service: "a", name: "x", took: 1, resource: 0 },
        { service: "a", name: "x", took: 1 },
      ],
      [{ version: "v1" }],
    );

    expect(groupsOf(versions, "attribute", "version").map(({ value }) => value)).toEqual([
      "v2",
      "v1",
      null,
    ]);
  });
});

describe("attributes of a trace", () => {
  const some = trace(
    [
      { service: "a", name: "x", took: 1, attributes: { b: 1, a: 2 }, resource: 0 },
      { service: "a", name: "x", took: 1, attributes: { b: 3 }, resource: 0 },
    ],
    [{ pod: "p" }],
  );

  it("are named the most frequent first", () => {
    expect(attributeKeys(some)).toEqual(["b", "pod", "a"]);
  });

  it("are the span's, then its resource's", () => {
    const [, second] = some.spans;

    expect(["b", "pod", "a"].map((key) => second && attributeOf(some, second, key))).toEqual([
      "3",
      "p",
      null,
    ]);
  });
});
