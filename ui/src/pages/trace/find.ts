/** The search inside of a trace: words that a span must have, or with a `-` must not have. */
import type { Schema } from "../../api/client";
import type { Span, Trace } from "./view";

interface Sought {
  with: readonly string[];
  without: readonly string[];
}

/** Return the words of `text`; quotes keep several together. */
export function soughtIn(text: string): Sought {
  const words = [...text.toLowerCase().matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)].map(
    ([, minus, quoted, plain]) => ({ isWithout: minus === "-", word: quoted ?? plain ?? "" }),
  );
  const of = (isWithout: boolean) =>
    words.filter((each) => each.word && each.isWithout === isWithout).map(({ word }) => word);
  return { with: of(false), without: of(true) };
}

/** Return the spans that have what is sought; null if nothing is. */
export function found(trace: Trace, text: string): ReadonlySet<number> | null {
  const sought = soughtIn(text);
  if (sought.with.length + sought.without.length === 0) {
    return null;
  }
  const matches = new Set<number>();
  for (const [index, words] of textsOf(trace).entries()) {
    const has = (word: string) => words.includes(word);
    if (sought.with.every(has) && !sought.without.some(has)) {
      matches.add(index);
    }
  }
  return matches;
}

/** Return the next of the wanted indexes in a direction, from the other end after the last. */
export function nextOf(
  wanted: readonly number[],
  current: number | null,
  step: 1 | -1,
): number | undefined {
  const from = current ?? (step > 0 ? -1 : Number.POSITIVE_INFINITY);
  return step > 0
    ? (wanted.find((index) => index > from) ?? wanted[0])
    : (wanted.findLast((index) => index < from) ?? wanted.at(-1));
}

const texts = new WeakMap<Trace, readonly string[]>();

/** Return all that can be found of each span, in lower case. */
function textsOf(trace: Trace): readonly string[] {
  let made = texts.get(trace);
  if (!made) {
    const ofResources = trace.resources.map(({ attributes }) => attributesText(attributes));
    made = trace.spans.map((span) =>
      [spanText(span), span.resource === null ? "" : ofResources[span.resource]]
        .join("\n")
        .toLowerCase(),
    );
    texts.set(trace, made);
  }
  return made;
}

function spanText(span: Span): string {
  const parts = [
    span.service_name,
    span.name,
    span.span_id,
    span.kind,
    span.proxy?.hop,
    span.status.message,
    ...Object.values(span.identity),
    attributesText(span.attributes),
    attributesText(span.inherited_attributes),
    ...span.events.flatMap((event) => [event.name, attributesText(event.attributes)]),
    ...span.links.map((link) => link.trace_id),
    ...span.response_flags.map(({ meaning }) => meaning),
    ...span.warnings.map(({ message }) => message),
  ];
  return parts.filter(Boolean).join("\n");
}

const attributesText = (attributes: Schema<"Attributes">) =>
  Object.entries(attributes)
    .map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join("\n");
