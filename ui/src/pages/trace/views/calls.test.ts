import { describe, expect, it } from "vitest";
import type { Trace } from "../view";
import { callsOf, columnsOf, slowestOf } from "./calls";

type Spans = Trace["spans"];

const spans = [
  ["shop", "GET /", null, 100, 50],
  ["shop", "render", 0, 20, 20],
  ["cart", "GET /cart", 0, 25, 10],
  ["cart", "GET /cart", 0, 35, 15],
  ["", "", 0, 0, 0],
].map(([service_name, name, parent_index, took, own], index) => ({
  service_name,
  name,
  parent_index,
  depth: parent_index === null ? 0 : 1,
  duration_nano: String(took),
  self_time_nano: String(own),
  error: index === 3,
  missing: service_name === "",
})) as unknown as Spans;

describe("the graph of a trace", () => {
  it("has services with their share of the work, and calls between them", () => {
    const { nodes, edges } = callsOf({ spans }, "services");

    expect(nodes.map(({ service, own, errors }) => [service, own, errors])).toEqual([
      ["shop", 70, 0],
      ["cart", 25, 1],
      ["", 0, 0],
    ]);
    expect(edges.map(({ spans, total, errors }) => [spans, total, errors])).toEqual([
      [[2, 3], 60, 1],
      [[4], 0, 0],
    ]);
  });

  it("has operations, whose calls within a service count too", () => {
    const { nodes, edges } = callsOf({ spans }, "operations");

    expect(nodes.map(({ operation, spans }) => [operation, spans.length])).toEqual([
      ["GET /", 1],
      ["render", 1],
      ["GET /cart", 2],
      ["", 1],
    ]);
    expect(edges).toHaveLength(3);
  });

  it("keeps spans that are not stored apart", () => {
    const { nodes } = callsOf({ spans }, "services");

    expect(nodes.map(({ isMissing }) => isMissing)).toEqual([false, false, true]);
  });

  it("has columns by the depth of calls, each around the middle", () => {
    const calls = callsOf({ spans }, "services");

    expect([...columnsOf(calls, { across: 100, down: 10 }).values()]).toEqual([
      { x: 0, y: 0 },
      { x: 100, y: -5 },
      { x: 100, y: 5 },
    ]);
  });

  it("leads to the slowest span of several", () => {
    expect(slowestOf(spans, [2, 3])).toBe(3);
    expect(slowestOf(spans, [])).toBeNull();
  });
});
