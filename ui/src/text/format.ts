/** Numbers, durations and times for people. Exact values stay in titles and the API. */
import { language } from "./language";

const UNITS = [
  ["h", 3_600e9],
  ["min", 60e9],
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
] as const;

/** Return nanoseconds with three significant digits and a unit: `1.23 s`, `45 ms`, `870 ns`. */
export function duration(nanoseconds: number | bigint | string): string {
  const value = Number(nanoseconds);
  const size = Math.abs(value);
  // Rounding may not reach the next unit: 999.9 µs is 1 ms.
  const unit = UNITS.find(([, factor]) => size >= factor * 0.9995);
  return unit ? `${significant(value / unit[1])} ${unit[0]}` : `${Math.round(value)} ns`;
}

/** Return milliseconds as `duration` does; an absent value is a dash. */
export const milliseconds = (value: number | null | undefined) =>
  value == null ? "–" : duration(value * 1e6);

/** Return a percentage: `0 %`, `<0.1 %`, `4.2 %`, `38 %`; an absent value is a dash. */
export function percent(value: number | null | undefined): string {
  if (value == null) {
    return "–";
  }
  if (value === 0) {
    return "0 %";
  }
  if (value < 0.1) {
    return "<0.1 %";
  }
  // "100 %" only if it is all.
  const shown = value < 10 || (value > 99 && value < 100) ? Math.floor(value * 10) / 10 : value;
  return `${number(shown, value < 10 || (value > 99 && value < 100) ? 1 : 0)} %`;
}

/** Return calls a second: `<0.01/s`, `0.03/s`, `12.4/s`, `1,310/s`. */
export const rate = (perSecond: number) =>
  perSecond > 0 && perSecond < 0.005
    ? `<${number(0.01, 2)}/s`
    : `${number(perSecond, perSecond < 1 ? 2 : perSecond < 100 ? 1 : 0)}/s`;

/** Return bytes with a binary unit: `512 B`, `3.4 MiB`. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let left = value;
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${number(left, unit && left < 10 ? 1 : 0)} ${units[unit]}`;
}

/** Return a number with separators of the language and at most `digits` decimals. */
export function number(value: number, digits = 0): string {
  return numberFormat(language.value, digits).format(value);
}

/** Return the local date and time to the second, or only the time if it is today. */
export function time(unixNano: number | bigint | string): string {
  const date = dateOf(unixNano);
  const isToday = date.toDateString() === new Date().toDateString();
  return (isToday ? clockFormat : dateFormat)(language.value).format(date);
}

/** Return the local date and time to the millisecond. */
export function exactTime(unixNano: number | bigint | string): string {
  const date = dateOf(unixNano);
  const fraction = String(date.getMilliseconds()).padStart(3, "0");
  return `${dateFormat(language.value).format(date)}.${fraction}`;
}

/**
 * Return a local time as short as an axis allows: the clock, with the date if the axis is longer
 * than a day, and with seconds if it is shorter than five minutes.
 *
 * @param unixSeconds since the epoch.
 * @param lengthSeconds of the axis.
 */
export function axisTime(unixSeconds: number, lengthSeconds: number): string {
  const format =
    lengthSeconds > 86_400 ? dayFormat : lengthSeconds < 300 ? clockFormat : minuteFormat;
  return format(language.value).format(new Date(unixSeconds * 1000));
}

/** Return how long ago it was, or will be: `3 minutes ago`. */
export function ago(unixNano: number | bigint | string, nowMs = Date.now()): string {
  const seconds = (dateOf(unixNano).getTime() - nowMs) / 1000;
  const size = Math.abs(seconds);
  const [unit, factor] =
    size < 60
      ? (["second", 1] as const)
      : size < 3_600
        ? (["minute", 60] as const)
        : size < 86_400
          ? (["hour", 3_600] as const)
          : (["day", 86_400] as const);
  return relativeFormat(language.value).format(Math.round(seconds / factor), unit);
}

/** Return the start of a trace id, enough to tell traces of a page apart. */
export const shortId = (id: string) => id.slice(0, 7);

export const dateOf = (unixNano: number | bigint | string) =>
  new Date(Number(BigInt(unixNano) / 1_000_000n));

function significant(value: number): string {
  const size = Math.abs(value);
  return number(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

function kept<K, V>(make: (key: K, extra?: number) => V): (key: K, extra?: number) => V {
  const made = new Map<string, V>();
  return (key, extra) => {
    const name = `${key} ${extra}`;
    let value = made.get(name);
    if (value === undefined) {
      value = make(key, extra);
      made.set(name, value);
    }
    return value;
  };
}

const numberFormat = kept(
  (tag: string, digits = 0) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits }),
);
const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false } as const;
const clockFormat = kept((tag: string) => new Intl.DateTimeFormat(tag, clock));
const minute = { hour: "2-digit", minute: "2-digit", hour12: false } as const;
const minuteFormat = kept((tag: string) => new Intl.DateTimeFormat(tag, minute));
const dayFormat = kept(
  (tag: string) => new Intl.DateTimeFormat(tag, { month: "short", day: "numeric", ...minute }),
);
const dateFormat = kept(
  (tag: string) =>
    new Intl.DateTimeFormat(tag, { year: "numeric", month: "short", day: "numeric", ...clock }),
);
const relativeFormat = kept((tag: string) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" }));
