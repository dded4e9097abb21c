/** Which spans the timeline shows, one a row, after what the user folded and filtered. */
import type { Hop } from "./hops";
import type { Layout } from "./layout";
import type { Trace } from "./view";

export interface Row {
  index: number;
  /** Levels it is moved to the right. */
  depth: number;
  /** Whether its children are shown; undefined if it has none to show. */
  isOpen: boolean | undefined;
  /** Spans below it that a closed row hides. */
  hidden: number;
}

export interface Folding {
  /** Levels that are open; all others are closed. */
  levels: number;
  /** Spans that are otherwise than their level. */
  toggled: ReadonlySet<number>;
  /** Whether the proxies of a hop are one row. */
  foldsHops: boolean;
  /** Shown alone, whatever is closed; null shows all. */
  only: ReadonlySet<number> | null;
}

export const ALL_LEVELS = Number.POSITIVE_INFINITY;

/** Whether a span's children are shown. */
export const isOpen = ({ levels, toggled }: Folding, index: number, depth: number) =>
  depth < levels !== toggled.has(index);

export function rowsOf(
  trace: Trace,
  layout: Layout,
  hops: ReadonlyMap<number, Hop>,
  folding: Folding,
): Row[] {
  if (folding.only) {
    return [...folding.only]
      .toSorted((a, b) => a - b)
      .map((index) => ({ index, depth: 0, isOpen: undefined, hidden: 0 }));
  }
  const rows: Row[] = [];
  // Last first, as a stack gives back: depth of thousands must not overflow the call stack.
  const waiting = trace.roots.map((index) => ({ index, depth: 0 })).toReversed();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { index, depth } = next;
    const children = folding.foldsHops
      ? belowHop(index, layout, hops)
      : (layout.children[index] ?? []);
    const open =
      children.length > 0 ? isOpen(folding, index, trace.spans[index]?.depth ?? 0) : undefined;
    const hidden = open === false ? (layout.subtreeEnd[index] ?? 0) - index - 1 : 0;
    rows.push({ index, depth, isOpen: open, hidden });
    if (open) {
      for (let at = children.length - 1; at >= 0; at--) {
        waiting.push({ index: children[at] as number, depth: depth + 1 });
      }
    }
  }
  return rows;
}

/** Return the children of a hop's last proxy for its first; what is not a hop keeps its own. */
function belowHop(
  index: number,
  layout: Layout,
  hops: ReadonlyMap<number, Hop>,
): readonly number[] {
  const hop = hops.get(index);
  const own = layout.children[index] ?? [];
  if (hop?.members[0] !== index) {
    return own;
  }
  const members = new Set(hop.members);
  return hop.members
    .flatMap((member) => layout.children[member] ?? [])
    .filter((child) => !members.has(child));
}

/** Return the spans above one, its parent first. */
export function ancestors(trace: Trace, index: number): number[] {
  const above: number[] = [];
  let parent = trace.spans[index]?.parent_index;
  while (parent != null) {
    above.push(parent);
    parent = trace.spans[parent]?.parent_index;
  }
  return above;
}

/** Return `toggled` changed so that all of `indexes` are open. */
export function opened(folding: Folding, trace: Trace, indexes: readonly number[]): Set<number> {
  const toggled = new Set(folding.toggled);
  for (const index of indexes) {
    if (!isOpen(folding, index, trace.spans[index]?.depth ?? 0)) {
      flip(toggled, index);
    }
  }
  return toggled;
}

/** Add what is not in the set, remove what is. */
export function flip(set: Set<number>, index: number): void {
  if (!set.delete(index)) {
    set.add(index);
  }
}
