/** JSON as lines for people: indented, but what is short stays on one line. */

/** Characters of a value that may stay on one line. */
const SHORT = 100;
const INDENT = "  ";
/** Levels whose members come in parts of their own: down to the members of spans. */
const LEVELS_IN_PARTS = 6;

/** Return the value as lines. */
export const jsonLines = (value: unknown): string[] => [...jsonParts(value)].flat();

/** Return the same lines in small parts, for large documents take a while. */
export function* jsonParts(value: unknown): Generator<readonly string[]> {
  yield* parts(value, "", "", "");
}

/**
 * @param name what stands before the value, such as `"key": `.
 * @param tail what stands behind it: a comma or nothing.
 */
function* parts(
  value: unknown,
  indent: string,
  name: string,
  tail: string,
): Generator<readonly string[]> {
  const short = shortText(value, SHORT - indent.length - name.length);
  if (short !== undefined) {
    yield [`${indent}${name}${short}${tail}`];
  } else if (indent.length >= LEVELS_IN_PARTS * INDENT.length) {
    const lines: string[] = [];
    write(value, indent, name, tail, lines);
    yield lines;
  } else {
    const [open, close] = Array.isArray(value) ? "[]" : "{}";
    yield [`${indent}${name}${open}`];
    for (const member of membersOf(value as object)) {
      yield* parts(member.value, indent + INDENT, member.name, member.tail);
    }
    yield [`${indent}${close}${tail}`];
  }
}

function write(value: unknown, indent: string, name: string, tail: string, lines: string[]): void {
  const short = shortText(value, SHORT - indent.length - name.length);
  if (short !== undefined) {
    lines.push(`${indent}${name}${short}${tail}`);
    return;
  }
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  lines.push(`${indent}${name}${open}`);
  for (const member of membersOf(value as object)) {
    write(member.value, indent + INDENT, member.name, member.tail, lines);
  }
  lines.push(`${indent}${close}${tail}`);
}

interface Member {
  name: string;
  value: unknown;
  tail: string;
}

function membersOf(value: object): Member[] {
  const isList = Array.isArray(value);
  const entries: [string | number, unknown][] = isList
    ? [...value.entries()]
    : Object.entries(value);
  return entries.map(([key, each], index) => ({
    name: isList ? "" : `${JSON.stringify(key)}: `,
    value: each,
    tail: index < entries.length - 1 ? "," : "",
  }));
}

/** Values in one object or list beyond which it does not stay on one line. */
const FEW = 6;

/** Return what stays on one line: what is plain, or has few members and at most `room` characters. */
function shortText(value: unknown, room: number): string | undefined {
  if (value === null || typeof value !== "object") {
    return JSON.stringify(value);
  }
  const isList = Array.isArray(value);
  const keys = Object.keys(value);
  if (keys.length > FEW) {
    return undefined;
  }
  let text = "";
  for (const key of keys) {
    const name = isList ? "" : `${JSON.stringify(key)}: `;
    const short = shortText((value as Record<string, unknown>)[key], room - text.length);
    if (short === undefined) {
      return undefined;
    }
    text += `${text && ", "}${name}${short}`;
    if (text.length + 2 > room) {
      return undefined;
    }
  }
  return isList ? `[${text}]` : `{${text}}`;
}

/** A piece of a line and what it is. */
export interface Token {
  kind: "key" | "string" | "number" | "word" | "sign";
  text: string;
}

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([^"\w-]+|.)/g;

/** Return the pieces of a line; together they are the line. */
export function tokensOf(line: string): Token[] {
  return [...line.matchAll(TOKENS)].flatMap(([all, quoted, colon, digits, word]): Token[] => {
    if (quoted !== undefined) {
      return colon === undefined
        ? [{ kind: "string", text: quoted }]
        : [
            { kind: "key", text: quoted },
            { kind: "sign", text: colon },
          ];
    }
    const kind = digits !== undefined ? "number" : word !== undefined ? "word" : "sign";
    return [{ kind, text: all }];
  });
}
