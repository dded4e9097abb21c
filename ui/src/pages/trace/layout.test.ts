import { expect, test } from "vitest";
import { layoutOf, ownStretches, spanNames } from "./layout";
import { madeTrace } from "./made-trace";

test("times count from the earliest span, which need not be the first", () => {
  const layout = layoutOf(
    madeTrace([
      { from: 5, to: 9 },
      { from: 2, to: 20 },
    ]),
  );

  expect(layout.stretches).toEqual([
    { start: 3, end: 7 },
    { start: 0, end: 18 },
  ]);
  expect(layout.length).toBe(18);
});

test("own time is what no child covers", () => {
  const layout = layoutOf(
    madeTrace([
      { to: 100 },
      { parent_index: 0, from: 10, to: 30 },
      { parent_index: 0, from: 20, to: 50 },
      { parent_index: 0, from: 90, to: 120 },
    ]),
  );

  expect(ownStretches(layout, 0)).toEqual([
    { start: 0, end: 10 },
    { start: 50, end: 90 },
  ]);
});

test("a child that ran after its parent takes nothing of the parent's own time", () => {
  const layout = layoutOf(madeTrace([{ to: 100 }, { parent_index: 0, from: 200, to: 300 }]));

  expect(ownStretches(layout, 0)).toEqual([{ start: 0, end: 100 }]);
});

test("the end of a subtree is behind its last span", () => {
  const layout = layoutOf(
    madeTrace([{}, { parent_index: 0 }, { parent_index: 1 }, { parent_index: 0 }, {}]),
  );

  expect(layout.subtreeEnd).toEqual([4, 3, 3, 4, 5]);
});

test("spans with one id have different names", () => {
  expect(spanNames([{ span_id: "a" }, { span_id: "a" }, { span_id: "b" }])).toEqual([
    "a",
    "a.2",
    "b",
  ]);
});
