import { describe, expect, it, vi } from "vitest";

vi.mock("../../../api/client", () => ({}));

import { jsonLines } from "./json-lines";
import { lineOfSpan } from "./json-source";

const spans = ["a1", "b2", "b2"].map((span_id) => ({ span_id, name: "x".repeat(100) }));
const document = { critical_path: [{ span_id: "b2" }], spans };
const lines = jsonLines(document);
const trace = { spans } as unknown as Parameters<typeof lineOfSpan>[1];

describe("the line of a span", () => {
  it("is where it is told about, not where the critical path names it", () => {
    expect(lines[lineOfSpan(lines, trace, 0, "spanloom") ?? -1]).toBe('      "span_id": "a1",');
    expect(lineOfSpan(lines, trace, 1, "spanloom")).toBe(8);
  });

  it("is its own where several spans have the same id", () => {
    expect(lineOfSpan(lines, trace, 2, "spanloom")).toBe(12);
  });

  it("is not there if the form lacks the span", () => {
    expect(lineOfSpan(lines, trace, 1, "otlp")).toBeUndefined();
  });
});
