/** Lines of a document, made piece by piece beside all else that the page has to do. */
import { useEffect, useState } from "preact/hooks";
import { jsonParts } from "./json-lines";

export interface Lines {
  lines: readonly string[];
  /** Whether these are all. */
  isWhole: boolean;
}

const NONE: Lines = { lines: [], isWhole: false };

/** Work in one go, milliseconds, short enough for the page to answer in between. */
const TURN_MS = 12;
/** Lines after which those so far are shown. */
const STEP = 20_000;

/** Return the lines of a value, as many as there are by now. */
export function useLines(value: object | undefined): Lines {
  const [made, setMade] = useState<Lines>(NONE);

  useEffect(() => {
    setMade(NONE);
    if (value === undefined) {
      return;
    }
    const parts = jsonParts(value);
    const lines: string[] = [];
    let shown = 0;
    let timer: number | undefined;
    const work = () => {
      const end = performance.now() + TURN_MS;
      let part = parts.next();
      while (!part.done) {
        lines.push(...part.value);
        if (performance.now() > end) {
          break;
        }
        part = parts.next();
      }
      if (part.done || lines.length - shown > STEP || shown === 0) {
        shown = lines.length;
        setMade({ lines, isWhole: part.done === true });
      }
      if (!part.done) {
        timer = window.setTimeout(work);
      }
    };
    work();
    return () => window.clearTimeout(timer);
  }, [value]);

  return made;
}
