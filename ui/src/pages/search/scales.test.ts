import { expect, test } from "vitest";
import { logScale, radiusOf, spotAt, timeTicks, widened } from "./scales";

const at = (text: string) => Date.parse(text);

test("times of the axis are round ones", () => {
  const span = { from: at("2026-11-21T17:41:30Z"), to: at("2026-11-21T18:41:30Z") };
  const { at: ticks, detail } = timeTicks(span, 5, 0);

  expect(ticks.map((tick) => new Date(tick).toISOString().slice(11, 16))).toEqual([
    "17:45",
    "18:00",
    "18:15",
    "18:30",
  ]);
  expect(detail).toBe("minutes");
});

test("days of the axis begin where the user is", () => {
  const span = { from: at("2026-11-14T12:00:00Z"), to: at("2026-11-21T12:00:00Z") };
  const { at: ticks, detail } = timeTicks(span, 8, -540);

  expect(new Date(ticks[0] ?? 0).toISOString()).toBe("2026-11-14T15:00:00.000Z");
  expect(detail).toBe("days");
});

test("a short span has milliseconds", () => {
  expect(timeTicks({ from: 0, to: 40 }, 4, 0)).toEqual({
    at: [0, 10, 20, 30, 40],
    detail: "milliseconds",
  });
});

test("a thousandfold is as far from a hundredfold as that from a tenfold", () => {
  const { position, ticks } = logScale(1e6, 1e9);

  expect(position(1e8) - position(1e7)).toBeCloseTo(position(1e7) - position(1e6));
  expect(position(1e6)).toBeGreaterThan(0);
  expect(position(1e9)).toBeLessThan(1);
  expect(ticks).toEqual([1e6, 1e7, 1e8, 1e9]);
});

test("equal durations stand in the middle of a decade", () => {
  const { position, ticks } = logScale(5e6, 5e6);

  expect(position(5e6)).toBeCloseTo(0.5);
  expect(ticks).toEqual([2e6, 5e6, 1e7]);
});

test("a duration of nothing has a place too", () => {
  expect(logScale(0, 1e6).position(0)).toBeGreaterThan(0);
});

test("the nearest spot is meant, if one is near", () => {
  const spots = [
    { x: 10, y: 10, radius: 3 },
    { x: 16, y: 10, radius: 3 },
  ];

  expect(spotAt(spots, 14, 10)).toBe(1);
  expect(spotAt(spots, 60, 10)).toBeUndefined();
});

test("more spans make a larger spot, up to ten thousand", () => {
  expect(radiusOf(1)).toBeLessThan(radiusOf(10));
  expect(radiusOf(10_000)).toBeLessThan(10);
});

test("a wider span has the same middle unless that would reach beyond now", () => {
  expect(widened({ from: 500, to: 600 }, 1000)).toEqual({ from: 400, to: 700 });
  expect(widened({ from: 500, to: 600 }, 600)).toEqual({ from: 300, to: 600 });
  expect(widened({ from: 10, to: 600 }, 600)).toEqual({ from: 0, to: 600 });
});
