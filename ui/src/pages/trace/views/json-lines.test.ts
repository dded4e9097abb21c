import { describe, expect, it } from "vitest";
import { jsonLines, tokensOf } from "./json-lines";

describe("lines of JSON", () => {
  it("say the same as the value", () => {
    const value = {
      text: 'a "b"\n<c>',
      none: null,
      empty: { list: [], map: {} },
      spans: Array.from({ length: 9 }, (_, index) => ({ index, deep: [[index], { of: true }] })),
    };

    expect(JSON.parse(jsonLines(value).join("\n"))).toEqual(value);
  });

  it("keep short lists and maps together", () => {
    expect(jsonLines({ status: { code: "ok", message: "" }, list: [1, [2]] })).toEqual([
      '{"status": {"code": "ok", "message": ""}, "list": [1, [2]]}',
    ]);
  });

  it("put what is long on lines of its own", () => {
    const long = "x".repeat(90);

    expect(jsonLines({ a: long, b: [long] })).toEqual([
      "{",
      `  "a": "${long}",`,
      '  "b": [',
      `    "${long}"`,
      "  ]",
      "}",
    ]);
  });

  it("are one for a plain value", () => {
    expect(jsonLines("x")).toEqual(['"x"']);
  });
});

describe("pieces of a line", () => {
  it("tell keys from values", () => {
    expect(tokensOf('  "a": "b: \\"c\\"", ').map(({ kind, text }) => [kind, text])).toEqual([
      ["sign", "  "],
      ["key", '"a"'],
      ["sign", ":"],
      ["sign", " "],
      ["string", '"b: \\"c\\""'],
      ["sign", ", "],
    ]);
  });

  it("have numbers and words", () => {
    expect(tokensOf("[-1.5e+3, null]").map(({ kind }) => kind)).toEqual([
      "sign",
      "number",
      "sign",
      "word",
      "sign",
    ]);
  });

  it.each(['{"a": [1, "x", {}]}', '      "url": "http://x/?a=b&c",', ""])(
    "of %s are whole",
    (line) => {
      expect(
        tokensOf(line)
          .map(({ text }) => text)
          .join(""),
      ).toBe(line);
    },
  );
});
