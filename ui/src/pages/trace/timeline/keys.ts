/** The timeline's keys: Jaeger's letters, and the arrows of a tree. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { ALL_LEVELS, type Folding, type Row } from "../rows";
import { panned, type ViewRange, WHOLE, zoomed } from "../view-range";
import { ROW_HEIGHT } from "./row";

interface Hands {
  rows: readonly Row[];
  /** Position of the row that has the keyboard. */
  cursor: number;
  moveTo: (position: number) => void;
  fold: (index: number) => void;
  select: (index: number | null) => void;
  selected: number | null;
  folding: Folding;
  setFolding: (levels: number, toggled: Iterable<number>) => void;
  maxDepth: number;
  range: ViewRange;
  setRange: (range: ViewRange) => void;
  scroller: RefObject<HTMLDivElement | null>;
  onHelp: () => void;
}

/** Parts of what is shown that keys move and zoom by; with Shift in brackets of the help. */
const PAN = 0.1;
const PAN_FAR = 0.5;
const ZOOM = 0.7;

export function useKeys(hands: Hands): void {
  const current = useRef(hands);
  current.current = hands;
  // With the first rows in sight: a key that is pressed then counts.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const focus = event.target instanceof HTMLElement ? event.target : null;
      const isTyping = focus?.closest("input, textarea, select, dialog, [contenteditable]");
      // Controls have arrows and Enter for themselves.
      const isControl = focus?.closest("a, button, summary, [role=slider], [role=separator]");
      if (isTyping || (isControl && !/^[a-z[\]?+=\-0]$/i.test(event.key))) {
        return;
      }
      if (act(event.key, current.current)) {
        event.preventDefault();
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

/** Do what a key stands for; return whether it stands for anything. */
function act(key: string, hands: Hands): boolean {
  const { rows, cursor, moveTo, range, setRange } = hands;
  const screenful = Math.floor((hands.scroller.current?.clientHeight ?? 0) / ROW_HEIGHT / 1.25);
  switch (key) {
    case "j":
    case "ArrowDown":
      moveTo(cursor + 1);
      return true;
    case "k":
    case "ArrowUp":
      moveTo(cursor - 1);
      return true;
    case "f":
    case "PageDown":
      moveTo(cursor + screenful);
      return true;
    case "b":
    case "PageUp":
      moveTo(cursor - screenful);
      return true;
    case "Home":
      moveTo(0);
      return true;
    case "End":
      moveTo(rows.length - 1);
      return true;
    case "s":
    case "w":
      hands.scroller.current?.scrollBy({ top: (key === "s" ? 5 : -5) * ROW_HEIGHT });
      return true;
    case "a":
    case "A":
      setRange(panned(range, key === "A" ? -PAN_FAR : -PAN));
      return true;
    case "d":
    case "D":
      setRange(panned(range, key === "D" ? PAN_FAR : PAN));
      return true;
    case "+":
    case "=":
      setRange(zoomed(range, ZOOM));
      return true;
    case "-":
      setRange(zoomed(range, 1 / ZOOM));
      return true;
    case "0":
      setRange(WHOLE);
      return true;
    case "?":
      hands.onHelp();
      return true;
    default:
      return actOnTree(key, hands);
  }
}

function actOnTree(key: string, hands: Hands): boolean {
  const { rows, cursor, folding, setFolding, maxDepth } = hands;
  const row = rows[cursor];
  switch (key) {
    case "]":
      setFolding(0, []);
      return true;
    case "[":
      setFolding(ALL_LEVELS, []);
      return true;
    case "p":
      setFolding(fewer(folding.levels, maxDepth), []);
      return true;
    case "o":
      setFolding(more(folding.levels, maxDepth), []);
      return true;
    case "Enter":
    case " ":
      if (row) {
        hands.select(row.index === hands.selected ? null : row.index);
      }
      return row !== undefined;
    case "ArrowRight":
      if (row?.isOpen === false) {
        hands.fold(row.index);
      } else if (row?.isOpen) {
        hands.moveTo(cursor + 1);
      }
      return true;
    case "ArrowLeft":
      if (row?.isOpen) {
        hands.fold(row.index);
      } else if (row) {
        hands.moveTo(parentOf(rows, cursor));
      }
      return true;
    default:
      return false;
  }
}

/** Return how many levels are open once the deepest open one is closed. */
export const fewer = (levels: number, maxDepth: number) =>
  Math.max(0, Math.min(levels, maxDepth) - 1);

/** Return how many levels are open once one more is. */
export const more = (levels: number, maxDepth: number) =>
  levels + 1 >= maxDepth ? ALL_LEVELS : levels + 1;

function parentOf(rows: readonly Row[], position: number): number {
  const depth = rows[position]?.depth ?? 0;
  for (let at = position - 1; at >= 0; at--) {
    if ((rows[at]?.depth ?? 0) < depth) {
      return at;
    }
  }
  return position;
}
