/** One side of a comparison: trace ids, or a search, as the address has it and as people write it. */
import { parsed, type Values, valuesOf, written } from "../../query/query-text";

/** Trace ids, or one search as its query string: as the API takes it. */
export type Side = readonly string[];

export const SIDES = ["a", "b"] as const;
export type SideName = (typeof SIDES)[number];

const TRACE_ID = /^[0-9a-f]{1,32}$/i;
/** The id in the address of a trace's page, here or in Jaeger. */
const TRACE_PAGE = /\/trace\/([0-9a-f]{1,32})(?:[/?#]|$)/i;

export const isSearch = (side: Side): boolean =>
  side.length === 1 && side[0]?.includes("=") === true;

/** Return the search of a side, for a link to its results. */
export const searchOf = (side: Side): Values => valuesOf(new URLSearchParams(side[0]));

/** Return what is written in the field of a side. */
export const sideText = (side: Side): string =>
  isSearch(side) ? written(searchOf(side)) : side.join(" ");

export interface SideError {
  /** The term that cannot be read, and where it begins, from 1. */
  term: string;
  position: number;
  /** What could stand there, if that is a short list. */
  allowed: readonly string[];
}

/** Return the side that a text says: ids, addresses of traces, or a search's line. */
export function readSide(text: string): { side: Side } | { error: SideError } {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const ids = words.map((word) => (TRACE_ID.test(word) ? word : TRACE_PAGE.exec(word)?.[1]));
  if (ids.every((id) => id !== undefined)) {
    return { side: ids.map((id) => id.toLowerCase()) };
  }
  const read = parsed(text);
  if ("error" in read) {
    const { term, start, allowed = [] } = read.error;
    return { error: { term, position: start + 1, allowed } };
  }
  const { trace_id: named, ...conditions } = read.values;
  return { side: named ? [...named] : [queryString(conditions)] };
}

/** Return a search as its query string. */
export function queryString(values: Values): string {
  const parameters = new URLSearchParams();
  for (const [name, given] of Object.entries(values)) {
    for (const value of given) {
      parameters.append(name, value);
    }
  }
  return parameters.toString();
}
