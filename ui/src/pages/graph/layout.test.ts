import "./example-browser";

import { expect, test } from "vitest";
import { edgeBetween, graphOf } from "./example";
import { packedLayers } from "./packed-layers";
import { placed } from "./placing";
import { sceneOf } from "./scene";
import { viewOf } from "./view";
import { walked } from "./walk";

const VIEW = viewOf(new URLSearchParams());
const scene = (...calls: [string, string][]) =>
  sceneOf(graphOf(calls.map(([source, target]) => edgeBetween(source, target))), VIEW);
const DIAMOND = scene(["a", "b"], ["a", "c"], ["b", "d"], ["c", "d"]);
const STANDING = {
  a: { x: 0, y: 0 },
  b: { x: 100, y: -50 },
  c: { x: 100, y: 50 },
  d: { x: 200, y: 0 },
};

test("nodes that stand do not move when others come", () => {
  const positions = placed(scene(["a", "b"], ["a", "c"], ["b", "d"], ["d", "new"]), STANDING);

  expect(positions).toMatchObject(STANDING);
  expect(positions?.new).toEqual({ x: 330, y: 0 });
});

test("new nodes give way to those that stand", () => {
  const standing = { ...STANDING, e: { x: 330, y: 0 } };

  const positions = placed(scene(["a", "b"], ["c", "d"], ["d", "e"], ["d", "new"]), standing);

  expect(positions?.new?.x).toBe(330);
  expect(Math.abs(positions?.new?.y ?? 0)).toBeGreaterThan(60);
});

test("a graph that is mostly new is laid out anew", () => {
  expect(placed(scene(["a", "p"], ["p", "q"], ["q", "r"]), STANDING)).toBeNull();
});

test("large graphs go from left to right by distance from the entry, also around a circle", () => {
  const at = packedLayers(
    ["a", "b", "c", "d"],
    [
      ["a", "b"],
      ["b", "c"],
      ["c", "b"],
      ["c", "d"],
    ],
  );

  const xs = ["a", "b", "c", "d"].map((id) => at[id]?.x ?? 0);
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
  expect(new Set(xs).size).toBe(4);
});

test("a high layer takes several columns, and no two nodes one place", () => {
  const ids = Array.from({ length: 200 }, (_, index) => `n${index}`);
  const at = packedLayers(
    ids,
    ids.slice(1).map((id) => ["n0", id] as const),
  );

  const xs = Object.values(at).map(({ x }) => x);
  const ys = Object.values(at).map(({ y }) => y);
  const aspect = (Math.max(...xs) - Math.min(...xs)) / (Math.max(...ys) - Math.min(...ys));
  expect(aspect).toBeGreaterThan(1);
  expect(aspect).toBeLessThan(2.5);
  expect(new Set(Object.values(at).map(({ x, y }) => `${x} ${y}`)).size).toBe(200);
});

test("arrow keys walk along calls", () => {
  expect(walked("a", "ArrowRight", DIAMOND, STANDING)).toBe("b");
  expect(walked("b", "ArrowRight", DIAMOND, STANDING)).toBe("d");
  expect(walked("d", "ArrowLeft", DIAMOND, STANDING)).toBe("b");
});

test("without a call that way they lead to what is nearest there, else nowhere", () => {
  expect(walked("b", "ArrowDown", DIAMOND, STANDING)).toBe("c");
  expect(walked("b", "ArrowUp", DIAMOND, STANDING)).toBe("b");
});

test("the first step leads to the leftmost node", () => {
  expect(walked("", "ArrowRight", DIAMOND, STANDING)).toBe("a");
});
