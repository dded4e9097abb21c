/** One condition on an attribute, as the API's `attribute` parameter writes it. */

export const SCOPES = ["any", "span", "resource", "scope", "event", "link"] as const;
export type Scope = (typeof SCOPES)[number];

/** Longer ones first: the first that fits is it. */
export const OPERATORS = ["!=", ">=", "<=", "=", ">", "<", "~"] as const;
export type Operator = (typeof OPERATORS)[number];

export type Comparison = Operator | "exists" | "absent";

export interface AttributeCondition {
  scope: Scope;
  key: string;
  comparison: Comparison;
  /** Empty where nothing is compared. */
  value: string;
}

export const SCOPE_PREFIX = /^(any|span|resource|scope|event|link):/;
const BARE_KEY = /^[^=!<>~"\s]+/;
export const QUOTED = /^"(?:[^"\\]|\\.)*"/;

export const comparesValue = (comparison: Comparison): comparison is Operator =>
  comparison !== "exists" && comparison !== "absent";

/** Return the condition that a parameter writes; undefined if it writes none. */
export function readAttribute(text: string): AttributeCondition | undefined {
  const isNegated = text.startsWith("!");
  const { scope, key, rest } = readKey(isNegated ? text.slice(1) : text);
  if (!key) {
    return undefined;
  }
  if (!rest) {
    return { scope, key, comparison: isNegated ? "absent" : "exists", value: "" };
  }
  const operator = OPERATORS.find((each) => rest.startsWith(each));
  return operator && !isNegated
    ? { scope, key, comparison: operator, value: rest.slice(operator.length) }
    : undefined;
}

/** Return the key, with its scope, that a text begins with, and what follows it. */
export function readKey(text: string): { scope: Scope; key: string; rest: string } {
  const prefix = SCOPE_PREFIX.exec(text);
  const scope = (prefix?.[1] ?? "any") as Scope;
  const behind = text.slice(prefix?.[0].length ?? 0);
  const quoted = QUOTED.exec(behind)?.[0];
  if (quoted !== undefined) {
    return { scope, key: unquoted(quoted) ?? "", rest: behind.slice(quoted.length) };
  }
  const key = BARE_KEY.exec(behind)?.[0] ?? "";
  return { scope, key, rest: behind.slice(key.length) };
}

/** Return the parameter that writes a condition. */
export function attributeText({ scope, key, comparison, value }: AttributeCondition): string {
  const name = keyText(scope, key);
  switch (comparison) {
    case "exists":
      return name;
    case "absent":
      return `!${name}`;
    default:
      return `${name}${comparison}${value}`;
  }
}

/** Return a key with its scope, quoted where it must be. */
export function keyText(scope: Scope, key: string): string {
  const isBare = BARE_KEY.exec(key)?.[0] === key;
  if (scope !== "any") {
    return `${scope}:${isBare ? key : JSON.stringify(key)}`;
  }
  return isBare ? (SCOPE_PREFIX.test(key) ? `any:${key}` : key) : JSON.stringify(key);
}

/** Return the text of a JSON string; undefined if it is none. */
export function unquoted(quoted: string): string | undefined {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined; // an escape that JSON does not know
  }
}
