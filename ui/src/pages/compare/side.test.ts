import { describe, expect, it } from "vitest";
import { isSearch, readSide, sideText } from "./side";

const ID = "4bf92f3577b34da6a3ce929d0e0e4736";

describe("a side of a comparison", () => {
  it.each([
    [ID, [ID]],
    [`${ID.toUpperCase()} a1`, [ID, "a1"]],
    [`http://spanloom:16686/trace/${ID}?span=a1`, [ID]],
    [`trace_id=${ID}`, [ID]],
    ["service=reviews.default last=1h", ["service=reviews.default&last=1h"]],
    ['operation="GET /" duration>=1s', ["operation=GET+%2F&min_duration=1s"]],
    ["", []],
  ])("that says %s is asked for as %s", (text, side) => {
    expect(readSide(text)).toEqual({ side });
  });

  it.each([[ID], [`${ID} a1`], ["service=reviews.default last=1h"], ['operation="GET /"']])(
    "reads %s again",
    (text) => {
      const read = readSide(text);

      expect("side" in read && sideText(read.side)).toBe(text);
    },
  );

  it("says which term cannot be read", () => {
    expect(readSide("service=a duration=1s")).toEqual({
      error: { term: "duration=1s", position: 11, allowed: [">=", "<="] },
    });
  });

  it("is a search if it has conditions", () => {
    expect([["service=a"], [ID], []].map(isSearch)).toEqual([true, false, false]);
  });
});
