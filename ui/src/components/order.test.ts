import { expect, it } from "vitest";
import { sorted } from "./order";

const rows = [
  { name: "b", calls: 2 },
  { name: "a10", calls: 10 },
  { name: "a9", calls: 2 },
];
const columns = [
  { key: "name", sortBy: (row: (typeof rows)[number]) => row.name },
  { key: "calls", sortBy: (row: (typeof rows)[number]) => row.calls },
];
const names = (order: string | undefined) => sorted(rows, columns, order).map((row) => row.name);

it("sorts names as people count", () => {
  expect(names("name")).toEqual(["a9", "a10", "b"]);
});

it("keeps equal rows as they are", () => {
  expect(names("-calls")).toEqual(["a10", "b", "a9"]);
});

it("keeps the order of the answer for a column that is not there", () => {
  expect(names("-nothing")).toEqual(["b", "a10", "a9"]);
  expect(names(undefined)).toEqual(["b", "a10", "a9"]);
});
