/** A term of the query's line, as it is written: what it means says query-text. */
import {
  OPERATORS,
  type Operator,
  QUOTED,
  SCOPE_PREFIX,
  type Scope,
  unquoted,
} from "./attribute-condition";

export interface TextError {
  code:
    | "no_key"
    | "unfinished_string"
    | "text_behind_string"
    | "negated_comparison"
    | "no_value"
    | "no_operator"
    | "wrong_operator"
    | "not_a_duration"
    | "not_a_time"
    | "not_one_of"
    | "twice"
    | "last_and_from"
    | "word_between"
    | "colon"
    | "too_many";
  /** The term that is wrong, and where it is: characters from the start, behind its end. */
  term: string;
  start: number;
  end: number;
  /** What could stand there, if that is a short list. */
  allowed?: readonly string[];
}

export type Fault = TextError["code"] | Pick<TextError, "code" | "allowed">;

export const faultOf = (fault: Fault) => (typeof fault === "string" ? { code: fault } : fault);

export interface Term {
  length: number;
  fault?: Fault;
  isNegated: boolean;
  scope: Scope | undefined;
  key: string;
  isQuoted: boolean;
  operator: Operator | undefined;
  value: string;
}

/** Read the term that a text begins with. */
export function readTerm(text: string): Term {
  const word = /^\S+/.exec(text)?.[0] ?? "";
  const isNegated = text.startsWith("!");
  let position = isNegated ? 1 : 0;
  const prefix = SCOPE_PREFIX.exec(text.slice(position));
  position += prefix?.[0].length ?? 0;
  const scope = prefix?.[1] as Scope | undefined;
  const found: Term = {
    length: word.length,
    isNegated,
    scope,
    key: "",
    isQuoted: false,
    operator: undefined,
    value: "",
  };

  const key = readText(text.slice(position), /^[^=!<>~"\s]+/);
  if (key.fault || !key.text) {
    return { ...found, length: word.length, fault: key.fault ?? "no_key" };
  }
  position += key.length;
  const rest = text.slice(position);
  const operator = OPERATORS.find((each) => rest.startsWith(each));
  const named = { ...found, key: key.text, isQuoted: key.isQuoted };
  if (!operator) {
    const isEnd = rest === "" || /^\s/.test(rest);
    return { ...named, length: isEnd ? position : word.length, ...(!isEnd && behindKey(key)) };
  }
  position += operator.length;
  const value = readText(text.slice(position), /^\S+/);
  position += value.length;
  const isAtEnd = position === text.length || /^\s/.test(text.slice(position));
  const fault = value.fault ?? (isAtEnd ? undefined : ("text_behind_string" as const));
  return {
    ...named,
    operator,
    value: value.text,
    length: isAtEnd ? position : Math.max(position, word.length),
    ...(fault && { fault }),
    ...(isNegated && { fault: "negated_comparison" as const }),
  };
}

const behindKey = (key: { isQuoted: boolean }): { fault: Fault } => ({
  fault: key.isQuoted ? "text_behind_string" : "no_key",
});

interface ReadText {
  text: string;
  length: number;
  isQuoted: boolean;
  fault?: Fault;
}

/** Read a JSON string, or what is bare. */
function readText(text: string, bare: RegExp): ReadText {
  if (text.startsWith('"')) {
    const quoted = QUOTED.exec(text)?.[0] ?? "";
    const inside = unquoted(quoted);
    return inside === undefined
      ? { text: "", length: text.length, isQuoted: true, fault: "unfinished_string" }
      : { text: inside, length: quoted.length, isQuoted: true };
  }
  const word = bare.exec(text)?.[0] ?? "";
  return { text: word, length: word.length, isQuoted: false };
}
