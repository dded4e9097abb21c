import "./example-browser";

import { expect, test } from "vitest";
import { edgeBetween, graphOf, nodeNamed } from "./example";
import { faultsOf } from "./faults";
import { type Comparison, changeLook, sceneOf } from "./scene";
import { viewOf } from "./view";

const VIEW = viewOf(new URLSearchParams());
const failing = (reason: string) => ({ health: { status: "failure", reason } as const });
const change = (worse: number) => ({
  rate: 0,
  error_percent: 0,
  p50_ms: null,
  p95_ms: null,
  p99_ms: null,
  worse,
});

test("a healthy edge beyond the threshold is slow, a failing one stays failing", () => {
  const graph = graphOf([edgeBetween("a", "b"), edgeBetween("a", "c", failing("broken"))]);

  const { edges } = sceneOf(graph, { ...VIEW, threshold: 15 });

  expect(edges.map(({ look }) => look)).toEqual(["slow", "failure"]);
  expect(edges[0]?.label).toContain("p95 20 ms");
});

test("what find matches is marked", () => {
  const graph = graphOf([edgeBetween("a", "b")], { found: { nodes: ["b"], edges: ["a>b"] } });

  const { nodes, edges } = sceneOf(graph, VIEW);

  expect(nodes.map(({ isFound }) => isFound)).toEqual([false, true]);
  expect(edges[0]?.isFound).toBe(true);
});

test("idle nodes and operations look like what they are", () => {
  const nodes = [nodeNamed("a", { is_idle: true }), nodeNamed("b", { operation: "GET /" })];

  const scene = sceneOf(graphOf([], { nodes }), VIEW);

  expect(scene.nodes.map(({ look, kind }) => [look, kind])).toEqual([
    ["idle", "workload"],
    ["healthy", "operation"],
  ]);
});

test("only edges whose calls all tell of mTLS have its mark", () => {
  const percents = [100, 99, null];
  const edges = percents.map((mtls_percent, index) =>
    edgeBetween("a", `b${index}`, { mtls_percent }),
  );

  const scene = sceneOf(graphOf(edges), VIEW);

  expect(scene.edges.map(({ isMutualTls }) => isMutualTls)).toEqual([true, false, false]);
});

test("changes look as bad as they are", () => {
  const both = { before: {}, after: {} };

  expect(changeLook({ ...both, change: change(0.9) })).toBe("much_worse");
  expect(changeLook({ ...both, change: change(0.2) })).toBe("worse");
  expect(changeLook({ ...both, change: change(0.05) })).toBe("same");
  expect(changeLook({ ...both, change: change(-0.3) })).toBe("better");
  expect(changeLook({ before: null, after: {}, change: change(0) })).toBe("new");
  expect(changeLook({ before: {}, after: null, change: change(0) })).toBe("gone");
});

test("a comparison draws what is there on either side", () => {
  const side = {
    from_time: "",
    from_time_unix_nano: "0",
    to_time: "",
    to_time_unix_nano: "0",
    version: "",
    is_estimate: false,
    truncated: false,
  };
  const [a, b] = [nodeNamed("a"), nodeNamed("b")];
  const edge = edgeBetween("a", "b");
  const comparison: Comparison = {
    type: "app",
    before: side,
    after: side,
    nodes: [
      { id: "a", label: "a", change: change(0), before: a, after: a },
      { id: "b", label: "b", change: change(0), before: b, after: null },
    ],
    edges: [{ ...edge, change: change(0), before: edge, after: null }],
  };

  const scene = sceneOf(comparison, VIEW);

  expect(scene.nodes.map(({ id, look }) => [id, look])).toEqual([
    ["a", "same"],
    ["b", "gone"],
  ]);
  expect(scene.edges[0]?.look).toBe("gone");
});

test("faults come the worst first, and a node only if no edge tells its reason", () => {
  const degraded = { status: "degraded", reason: "some fail" } as const;
  const graph = graphOf([
    edgeBetween("a", "b", { health: degraded }),
    edgeBetween("b", "c", failing("all fail")),
  ]);
  const [a, b, c] = graph.nodes;
  const nodes = [
    { ...a, health: { status: "failure", reason: "its own" } },
    { ...b, health: degraded },
    { ...c },
  ] as typeof graph.nodes;

  const faults = faultsOf(sceneOf({ ...graph, nodes }, VIEW));

  expect(faults.map(({ id }) => id)).toEqual(["b>c", "a", "a>b"]);
});
