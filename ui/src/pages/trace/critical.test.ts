import { expect, test } from "vitest";
import { holdersOf } from "./critical";
import { madeTrace } from "./made-trace";

const part = (span_index: number, duration_nano: number) => ({
  span_index,
  span_id: "",
  start_time: "",
  start_time_unix_nano: "0",
  duration: "",
  duration_nano: String(duration_nano),
});

test("holders are services, most first, with the span that holds most of theirs", () => {
  const trace = {
    ...madeTrace([{ service_name: "a" }, { service_name: "b" }, { service_name: "b" }]),
    critical_path: [part(0, 20), part(1, 30), part(2, 40), part(1, 10), part(0, 0)],
  };

  expect(holdersOf(trace)).toEqual([
    { service: "b", share: 0.8, longest: 1 },
    { service: "a", share: 0.2, longest: 0 },
  ]);
});

test("nobody holds an empty path", () => {
  expect(holdersOf(madeTrace([{}]))).toEqual([]);
});
