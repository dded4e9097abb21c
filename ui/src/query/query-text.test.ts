import { describe, expect, test } from "vitest";
import { parsed, term, type Values, valuesOf, written } from "./query-text";

const values = (line: string) => {
  const read = parsed(line);
  if ("error" in read) {
    throw new Error(JSON.stringify(read.error));
  }
  return read.values;
};

const error = (line: string) => {
  const read = parsed(line);
  return "error" in read ? read.error : undefined;
};

describe("the line and the parameters say the same", () => {
  test.each<[string, Values]>([
    ["", {}],
    [
      "service=reviews.default error=true http.status_code>=500 duration>=100ms last=1h",
      {
        service: ["reviews.default"],
        error: ["true"],
        attribute: ["http.status_code>=500"],
        min_duration: ["100ms"],
        last: ["1h"],
      },
    ],
    ['operation="GET /a b"', { operation: ["GET /a b"] }],
    ["operation=HTTP=GET", { operation: ["HTTP=GET"] }],
    ["kind=server status=error", { kind: ["server"], status: ["error"] }],
    [
      "trace_duration>=1s trace_duration<=2m",
      {
        min_trace_duration: ["1s"],
        max_trace_duration: ["2m"],
      },
    ],
    ['note="a b" retry.count !user.id', { attribute: ["note=a b", "retry.count", "!user.id"] }],
    ['"odd key"="\\"x\\""', { attribute: ['"odd key"="x"'] }],
    [
      "resource:k8s.pod.name=x any:error=odd",
      {
        attribute: ["resource:k8s.pod.name=x", "error=odd"],
      },
    ],
    [
      "from=2026-11-20T09:30:00Z to=1795167000500000000",
      {
        from: ["2026-11-20T09:30:00Z"],
        to: ["1795167000500000000"],
      },
    ],
    ["trace_id=a1 trace_id=b2", { trace_id: ["a1", "b2"] }],
    ["人数=3", { attribute: ["人数=3"] }],
    ["attribute=x", { attribute: ["attribute=x"] }],
  ])("%s", (line, parameters) => {
    expect(written(parameters)).toBe(line);
    expect(values(line)).toEqual(parameters);
  });

  test("what an address has besides is not said", () => {
    const query = new URLSearchParams("service=a&live=1&sort=-duration&operation=");

    expect(written(valuesOf(query))).toBe("service=a");
  });
});

describe("people may write", () => {
  test.each<[string, Values]>([
    ["duration>100ms duration<1s", { min_duration: ["100ms"], max_duration: ["1s"] }],
    ["error", { error: ["true"] }],
    ["!error", { error: ["false"] }],
    ["  last=1h   service=a ", { last: ["1h"], service: ["a"] }],
    ["min_duration=5ms", { min_duration: ["5ms"] }],
    ['service="a b"', { service: ["a b"] }],
  ])("%s", (line, parameters) => {
    expect(values(line)).toEqual(parameters);
  });
});

describe("what is wrong is told with its place", () => {
  test.each([
    ["service=a duration>=slow", "not_a_duration", "duration>=slow"],
    ["last=yesterday", "not_a_duration", "last=yesterday"],
    ["from=yesterday", "not_a_time", "from=yesterday"],
    ["a=1 service", "no_operator", "service"],
    ["service= b=1", "no_value", "service="],
    ["service!=a", "wrong_operator", "service!=a"],
    ["duration=5ms", "wrong_operator", "duration=5ms"],
    ["kind=proxy", "not_one_of", "kind=proxy"],
    ["service=a service=b", "twice", "service=b"],
    ["last=1h from=2026-11-20T09:30:00Z", "last_and_from", "from=2026-11-20T09:30:00Z"],
    ["a=1 AND b=2", "word_between", "AND"],
    ["service:reviews", "colon", "service:reviews"],
    ["!a=1", "negated_comparison", "!a=1"],
    ['a="b c', "unfinished_string", 'a="b c'],
    ['a="b"c', "text_behind_string", 'a="b"c'],
    ["=1", "no_key", "=1"],
    ["a=1 b!c", "no_key", "b!c"],
    ["http.url~", "no_value", "http.url~"],
    [Array.from({ length: 17 }, (_, index) => `a${index}=1`).join(" "), "too_many", "a16=1"],
  ])("%s", (line, code, wrong) => {
    const found = error(line);

    expect(found).toMatchObject({ code, term: wrong });
    expect(line.slice(found?.start, found?.end)).toBe(wrong);
  });
});

test("an attribute that is named as a field is told apart from it", () => {
  expect(term("attribute", "service=a")).toBe("any:service=a");
  expect(values("any:service=a")).toEqual({ attribute: ["service=a"] });
});
