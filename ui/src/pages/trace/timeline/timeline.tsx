/** The waterfall: one row for each span, in the order of the calls. */
import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { scrollToRow, useVisibleRows, VirtualRows } from "../../../components/virtual-rows";
import { changeQuery } from "../../../routing/location";
import { messages } from "../../../text/messages";
import { changeFolding, namesWidth, timelineState } from "../address";
import { hopsOf } from "../hops";
import { layoutOf, spanNames } from "../layout";
import { ancestors, type Folding, flip, opened, rowsOf } from "../rows";
import type { ViewProps } from "../view";
import { rangeFrom, rangeText, type ViewRange } from "../view-range";
import { Divider } from "./divider";
import { FoldButtons } from "./fold-buttons";
import { HoverLine } from "./hover-line";
import { useKeys } from "./keys";
import { Minimap } from "./minimap";
import { ROW_HEIGHT, SpanRow } from "./row";
import { lines, Ruler, ruled } from "./ruler";
import style from "./timeline.module.css";

const text = messages({
  spans: { en: "Spans", ja: "スパン" },
  duration: { en: "Duration", ja: "所要時間" },
  nothing: { en: "No span matches.", ja: "一致するスパンはありません。" },
});

const HEAD_HEIGHT = 76;
/** Pixels a level is indented, and all levels together at most. */
const STEP = 14;
const MAX_INDENT = 220;

interface Props extends ViewProps {
  onlyMatches: boolean;
  /** Why spans were linked to the ones above them, by index. */
  inferred: ReadonlyMap<number, string>;
  onHelp: () => void;
}

