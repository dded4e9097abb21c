/** Durations over time: the darker a cell, the more calls. Its cells lead to their traces. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { theme } from "../app/theme";
import { secondsToNano } from "../routing/time-range";
import { milliseconds, number, time } from "../text/format";
import { language } from "../text/language";
import { messages } from "../text/messages";
import style from "./heat-map.module.css";
import { boxOf, cellAt, draw, shade } from "./heat-map-drawing";
import {
  between,
  type Cells,
  countIn,
  type Durations,
  extent,
  type Grid,
  gridOf,
  slowestCell,
  walked,
} from "./heat-map-grid";

const text = messages({
  calls: { en: (n: string) => `${n} calls`, ja: (n: string) => `${n} 件` },
  open: { en: "Click: their traces. Drag: more cells", ja: "クリック: トレース。ドラッグ: 範囲" },
  keys: {
    en: "Arrow keys choose a cell, Shift widens, Enter opens its traces",
    ja: "矢印キーでセルを選択、Shift で範囲、Enter でトレースを開く",
  },
  fewer: { en: "fewer", ja: "少" },
  more: { en: "more calls", ja: "多" },
});

/** Pixels that a row has at least. */
const ROW_PX = 9;
/** Pixels between a cell and its tip. */
const TIP_GAP = 8;

/** What was picked: times in seconds since the epoch. */
export type Picked = ReturnType<typeof extent>;

interface Props {
  /** What the map shows, for those who do not see it. */
  label: string;
  durations: Durations;
  /** Pixels. */
  height?: number;
  /** Called with the extent of the cells that were picked; only if they hold any calls. */
  onPick?: (picked: Picked) => void;
}

/** The corner where a choice began, and the one that moves. */
interface Choice {
  anchor: Cells;
  lead: Cells;
}

export function HeatMap({ label, durations, height = 220, onPick }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const isPressed = useRef(false);
  const [width, setWidth] = useState(0);
  const [choice, setChoice] = useState<Choice | null>(null);
  const grid = useMemo(() => gridOf(durations, Math.floor(height / ROW_PX)), [durations, height]);
  const size = { width, height };
  const cells = choice && between(choice.anchor, choice.lead);

  useLayoutEffect(() => {
    const element = button.current;
    if (element) {
      const resized = new ResizeObserver(() => setWidth(element.clientWidth));
      resized.observe(element);
      return () => resized.disconnect();
    }
  }, []);
  useLayoutEffect(() => setChoice(null), [grid]);
  useLayoutEffect(() => {
    if (canvas.current && width) {
      draw(canvas.current, grid, { width, height }, cells);
    }
  }, [grid, width, height, choice, theme.value, language.value]);

  const only = (cell: Cells): Choice => ({ anchor: cell, lead: cell });

  function point(event: PointerEvent) {
    const lead = cellAt(grid, size, event.offsetX, event.offsetY);
    setChoice(isPressed.current && choice ? { ...choice, lead } : only(lead));
  }

  function press(event: KeyboardEvent) {
    const lead = choice?.lead ?? slowestCell(grid);
    const next = lead && walked(grid, lead, event.key);
    if (next) {
      event.preventDefault();
      setChoice(event.shiftKey && choice ? { ...choice, lead: next } : only(next));
    }
  }

  function pick() {
    if (cells && countIn(grid, cells) > 0) {
      onPick?.(extent(grid, cells));
    }
  }

  return (
    <div class={style.holder}>
      <button
        ref={button}
        type="button"
        class={style.map}
        style={{ height: `${height}px` }}
        aria-label={`${label}. ${text.keys}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          point(event);
          isPressed.current = true;
        }}
        onPointerMove={point}
        onPointerUp={() => {
          isPressed.current = false;
          pick();
        }}
        onPointerLeave={() => setChoice(null)}
        onKeyDown={press}
        onFocus={(event) => {
          const slowest = slowestCell(grid);
          if (slowest && event.currentTarget.matches(":focus-visible")) {
            setChoice(only(slowest));
          }
        }}
        onBlur={() => setChoice(null)}
        // The pointer picks by itself; a click without one is of the keyboard.
        onClick={(event) => event.detail === 0 && pick()}
      >
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
      </button>
      {cells && <Tip grid={grid} size={size} cells={cells} hint={onPick && text.open} />}
      <div class={style.legend} aria-hidden="true">
        {text.fewer}
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <i key={share} style={{ opacity: shade(share) }} />
        ))}
        {text.more}
      </div>
    </div>
  );
}

interface TipProps {
  grid: Grid;
  size: { width: number; height: number };
  cells: Cells;
  hint: string | undefined;
}

/** What the chosen cells stand for, beside them. */
function Tip({ grid, size, cells, hint }: TipProps) {
  const { from, to, minMs, maxMs } = extent(grid, cells);
  const box = boxOf(grid, size, cells);
  const isRight = box.left > size.width / 2;
  const place = isRight
    ? { right: `${size.width - box.left + TIP_GAP}px` }
    : { left: `${box.left + box.width + TIP_GAP}px` };
  return (
    <div class={style.tip} style={{ top: `${Math.min(box.top, size.height / 2)}px`, ...place }}>
      <div role="status">
        <strong>{text.calls(number(countIn(grid, cells)))}</strong>
        <br />
        {milliseconds(minMs)} – {milliseconds(maxMs)}
        <br />
        {time(secondsToNano(from))} – {time(secondsToNano(to))}
      </div>
      {hint && <small>{hint}</small>}
    </div>
  );
}
