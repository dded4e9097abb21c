/** Values of attributes as text for people. */
import type { Schema } from "../../api/client";
import { attributeText } from "../../query/attribute-condition";

type Type = Schema<"AttributeTypes">[string];

/** Lists and maps that fit stand on one line. */
const SHORT_JSON = 60;

/** Return a value as text: plain ones as they are, lists and maps as JSON. */
export function valueText(value: unknown, type?: Type): string {
  const shown = type === "otlp" ? plain(value) : value;
  if (typeof shown === "string") {
    return shown;
  }
  const line = JSON.stringify(shown);
  return line.length <= SHORT_JSON ? line : JSON.stringify(shown, null, 2);
}

/** Return what there is to say of the value's type; undefined if it shows by itself. */
export function typeNote(value: unknown, type?: Type): string | undefined {
  if (type === "bytes" && typeof value === "string") {
    return `base64, ${byteCount(value)} B`;
  }
  return type === "int" ? "int64" : type === "double" ? "double" : undefined;
}

const byteCount = (base64: string) => Math.floor((base64.replace(/=+$/, "").length * 3) / 4);

/** Return what an OTLP/JSON AnyValue holds. */
function plain(value: unknown): unknown {
  if (!isRecord(value)) {
    return value;
  }
  const [[kind, held] = []] = Object.entries(value);
  if (kind === "arrayValue" && isRecord(held)) {
    return Array.isArray(held.values) ? held.values.map(plain) : [];
  }
  if (kind === "kvlistValue" && isRecord(held)) {
    const entries = Array.isArray(held.values) ? held.values.filter(isRecord) : [];
    return Object.fromEntries(entries.map((entry) => [String(entry.key), plain(entry.value)]));
  }
  return held ?? null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Return the address that a value is, if a browser may safely open it. */
export function webAddress(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^https?:\/\/\S+$/i.test(value)) {
    return undefined;
  }
  return URL.canParse(value) ? value : undefined;
}

/** Return a condition on the attribute as the search takes it; undefined if it takes none. */
export const condition = (key: string, value: unknown): string | undefined =>
  value === null || typeof value === "object"
    ? undefined
    : attributeText({ scope: "any", key, comparison: "=", value: String(value) });
