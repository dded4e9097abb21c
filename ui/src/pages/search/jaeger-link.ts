/** Links to Jaeger's search, taken over into our parameters. */

import { attributeText } from "../../query/attribute-condition";
import { isDuration } from "../../query/query-text";
import type { QueryValue } from "../../routing/location";

/** Parameters that only Jaeger's links have. */
const OF_JAEGER = [
  "tags",
  "tag",
  "lookback",
  "start",
  "end",
  "minDuration",
  "maxDuration",
  "traceID",
  "span",
  "maxTraceDuration",
] as const;

/** What becomes of the address of Jaeger's search; undefined if it is none. */
export function fromJaeger(query: URLSearchParams): Record<string, QueryValue> | undefined {
  if (!OF_JAEGER.some((name) => query.has(name))) {
    return undefined;
  }
  const operation = query.get("operation") ?? "";
  return {
    ...Object.fromEntries(OF_JAEGER.map((name) => [name, undefined])),
    ...timeOf(query),
    ...conditionsOf(tagsOf(query)),
    operation: operation === "all" ? undefined : operation,
    min_duration: durationOf(query.get("minDuration")),
    max_duration: durationOf(query.get("maxDuration")),
    trace_id: query.getAll("traceID").flatMap((ids) => ids.split(",")),
  };
}

function timeOf(query: URLSearchParams): Record<string, QueryValue> {
  const [from, to] = [nanoseconds(query.get("start")), nanoseconds(query.get("end"))];
  if (from) {
    return { from, to, last: undefined };
  }
  const lookback = /^(\d+)([smhdw])$/.exec(query.get("lookback") ?? "");
  if (!lookback) {
    return { to };
  }
  const [, count = "", unit] = lookback;
  return { to, last: unit === "w" ? `${Number(count) * 7}d` : `${count}${unit}` };
}

/** Return nanoseconds of Jaeger's microseconds; undefined for what is no number. */
const nanoseconds = (microseconds: string | null) =>
  /^\d{1,16}$/.test(microseconds ?? "") ? `${microseconds}000` : undefined;

const durationOf = (text: string | null) => (text && isDuration(text) ? text : undefined);

/** Return keys and values of `tags`, an object in JSON, and of each `tag`, `key:value`. */
function tagsOf(query: URLSearchParams): [key: string, value: string][] {
  const tags: [string, string][] = query.getAll("tag").map((tag) => {
    const [key = "", ...value] = tag.split(":");
    return [key, value.join(":")];
  });
  try {
    const object: unknown = JSON.parse(query.get("tags") || "{}");
    if (typeof object === "object" && object !== null) {
      tags.push(
        ...Object.entries(object).map(([key, value]) => [key, String(value)] as [string, string]),
      );
    }
  } catch {
    // Jaeger answers such a link with an error; the rest of it can still be asked.
  }
  return tags.filter(([key]) => key);
}

function conditionsOf(tags: [key: string, value: string][]): Record<string, QueryValue> {
  const attributes: string[] = [];
  const fields: Record<string, string> = {};
  for (const [key, value] of tags) {
    if (key === "error" && (value === "true" || value === "false")) {
      fields.error = value;
    } else if (key === "span.kind") {
      fields.kind = value;
    } else if (key === "span.status") {
      fields.status = value.toLowerCase();
    } else {
      const isOfResource = key.startsWith("resource.");
      attributes.push(
        attributeText({
          scope: isOfResource ? "resource" : "any",
          key: isOfResource ? key.slice("resource.".length) : key,
          comparison: "=",
          value,
        }),
      );
    }
  }
  return { ...fields, ...(attributes.length > 0 && { attribute: attributes }) };
}
