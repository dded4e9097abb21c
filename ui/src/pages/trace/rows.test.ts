import { expect, test } from "vitest";
import { hopsOf } from "./hops";
import { layoutOf } from "./layout";
import { madeTrace } from "./made-trace";
import { ALL_LEVELS, ancestors, type Folding, opened, rowsOf } from "./rows";

const TRACE = madeTrace([
  { hop: "gateway" },
  { hop: "server sidecar", parent_index: 0 },
  { parent_index: 1 },
  { parent_index: 2 },
  {},
]);
const NOTHING_FOLDED: Folding = {
  levels: ALL_LEVELS,
  toggled: new Set(),
  foldsHops: false,
  only: null,
};

function rows(folding: Partial<Folding>, trace = TRACE) {
  const layout = layoutOf(trace);
  return rowsOf(trace, layout, hopsOf(trace.spans, layout), { ...NOTHING_FOLDED, ...folding });
}

const indexes = (folding: Partial<Folding>) => rows(folding).map(({ index }) => index);

test("all spans are rows in the order of the trace while nothing is folded", () => {
  expect(indexes({})).toEqual([0, 1, 2, 3, 4]);
});

test("a folded span hides all below it, and tells how many", () => {
  const [first, second] = rows({ toggled: new Set([0]) });

  expect(first).toMatchObject({ index: 0, isOpen: false, hidden: 3 });
  expect(second).toMatchObject({ index: 4, isOpen: undefined, hidden: 0 });
});

test("levels fold all spans that are deep", () => {
  expect(indexes({ levels: 0 })).toEqual([0, 4]);
  expect(indexes({ levels: 2 })).toEqual([0, 1, 2, 4]);
});

test("a span may be open though its level is folded", () => {
  expect(indexes({ levels: 0, toggled: new Set([0]) })).toEqual([0, 1, 4]);
});

test("a hop's proxies become one row with the callee's spans below it", () => {
  expect(rows({ foldsHops: true }).map(({ index, depth }) => [index, depth])).toEqual([
    [0, 0],
    [2, 1],
    [3, 2],
    [4, 0],
  ]);
});

test("only what was found is shown, flat, whatever is folded", () => {
  expect(rows({ only: new Set([3, 1]), levels: 0 })).toEqual([
    { index: 1, depth: 0, isOpen: undefined, hidden: 0 },
    { index: 3, depth: 0, isOpen: undefined, hidden: 0 },
  ]);
});

test("a span in a folded part is reached by opening what is above it", () => {
  const folding = { ...NOTHING_FOLDED, levels: 0 };

  const toggled = opened(folding, TRACE, ancestors(TRACE, 3));

  expect(indexes({ levels: 0, toggled })).toContain(3);
});

test("a chain of thousands of spans does not overflow", () => {
  const chain = madeTrace(
    Array.from({ length: 20_000 }, (_, at) => ({ parent_index: at === 0 ? null : at - 1 })),
  );

  expect(rows({}, chain)).toHaveLength(20_000);
});
