import { expect, test } from "vitest";
import { areaOf, lineOf, marksOf } from "./sparkline-shape";

test("a line goes from edge to edge and reaches its highest value near the top", () => {
  expect(lineOf([0, 4, 2], 100, 25)).toBe("M0 22L50 2L100 12");
});

test("one value is a level line", () => {
  expect(lineOf([3], 100, 25)).toBe("M0 2L100 2");
});

test("values that are all zero lie at the foot", () => {
  expect(lineOf([0, 0], 100, 25)).toBe("M0 22L100 22");
});

test("no values are no line and no area", () => {
  expect([lineOf([], 100, 25), areaOf([], 100, 25)]).toEqual(["", ""]);
});

test("only steps with errors have a mark", () => {
  expect(marksOf([0, 2], 100, 25)).toBe("M50 23.5h50");
});
