/**
 * The query as one line of text: terms with spaces between them, all of which must hold.
 *
 * ```
 * service=reviews.default error=true http.status_code>=500 duration>=100ms last=1h
 * ```
 *
 * A term is a field of the search (`service`, `duration`, …) or a condition on an attribute, in the
 * form of the API. Values with spaces stand in quotation marks, as JSON strings. An attribute that
 * is named as a field has its scope in front: `span:error=x`.
 */
import { type AttributeCondition, attributeText, readAttribute } from "./attribute-condition";
import { type Fault, faultOf, readTerm, type Term, type TextError } from "./query-term";

/** Parameters of a search by name; each with what is given for it. */
export type Values = Readonly<Record<string, readonly string[]>>;

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
const STATUSES = ["unset", "ok", "error"] as const;
export const CHOICES = { kind: KINDS, status: STATUSES, error: ["true", "false"] } as const;

const TEXTS = ["service", "operation", "namespace", "cluster", "request_id", "trace_id"] as const;
const DURATIONS = {
  duration: ["min_duration", "max_duration"],
  trace_duration: ["min_trace_duration", "max_trace_duration"],
} as const;

/** Every parameter that the text says, in the order in which it says them. */
export const NAMES = [
  "trace_id",
  "service",
  "operation",
  "namespace",
  "cluster",
  "kind",
  "status",
  "error",
  "request_id",
  "attribute",
  ...DURATIONS.duration,
  ...DURATIONS.trace_duration,
  "from",
  "last",
  "to",
] as const;
export type Name = (typeof NAMES)[number];

const FIELDS: ReadonlySet<string> = new Set(
  [...NAMES, ...Object.keys(DURATIONS)].filter((name) => name !== "attribute"),
);
const MAX_ATTRIBUTES = 16;
const DURATION = /^(\d{1,19}|(\d{1,19}(\.\d{1,9})?(ns|us|µs|μs|ms|s|m|h|d))+)$/;
const TIME = /^(\d{1,19}|\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[-+]\d\d:\d\d))$/;

/** Whether the API takes it as a duration, such as `1.5s`. */
export const isDuration = (text: string) => DURATION.test(text);

/** Return the line that says the same as the parameters. */
export function written(values: Values): string {
  return NAMES.flatMap((name) => (values[name] ?? []).map((value) => term(name, value))).join(" ");
}

/** Return the term that says one parameter. */
export function term(name: Name, value: string): string {
  if (name === "attribute") {
    const condition = readAttribute(value);
    return condition ? attributeTerm(condition) : value;
  }
  for (const [field, [min, max]] of Object.entries(DURATIONS)) {
    if (name === min || name === max) {
      return `${field}${name === min ? ">=" : "<="}${value}`;
    }
  }
  return `${name}=${valueText(value)}`;
}

function attributeTerm(condition: AttributeCondition): string {
  const name = attributeText({ ...condition, comparison: "exists", value: "" });
  const isField = FIELDS.has(name);
  const key = isField ? `any:${name}` : name;
  switch (condition.comparison) {
    case "exists":
      return key;
    case "absent":
      return `!${key}`;
    default:
      return `${key}${condition.comparison}${valueText(condition.value)}`;
  }
}

const valueText = (value: string) => (/^"|\s/.test(value) ? JSON.stringify(value) : value);

/** Return the parameters that a line says, or what is wrong with it and where. */
export function parsed(line: string): { values: Values } | { error: TextError } {
  const values: Partial<Record<Name, string[]>> = {};
  let position = 0;
  for (;;) {
    position += /^\s*/.exec(line.slice(position))?.[0].length ?? 0;
    if (position === line.length) {
      return { values: values as Values };
    }
    const read = readTerm(line.slice(position));
    const end = position + read.length;
    const fault = read.fault ?? entered(values, read);
    if (fault) {
      const text = line.slice(position, end);
      return { error: { ...faultOf(fault), term: text, start: position, end } };
    }
    position = end;
  }
}

/** Put a term's parameter among the values; return what is wrong with it, if anything is. */
function entered(values: Partial<Record<Name, string[]>>, read: Term): Fault | undefined {
  const { key, operator, value, isNegated } = read;
  if (read.scope || read.isQuoted || !FIELDS.has(key)) {
    return enteredAttribute(values, read);
  }
  if (key === "error" && !operator) {
    return put(values, "error", String(!isNegated));
  }
  if (!operator) {
    return "no_operator";
  }
  if (!value) {
    return "no_value";
  }
  if (key in DURATIONS) {
    const [min, max] = DURATIONS[key as keyof typeof DURATIONS];
    const name = operator.startsWith(">") ? min : operator.startsWith("<") ? max : undefined;
    if (!name) {
      return { code: "wrong_operator", allowed: [">=", "<="] };
    }
    return isDuration(value) ? put(values, name, value) : "not_a_duration";
  }
  if (operator !== "=") {
    return { code: "wrong_operator", allowed: ["="] };
  }
  return faultOfValue(key, value) ?? put(values, key as Name, value);
}

function faultOfValue(key: string, value: string): Fault | undefined {
  if (key in CHOICES) {
    const allowed: readonly string[] = CHOICES[key as keyof typeof CHOICES];
    return allowed.includes(value) ? undefined : { code: "not_one_of", allowed };
  }
  if (key === "from" || key === "to") {
    return TIME.test(value) ? undefined : "not_a_time";
  }
  const isText = (TEXTS as readonly string[]).includes(key);
  return isText || isDuration(value) ? undefined : "not_a_duration";
}

function put(values: Partial<Record<Name, string[]>>, name: Name, value: string) {
  if (name === "trace_id") {
    values.trace_id = [...(values.trace_id ?? []), value];
    return undefined;
  }
  if (values[name]) {
    return "twice" as const;
  }
  if ((name === "last" && values.from) || (name === "from" && values.last)) {
    return "last_and_from" as const;
  }
  values[name] = [value];
  return undefined;
}

function enteredAttribute(
  values: Partial<Record<Name, string[]>>,
  { scope, key, isQuoted, operator, value, isNegated }: Term,
): Fault | undefined {
  if (!operator && !scope && !isQuoted) {
    if (/^(and|or|not|&&|\|\|)$/i.test(key)) {
      return "word_between";
    }
    if (FIELDS.has(/^[^:]+(?=:)/.exec(key)?.[0] ?? "")) {
      return "colon";
    }
  }
  if (!value && operator && operator !== "=" && operator !== "!=") {
    return "no_value";
  }
  const attributes = values.attribute ?? [];
  if (attributes.length === MAX_ATTRIBUTES) {
    return "too_many";
  }
  const comparison = operator ?? (isNegated ? "absent" : "exists");
  values.attribute = [
    ...attributes,
    attributeText({ scope: scope ?? "any", key, comparison, value }),
  ];
  return undefined;
}

/** Return the parameters of the search that an address has. */
export function valuesOf(query: URLSearchParams): Values {
  return Object.fromEntries(
    NAMES.map((name) => [name, query.getAll(name).filter(Boolean)] as const).filter(
      ([, values]) => values.length > 0,
    ),
  );
}
