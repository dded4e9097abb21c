import { expect, test } from "vitest";
import { hopsOf } from "./hops";
import { layoutOf } from "./layout";
import { type Made, madeTrace } from "./made-trace";

function hops(made: readonly Made[]) {
  const trace = madeTrace(made);
  return hopsOf(trace.spans, layoutOf(trace));
}

const CLIENT: Made = { hop: "client sidecar", kind: "client", to: 100 };
const SERVER: Made = { hop: "server sidecar", parent_index: 0, from: 10, to: 90 };

test("the sidecars of a call are one hop, and what the callee's does not cover was on the way", () => {
  const found = hops([CLIENT, SERVER]);

  expect(found.get(0)).toBe(found.get(1));
  expect(found.get(0)).toMatchObject({ members: [0, 1], total: 100, onTheWay: 20, hasApp: false });
});

test("with the callee's own span both proxies are on the way", () => {
  const found = hops([CLIENT, SERVER, { parent_index: 1, from: 30, to: 70 }]);

  expect(found.get(0)).toMatchObject({ members: [0, 1], onTheWay: 60, hasApp: true });
  expect(found.has(2)).toBe(false);
});

test("a gateway's attempts belong to its hop, and are counted", () => {
  const found = hops([
    { hop: "gateway", to: 100 },
    { hop: "upstream attempt", kind: "client", parent_index: 0, from: 5, to: 40 },
    { hop: "upstream attempt", kind: "client", parent_index: 0, from: 45, to: 95 },
    { hop: "server sidecar", parent_index: 2, from: 50, to: 90 },
  ]);

  expect(found.get(0)).toMatchObject({ members: [0, 1, 2, 3], onTheWay: 60, attempts: 2 });
});

test("a call that no proxy of the callee saw is no hop", () => {
  expect(hops([CLIENT]).size).toBe(0);
});

test("what the callee calls itself is a hop of its own", () => {
  const found = hops([
    CLIENT,
    SERVER,
    { ...CLIENT, parent_index: 1, from: 20, to: 80 },
    { ...SERVER, parent_index: 2, from: 30, to: 70 },
  ]);

  expect(found.get(0)?.members).toEqual([0, 1]);
  expect(found.get(2)?.members).toEqual([2, 3]);
});
