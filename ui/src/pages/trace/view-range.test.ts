import { expect, test } from "vitest";
import { between, panned, rangeFrom, rangeText, ticks, WHOLE, zoomed } from "./view-range";

test("the address names nanoseconds from the start", () => {
  const range = rangeFrom("200-600", 1000);

  expect(range).toEqual({ start: 0.2, end: 0.6 });
  expect(rangeText(range, 1000)).toBe("200-600");
});

test.each([null, "", "600-200", "all", "2000-3000"])("%s is the whole trace", (text) => {
  expect(rangeFrom(text, 1000)).toEqual(WHOLE);
});

test("the whole trace needs no word in the address", () => {
  expect(rangeText(WHOLE, 1000)).toBeUndefined();
});

test("moving stops at the ends of the trace", () => {
  expect(panned({ start: 0.5, end: 0.7 }, 10)).toEqual({ start: 0.8, end: 1 });
  expect(panned({ start: 0.5, end: 0.7 }, -10).start).toBe(0);
});

test("zooming in keeps the centre, zooming out stops at the whole", () => {
  const nearer = zoomed({ start: 0.2, end: 0.6 }, 0.5);

  expect(nearer.start).toBeCloseTo(0.3);
  expect(nearer.end).toBeCloseTo(0.5);
  expect(zoomed(nearer, 100)).toEqual(WHOLE);
});

test("a range may be drawn from right to left", () => {
  expect(between(0.8, 0.2)).toEqual({ start: 0.2, end: 0.8 });
});

test("ticks are at round times", () => {
  expect(ticks(WHOLE, 103, 6)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(ticks({ start: 0.5, end: 0.6 }, 1000, 5)).toEqual([500, 520, 540, 560, 580, 600]);
});
