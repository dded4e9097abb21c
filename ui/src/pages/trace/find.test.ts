import { expect, test } from "vitest";
import { found, nextOf } from "./find";
import { madeTrace } from "./made-trace";

const TRACE = madeTrace([
  { service_name: "reviews", name: "GET /reviews" },
  { service_name: "ratings", name: "SELECT ratings", attributes: { "db.system": "mysql" } },
  {
    service_name: "ratings",
    events: [
      {
        time: "",
        time_unix_nano: "0",
        name: "exception",
        attributes: { "exception.type": "KeyError" },
        dropped_attributes_count: 0,
      },
    ],
  },
]);

const indexes = (text: string) => [...(found(TRACE, text) ?? [])];

test("nothing is sought by an empty text", () => {
  expect(found(TRACE, "  ")).toBeNull();
});

test.each([
  ["a service", "Ratings", [1, 2]],
  ["an attribute with its value", "db.system=mysql", [1]],
  ["what an event holds", "keyerror", [2]],
  ["a span id", "0000000000000001", [0]],
  ["words that all must be there", "ratings select", [1]],
  ["words together in quotes", '"select ratings"', [1]],
  ["spans without a word", "ratings -mysql", [2]],
])("finds %s", (_, text, expected) => {
  expect(indexes(text)).toEqual(expected);
});

test("after the last match comes the first, and before the first the last", () => {
  expect(nextOf([2, 5], 5, 1)).toBe(2);
  expect(nextOf([2, 5], 2, -1)).toBe(5);
});

test("from a span that is no match the next one on is taken", () => {
  expect(nextOf([2, 5], 3, 1)).toBe(5);
  expect(nextOf([2, 5], null, 1)).toBe(2);
});

test("there is no next of nothing", () => {
  expect(nextOf([], 1, 1)).toBeUndefined();
});
