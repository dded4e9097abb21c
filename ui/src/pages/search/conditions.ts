/** The conditions of a search, in the address as the API takes them. */
import type { Query } from "../../api/client";
import { NAMES, type Name, term, type Values } from "../../query/query-text";
import { changeQuery, type QueryValue } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";

export const DEFAULT_LAST = "1h";

const TIMES: readonly Name[] = ["from", "last", "to"];

export type Search = Query<"/api/v1/search/histogram">;

/** Return what to ask the API for: the conditions, within a range of time. */
export function searchOf(values: Values, range: TimeRange): Search {
  const conditions = NAMES.filter((name) => name !== "trace_id" && !TIMES.includes(name)).map(
    (name) => [name, name === "attribute" ? values[name] : values[name]?.[0]] as const,
  );
  // The API answers for a kind or a status that it does not know, better than this page could.
  return { ...Object.fromEntries(conditions.filter(([, value]) => value)), ...range } as Search;
}

/** A search as the query string that the API takes, to compare or to share. */
export function searchText(search: Search): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      parameters.append(name, String(each));
    }
  }
  return parameters.toString();
}

export interface Condition {
  name: Name;
  value: string;
  /** As the query's line says it. */
  text: string;
}

/** Return each condition but for the time range. */
export const conditionsOf = (values: Values): Condition[] =>
  NAMES.filter((name) => !TIMES.includes(name)).flatMap((name) =>
    (values[name] ?? []).map((value) => ({ name, value, text: term(name, value) })),
  );

/** Return what is left without a condition. */
export const without = (values: Values, { name, value }: Condition): Values => ({
  ...values,
  [name]: (values[name] ?? []).filter((each) => each !== value),
});

/** Search with other conditions; the pages that were loaded, and given ids, are of the old ones. */
export const changeSearch = (changes: Record<string, QueryValue>) =>
  changeQuery({ trace_id: undefined, pages: undefined, uploaded: undefined, ...changes });

/** Search with these conditions, and time range, only. */
export const searchFor = (values: Values) =>
  changeSearch({ ...Object.fromEntries(NAMES.map((name) => [name, undefined])), ...values });
