import "./example-browser";

import { expect, test } from "vitest";
import { frameMs, historyOf, spanOf, travelled } from "./history";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-11-21T12:00:00Z");
const window = (minutes: number, endMs = NOW) => ({
  fromMs: endMs - minutes * MINUTE,
  toMs: endMs,
});
const iso = (ms: number) => new Date(ms).toISOString();

test("the history is as long as the address says, else long enough to travel in", () => {
  expect(historyOf("1d", window(15))).toBe("1d");
  expect(historyOf("", window(15))).toBe("1h");
  expect(historyOf("", window(60))).toBe("6h");
  expect(historyOf("", window(7 * 24 * 60))).toBe("7d");
});

test("the history ends now, or after a window that is older than it", () => {
  expect(spanOf("1h", window(15), NOW)).toEqual({ fromMs: NOW - HOUR, toMs: NOW });

  const old = spanOf("1h", window(15, NOW - 5 * HOUR), NOW);
  expect(old.toMs).toBe(NOW - 5 * HOUR + 15 * MINUTE);
  expect(old.toMs - old.fromMs).toBe(HOUR);
});

test("a window that counts back keeps its length when it travels", () => {
  expect(travelled({ last: "15m" }, window(15), NOW - HOUR, NOW)).toEqual({
    last: "15m",
    from: undefined,
    to: iso(NOW - HOUR),
  });
});

test("at now it moves on with the time again", () => {
  const to = iso(NOW - HOUR);

  expect(travelled({ last: "15m", to }, window(15), NOW, NOW).to).toBeUndefined();
});

test("a window with a start and an end moves with both", () => {
  const range = { from: iso(NOW - HOUR), to: iso(NOW) };

  expect(travelled(range, window(60), NOW - HOUR, NOW)).toEqual({
    last: undefined,
    from: iso(NOW - 2 * HOUR),
    to: iso(NOW - HOUR),
  });
});

test("a replay shows every moment several times", () => {
  expect(frameMs(window(15))).toBe(3 * MINUTE);
  expect(frameMs({ fromMs: 0, toMs: 10_000 })).toBe(10_000);
});
