import { expect, test } from "vitest";
import { appended, firstPage, renewed, type Summary } from "./result-list";

const trace = (number: number, startedAt = number): Summary => ({
  trace_id: String(number),
  start_time: "",
  start_time_unix_nano: `17952864097370346${String(startedAt).padStart(2, "0")}`,
  duration: "1ms",
  duration_nano: "1000000",
  root_service: "a",
  root_operation: "b",
  root_missing: false,
  span_count: 1,
  error_count: 0,
  missing_span_count: 0,
  services: [],
});

const page = (numbers: number[], next_cursor: string | null = "more") => ({
  traces: numbers.map((number) => trace(number)),
  next_cursor,
  missing_trace_ids: [],
});

const ids = (loaded: { traces: readonly Summary[] }) => loaded.traces.map((each) => each.trace_id);

test("pages follow each other", () => {
  const loaded = appended(firstPage(page([5, 4])), page([3, 2], null));

  expect(ids(loaded)).toEqual(["5", "4", "3", "2"]);
  expect([loaded.pages, loaded.nextCursor]).toEqual([2, null]);
});

test("what comes in stands on top and is fresh; the way on stays", () => {
  const loaded = renewed(appended(firstPage(page([5, 4])), page([3, 2], "last")), page([7, 5]));

  expect(ids(loaded)).toEqual(["7", "5", "4", "3", "2"]);
  expect([...loaded.fresh]).toEqual(["7"]);
  expect([loaded.pages, loaded.nextCursor]).toEqual([2, "last"]);
});

test("a trace is as in the newest answer, also where it stands", () => {
  const loaded = renewed(firstPage(page([5, 4])), { ...page([]), traces: [trace(4, 9)] });

  expect(ids(loaded)).toEqual(["4", "5"]);
  expect(loaded.fresh.size).toBe(0);
});

test("if more came in than a page holds, the list begins anew instead of having a gap", () => {
  const loaded = renewed(firstPage(page([2, 1])), page([9, 8], "new"));

  expect(ids(loaded)).toEqual(["9", "8"]);
  expect(loaded.nextCursor).toBe("new");
});

test("the first trace of all comes into an empty list", () => {
  const loaded = renewed(firstPage(page([], null)), page([1], null));

  expect(ids(loaded)).toEqual(["1"]);
});

test("a long list is cut to its newest page", () => {
  const many = Array.from({ length: 1000 }, (_, index) => index + 100).reverse();
  const loaded = renewed(firstPage(page(many)), page([1100, 1099]));

  expect(ids(loaded)).toEqual(["1100", "1099"]);
});
