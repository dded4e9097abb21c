import { expect, test } from "vitest";
import { fromJaeger } from "./jaeger-link";

/** What is asked of the search in the end. */
function taken(link: string) {
  const values = fromJaeger(new URLSearchParams(link));
  return values && Object.fromEntries(Object.entries(values).filter(([, value]) => value?.length));
}

test("a link of ours is left alone", () => {
  expect(taken("service=a&operation=b&last=1h&min_duration=5ms&limit=20")).toBeUndefined();
});

test("a link of Jaeger's form says the same in our words", () => {
  const link = new URLSearchParams({
    end: "1795286422622889",
    limit: "20",
    lookback: "1h",
    maxDuration: "",
    minDuration: "100ms",
    operation: "GET /",
    service: "reviews.default",
    start: "1795282822622000",
    tags: '{"error":"true","http.status_code":"503"}',
  });

  expect(taken(link.toString())).toEqual({
    error: "true",
    attribute: ["http.status_code=503"],
    operation: "GET /",
    min_duration: "100ms",
    from: "1795282822622000000",
    to: "1795286422622889000",
  });
});

test.each([
  ["lookback=2h", { last: "2h" }],
  ["lookback=4w", { last: "28d" }],
  ["lookback=custom", {}],
  ["operation=all&lookback=2h", { last: "2h" }],
  ["tag=url:http://a/b&tag=span.kind:client", { kind: "client", attribute: ["url=http://a/b"] }],
  ["tags=%7B%22resource.k8s.pod.name%22%3A%22a%22%7D", { attribute: ["resource:k8s.pod.name=a"] }],
  ["tags=%7B%22odd%20key%22%3A7%7D", { attribute: ['"odd key"=7'] }],
  ["tags=broken&lookback=1h", { last: "1h" }],
  ["minDuration=long", {}],
  ["traceID=a1&traceID=b2", { trace_id: ["a1", "b2"] }],
])("%s", (link, values) => {
  expect(taken(link)).toEqual(values);
});
