import "./example-browser";

import { expect, test } from "vitest";
import { changeLabel, edgeLabel, signed } from "./edge-label";
import { edgeBetween } from "./example";

const still = {
  rate: 0,
  error_percent: 0,
  p50_ms: null,
  p95_ms: null,
  p99_ms: null,
  worse: 0,
};

test("labels stand in order, without those that tell nothing", () => {
  const edge = edgeBetween("a", "b", { errors: 3, error_percent: 3 });

  expect(edgeLabel(edge, ["rate", "share", "errors", "p99", "protocol"], 0)).toBe(
    "1/s · ✕ 3 % · p99 30 ms · http",
  );
  expect(edgeLabel(edgeBetween("a", "b"), ["errors"], 0)).toBe("");
});

test("a p95 beyond the threshold is told once", () => {
  expect(edgeLabel(edgeBetween("a", "b"), [], 10)).toBe("p95 20 ms");
  expect(edgeLabel(edgeBetween("a", "b"), ["p95"], 10)).toBe("p95 20 ms");
  expect(edgeLabel(edgeBetween("a", "b"), [], 100)).toBe("");
});

test("a change tells errors and p95 before the rate", () => {
  const [before, after] = [edgeBetween("a", "b"), edgeBetween("a", "b")];

  expect(changeLabel({ before, after, change: { ...still, error_percent: 4.2, p95_ms: 10 } })).toBe(
    "✕ +4.2 pp · p95 +50 %",
  );
  expect(changeLabel({ before, after, change: { ...still, rate: -0.004, p95_ms: 1 } })).toBe(
    "−0.004/s",
  );
});

test("signs are those of print", () => {
  expect([1, -1, 0, 0.001].map((value) => signed(value))).toEqual(["+1", "−1", "±0", "±0"]);
});
