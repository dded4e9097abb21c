import "./example-browser";

import { expect, test } from "vitest";
import { questionOf, viewOf, windowOf } from "./view";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const view = (query: string) => viewOf(new URLSearchParams(query));

test("an empty address is the graph of versioned apps with rates and errors", () => {
  expect(view("")).toMatchObject({ type: "versioned_app", labels: ["rate", "errors"] });
  expect(questionOf(view(""), { last: "15m" }, NOW)).toEqual({
    type: "versioned_app",
    last: "15m",
  });
});

test("what the address does not know is left out", () => {
  expect(view("type=pods&box=rack&box=app&label=hue&depth=-3")).toMatchObject({
    type: "versioned_app",
    boxes: ["app"],
    labels: [],
    depth: 1,
  });
});

test("parameters are asked as the API names them", () => {
  const query =
    "type=service&namespace=shop&namespace=web&box=namespace&find=rt+>+1&hide=healthy&idle=true" +
    "&focus=checkout&depth=2&direction=upstream&min_rate=0.5&gateways=pass&waypoints=node";

  expect(questionOf(view(query), { last: "5m" }, NOW)).toEqual({
    type: "service",
    namespace: ["shop", "web"],
    box: ["namespace"],
    find: "rt > 1",
    hide: "healthy",
    idle: true,
    focus: "checkout",
    depth: 2,
    direction: "upstream",
    min_rate: 0.5,
    gateways: "pass",
    waypoints: "node",
    last: "5m",
  });
});

test("a comparison with a day earlier names the window of then", () => {
  expect(questionOf(view("compare=1d"), { last: "1h" }, NOW).compare).toBe(
    "2026-11-20T11:00:00.000Z/2026-11-20T12:00:00.000Z",
  );
});

test("a comparison that the API knows goes as it is", () => {
  expect(questionOf(view("compare=previous"), { last: "1h" }, NOW).compare).toBe("previous");
});

test("versions win over windows", () => {
  const question = questionOf(
    view("compare=previous&compare_versions=v1,v2&service=reviews"),
    { last: "1h" },
    NOW,
  );

  expect(question).toMatchObject({ compare_versions: "v1,v2", service: "reviews" });
  expect(question).not.toHaveProperty("compare");
});

test("a window counts back from its end, and from now without one", () => {
  const to = "2026-11-21T10:00:00Z";

  expect(windowOf({ last: "15m" }, NOW)).toEqual({ fromMs: NOW - 900_000, toMs: NOW });
  expect(windowOf({ last: "15m", to }, NOW)).toEqual({
    fromMs: Date.parse("2026-11-21T09:45:00Z"),
    toMs: Date.parse(to),
  });
});
