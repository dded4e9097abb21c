import { describe, expect, it, vi } from "vitest";

vi.mock("./language", () => ({ language: { value: "en" } }));

import { bytes, duration, milliseconds, number, percent, rate } from "./format";

describe("a duration", () => {
  it.each([
    [0, "0 ns"],
    [870, "870 ns"],
    [999.7, "1 µs"],
    [1_234, "1.23 µs"],
    [45_000_000, "45 ms"],
    [999_999_999, "1 s"],
    [1_234_567_890n, "1.23 s"],
    ["90000000000", "1.5 min"],
    [7_200e9, "2 h"],
    [-4_560_000, "-4.56 ms"],
  ])("of %s ns reads %s", (nanoseconds, read) => {
    expect(duration(nanoseconds)).toBe(read);
  });

  it("that is absent reads as a dash", () => {
    expect(milliseconds(null)).toBe("–");
  });
});

describe("a percentage", () => {
  it.each([
    [0, "0 %"],
    [0.04, "<0.1 %"],
    [4.27, "4.2 %"],
    [38.4, "38 %"],
    [99.97, "99.9 %"],
    [100, "100 %"],
    [null, "–"],
  ])("of %s reads %s", (value, read) => {
    expect(percent(value)).toBe(read);
  });
});

describe("a number", () => {
  it("has separators", () => {
    expect(number(1_234_567)).toBe("1,234,567");
  });

  it("of calls a second has as many decimals as it needs", () => {
    expect([0.034, 12.44, 1310.4].map(rate)).toEqual(["0.03/s", "12.4/s", "1,310/s"]);
  });

  it("of bytes has a binary unit", () => {
    expect([512, 3_565_158, 1024 ** 4].map(bytes)).toEqual(["512 B", "3.4 MiB", "1 TiB"]);
  });
});
