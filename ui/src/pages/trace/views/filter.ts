/** Which spans the table of spans shows: what the address says, as groups of spans set it. */
import { changeQuery, query } from "../../../routing/location";
import type { Trace } from "../view";
import { attributeOf, type Common } from "./groups";

export interface Filter {
  service: string | null;
  operation: string | null;
  /** `key` or `key=value`; without a value it is spans that lack it, as `!key`. */
  attribute: string | null;
}

const NAMES = ["service", "operation", "attribute"] as const;

/** An empty name is a name: it is of spans that say none. */
const NAMELESS = "-";

export const filterInAddress = (): Filter => ({
  service: named(query.value.get("service")),
  operation: named(query.value.get("operation")),
  attribute: query.value.get("attribute") || null,
});

const named = (text: string | null) => (text === NAMELESS ? "" : text || null);

export const changeFilter = (changes: Partial<Filter>) =>
  changeQuery(
    Object.fromEntries(
      Object.entries(changes).map(([name, value]) => [
        name,
        value === "" ? NAMELESS : (value ?? undefined),
      ]),
    ),
  );

/** Show the spans of a group in the table. */
export function showGroup({ service, operation, value }: Common, attribute: string): void {
  const condition =
    value === undefined ? undefined : value === null ? `!${attribute}` : `${attribute}=${value}`;
  changeQuery({
    view: "table",
    service: service === "" ? NAMELESS : service,
    operation: operation === "" ? NAMELESS : operation,
    attribute: condition,
    order: undefined,
  });
}

export const filterParts = (filter: Filter) =>
  NAMES.flatMap((name) => {
    const value = filter[name];
    return value === null ? [] : [{ name, value }];
  });

/** Return the indexes of the spans that meet all of the filter. */
export function filtered(trace: Trace, { service, operation, attribute }: Filter): number[] {
  const has = attribute === null ? null : conditionOf(attribute);
  return trace.spans.flatMap((span, index) => {
    const isMet =
      (service === null || (span.service_name === service && !span.missing)) &&
      (operation === null || (span.name === operation && !span.missing)) &&
      (has === null || (has(attributeOf(trace, span, has.key)) && !span.missing));
    return isMet ? [index] : [];
  });
}

function conditionOf(text: string) {
  const isAbsent = text.startsWith("!");
  const at = text.indexOf("=");
  const key = isAbsent ? text.slice(1) : at < 0 ? text : text.slice(0, at);
  const wanted = isAbsent || at < 0 ? null : text.slice(at + 1);
  const isMet = (value: string | null) =>
    isAbsent ? value === null : wanted === null ? value !== null : value === wanted;
  return Object.assign(isMet, { key });
}