export default function Timeline(props: Props) {
  const { trace, selected, onSelect, matches, onlyMatches, inferred, onHelp } = props;
  const layout = layoutOf(trace);
  const hops = useMemo(() => hopsOf(trace.spans, layout), [trace]);
  const names = useMemo(() => spanNames(trace.spans), [trace]);
  const state = timelineState();
  const range = useMemo(() => rangeFrom(state.range, layout.length), [state.range, layout.length]);
  const folding = useFolding(names, onlyMatches ? matches : null);
  const rows = useMemo(() => rowsOf(trace, layout, hops, folding), [trace, layout, hops, folding]);
  const positions = useMemo(() => new Map(rows.map((row, at) => [row.index, at])), [rows]);
  /** Return the row that stands for a span: its own, or that of the hop it is folded into. */
  const positionOf = (index: number) =>
    positions.get(index) ?? positions.get(hops.get(index)?.members[0] ?? -1);

  const [cursor, setCursor] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const visible = useVisibleRows(scroller, rows.length, ROW_HEIGHT, HEAD_HEIGHT);
  const rowId = useId();

  const setFolding = (levels: number, toggled: Iterable<number>) =>
    changeFolding(
      levels,
      [...toggled].flatMap((index) => names[index] ?? []),
    );
  const setRange = (next: ViewRange) =>
    changeQuery({ range: rangeText(next, layout.length) }, { replace: true });

  function fold(index: number) {
    const toggled = new Set(folding.toggled);
    flip(toggled, index);
    setFolding(folding.levels, toggled);
  }

  function moveTo(position: number) {
    const at = Math.min(Math.max(position, 0), rows.length - 1);
    setCursor(at);
    grid.current?.focus({ preventScroll: true });
    if (scroller.current) {
      scrollToRow(scroller.current, at, ROW_HEIGHT, HEAD_HEIGHT);
    }
    const index = rows[at]?.index;
    if (selected !== null && index !== undefined) {
      onSelect(index);
    }
  }

  // What was chosen elsewhere may lie in what is folded: it is unfolded once, so that the user may
  // fold it again.
  const sought = useRef<number | null>(null);
  useLayoutEffect(() => {
    sought.current = selected;
  }, [selected, trace]);
  useLayoutEffect(() => {
    const index = sought.current;
    const at = index === null ? undefined : positionOf(index);
    if (index === null || (at === undefined && folding.only)) {
      return;
    }
    if (at === undefined) {
      setFolding(folding.levels, opened(folding, trace, ancestors(trace, index)));
      return;
    }
    sought.current = null;
    setCursor(at);
    if (scroller.current) {
      scrollToRow(scroller.current, at, ROW_HEIGHT, HEAD_HEIGHT);
    }
  }, [selected, trace, rows]);

  useKeys({
    rows,
    cursor,
    moveTo,
    fold,
    select: onSelect,
    selected,
    folding,
    setFolding,
    maxDepth: layout.maxDepth,
    range,
    setRange,
    scroller,
    onHelp,
  });

  function click(event: MouseEvent) {
    const target = event.target instanceof Element ? event.target : null;
    const at = Number(target?.closest<HTMLElement>("[data-row]")?.dataset.row ?? Number.NaN);
    const row = rows[at];
    if (!row) {
      return;
    }
    setCursor(at);
    if (target?.closest("[data-fold]")) {
      fold(row.index);
    } else {
      onSelect(row.index === selected ? null : row.index);
    }
  }

  const rule = ruled(range, layout.length);
  const step = Math.min(STEP, MAX_INDENT / Math.max(layout.maxDepth, 1));
  const isCursorDrawn = cursor >= visible.first && cursor < visible.end && rows.length > 0;
  const selectedAt = selected === null ? undefined : positionOf(selected);
  return (
    <div class={style.timeline} style={{ "--names": `${state.namesPercent}%`, ...lines(rule) }}>
      <HoverLine range={range} length={layout.length} />
      <div ref={scroller} class={style.scroller}>
        <div class={style.head} style={{ height: `${HEAD_HEIGHT}px` }}>
          <div class={style.names}>
            <FoldButtons
              folding={folding}
              maxDepth={layout.maxDepth}
              hasHops={hops.size > 0}
              setFolding={setFolding}
              onHelp={onHelp}
            />
          </div>
          <div class={style.duration}>{text.duration}</div>
          <div class={style.time} data-time="">
            <Minimap trace={trace} range={range} onRange={setRange} />
            <Ruler {...rule} />
          </div>
          <Divider
            percent={state.namesPercent}
            onChange={(percent) =>
              changeQuery({ names: String(namesWidth(percent)) }, { replace: true })
            }
          />
        </div>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: useKeys has the keys */}
        <div
          ref={grid}
          role="treegrid"
          aria-label={text.spans}
          aria-rowcount={rows.length}
          aria-activedescendant={isCursorDrawn ? `${rowId}-${cursor}` : undefined}
          tabIndex={0}
          class={style.grid}
          onClick={click}
        >
          <VirtualRows visible={visible} rowCount={rows.length} rowHeight={ROW_HEIGHT}>
            {(at) => {
              const row = rows[at];
              const span = row && trace.spans[row.index];
              return (
                row &&
                span && (
                  <SpanRow
                    key={row.index}
                    id={`${rowId}-${at}`}
                    row={row}
                    position={at}
                    span={span}
                    layout={layout}
                    range={range}
                    hop={hops.get(row.index)}
                    foldsHops={folding.foldsHops}
                    callee={
                      trace.spans[hops.get(row.index)?.members.at(-1) ?? -1]?.service_name ?? ""
                    }
                    inferred={inferred.get(row.index)}
                    step={step}
                    isSelected={at === selectedAt}
                    isCursor={at === cursor}
                    isMatch={matches === null ? undefined : matches.has(row.index)}
                  />
                )
              );
            }}
          </VirtualRows>
        </div>
        {rows.length === 0 && <p class={style.nothing}>{text.nothing}</p>}
      </div>
    </div>
  );
}

/** Return what the address says is folded; the same object while nothing of it changes. */
function useFolding(names: readonly string[], only: ReadonlySet<number> | null): Folding {
  const { levels, toggled, foldsHops } = timelineState();
  const key = toggled.join(",");
  return useMemo(() => {
    const indexes = new Map(key ? names.map((name, index) => [name, index]) : []);
    return {
      levels,
      toggled: new Set(toggled.flatMap((name) => indexes.get(name) ?? [])),
      foldsHops,
      only,
    };
  }, [levels, key, foldsHops, names, only]);
}
