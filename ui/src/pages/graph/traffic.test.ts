import "./example-browser";

import { expect, test } from "vitest";
import { edgeBetween, graphOf } from "./example";
import { flowsOf, particlesOf } from "./particles";
import { lengthOf, pathOf, pointAt } from "./paths";
import { sceneOf } from "./scene";
import { type Palette, svgOf } from "./svg";
import { viewOf } from "./view";

const VIEW = viewOf(new URLSearchParams());
const LINE = pathOf({ x: 0, y: 0 }, [], { x: 100, y: 0 });
const flows = (...rates: number[]) =>
  flowsOf(
    sceneOf(graphOf(rates.map((rate, index) => edgeBetween("a", `b${index}`, { rate }))), VIEW)
      .edges,
  );

test("a straight edge is walked evenly", () => {
  expect(lengthOf(LINE)).toBe(100);
  expect(pointAt(LINE, 0.25)).toEqual({ x: 25, y: 0 });
});

test("a bent edge begins and ends where the straight one does, and bows to its side", () => {
  const bow = pathOf({ x: 0, y: 0 }, [{ x: 50, y: 40 }], { x: 100, y: 0 });

  expect(pointAt(bow, 0)).toEqual({ x: 0, y: 0 });
  expect(pointAt(bow, 1)).toEqual({ x: 100, y: 0 });
  expect(pointAt(bow, 0.5).y).toBeCloseTo(20, 0);
});

test("more calls are more particles, no calls are none", () => {
  const counts = flows(0.01, 1, 100, 0).map(({ count }) => count);

  expect(counts).toHaveLength(3);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(counts[0]).toBe(1);
});

test("a large graph does not have more particles than can be drawn", () => {
  const sum = flows(...Array.from({ length: 600 }, () => 1000)).reduce(
    (total, { count }) => total + count,
    0,
  );

  expect(sum).toBeLessThanOrEqual(700);
});

test("as many particles are red as calls fail", () => {
  const flow = { id: "00c0ffee", count: 10, seconds: 1, errorShare: 0.25 };
  const seen = Array.from({ length: 400 }, (_, turn) => particlesOf(flow, LINE, turn)).flat();

  const share = seen.filter(({ isError }) => isError).length / seen.length;
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.3);
});

test("the exported picture holds names as text, never as markup", () => {
  const edge = edgeBetween("<b>a</b>", "b&c");
  const scene = sceneOf(graphOf([edge]), VIEW);
  const palette: Palette = {
    surface: "white",
    sunken: "white",
    border: "grey",
    text: "black",
    muted: "grey",
    line: () => "green",
    fill: () => "white",
    sign: () => "red",
    width: () => 2,
  };

  const svg = svgOf(
    scene,
    {
      positions: { "<b>a</b>": { x: 0, y: 0 }, "b&c": { x: 100, y: 0 } },
      paths: { [edge.id]: LINE },
      frames: {},
      marks: [],
    },
    palette,
    "a > b",
  );

  expect(svg).toContain("&lt;b&gt;a&lt;/b&gt;");
  expect(svg).toContain("b&amp;c");
  expect(svg).not.toContain("<b>");
});
