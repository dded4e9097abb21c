import { expect, test } from "vitest";
import { condition, typeNote, valueText, webAddress } from "./values";

test.each([
  ["a text", "a text"],
  [0.125, "0.125"],
  [true, "true"],
  [null, "null"],
  [["a", "b"], '["a","b"]'],
])("%j reads as %s", (value, expected) => {
  expect(valueText(value)).toBe(expected);
});

test("a long list stands on lines of its own", () => {
  expect(valueText(Array.from({ length: 40 }, () => "item"))).toContain('\n  "item"');
});

test("an array of OTLP values reads as plain ones", () => {
  const value = { arrayValue: { values: [{ intValue: "9223372036854775807" }, {}] } };

  expect(valueText(value, "otlp")).toBe('["9223372036854775807",null]');
});

test("the length of bytes is told", () => {
  expect(typeNote("AAH+/w==", "bytes")).toBe("base64, 4 B");
});

test.each(["javascript:alert(1)", "data:text/html,x", "http://", "see http://x.test", 7])(
  "%s leads nowhere",
  (value) => {
    expect(webAddress(value)).toBeUndefined();
  },
);

test("an address of the web leads there", () => {
  expect(webAddress("https://example.com/a?b=c")).toBe("https://example.com/a?b=c");
});

test("a value becomes a condition of the search, with odd keys in quotes", () => {
  expect(condition("http.status_code", 503)).toBe("http.status_code=503");
  expect(condition("odd key", "x")).toBe('"odd key"=x');
  expect(condition("shelves", ["a"])).toBeUndefined();
});
