/** The whole trace, small: which part of its time is shown, to be brushed and moved. */
import { useEffect, useRef, useState } from "preact/hooks";
import { resolvedColour, theme, tokenColour } from "../../../app/theme";
import { serviceColour } from "../../../components/service-colour";
import { duration } from "../../../text/format";
import { messages } from "../../../text/messages";
import { type Layout, layoutOf } from "../layout";
import type { Trace } from "../view";
import { between, panned, type ViewRange, WHOLE } from "../view-range";
import style from "./minimap.module.css";

const text = messages({
  shown: { en: "Part of the time that is shown", ja: "表示する時間範囲" },
  start: { en: "Start of the shown time", ja: "表示範囲の開始" },
  end: { en: "End of the shown time", ja: "表示範囲の終了" },
});

const HEIGHT = 52;
/** Pixels at the end of a span that failed. */
const ERROR_MARK = 5;
/** Movements of fewer pixels are clicks. */
const LEAST_BRUSH = 3;
/** Part of the whole that a press of an arrow moves an edge by. */
const KEY_STEP = 0.02;

interface Props {
  trace: Trace;
  range: ViewRange;
  onRange: (range: ViewRange) => void;
}

interface Drag {
  what: "new" | "start" | "end" | "move";
  /** Where it began, as a part of the width. */
  from: number;
  range: ViewRange;
}

export function Minimap({ trace, range, onRange }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const [draft, setDraft] = useState<ViewRange | null>(null);
  const shown = draft ?? range;
  const layout = layoutOf(trace);
  const looks = theme.value;

  useEffect(() => {
    const element = canvas.current;
    if (!element) {
      return;
    }
    const redraw = () => draw(element, trace, layout);
    const resized = new ResizeObserver(redraw);
    resized.observe(element);
    return () => resized.disconnect();
  }, [trace, layout, looks]);

  const partAt = (event: PointerEvent) => {
    const { left, width } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.min(Math.max((event.clientX - left) / width, 0), 1);
  };

  function begin(event: PointerEvent) {
    const held = event.target instanceof HTMLElement ? event.target.dataset.hold : undefined;
    const what = held === "start" || held === "end" || held === "move" ? held : "new";
    drag.current = { what, from: partAt(event), range };
    box.current?.setPointerCapture(event.pointerId);
  }

  function go(event: PointerEvent) {
    if (drag.current) {
      setDraft(dragged(drag.current, partAt(event)));
    }
  }

  function end(event: PointerEvent) {
    const ended = drag.current;
    drag.current = null;
    setDraft(null);
    if (!ended) {
      return;
    }
    const width = box.current?.clientWidth ?? 1;
    const isClick = Math.abs(partAt(event) - ended.from) * width < LEAST_BRUSH;
    if (!isClick) {
      onRange(dragged(ended, partAt(event)));
    }
  }

  const edge = (which: "start" | "end") => (
    <div
      role="slider"
      tabIndex={0}
      class={style.edge}
      data-hold={which}
      style={{ left: `${100 * shown[which]}%` }}
      aria-label={text[which]}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * shown[which])}
      aria-valuetext={duration(shown[which] * layout.length)}
      onKeyDown={(event) => {
        const step = { ArrowRight: KEY_STEP, ArrowLeft: -KEY_STEP }[event.key];
        if (step !== undefined) {
          event.preventDefault();
          event.stopPropagation();
          onRange(
            which === "start"
              ? between(Math.min(range.start + step, range.end), range.end)
              : between(range.start, Math.max(range.end + step, range.start)),
          );
        }
      }}
    />
  );

  const isWhole = shown.start <= 0 && shown.end >= 1;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset does not lay out its children
    <div
      ref={box}
      class={style.minimap}
      role="group"
      aria-label={text.shown}
      onPointerDown={begin}
      onPointerMove={go}
      onPointerUp={end}
      onPointerCancel={end}
      onDblClick={() => onRange(WHOLE)}
    >
      <canvas ref={canvas} class={style.canvas} style={{ height: `${HEIGHT}px` }} />
      <div class={style.outside} style={{ left: "0", width: `${100 * shown.start}%` }} />
      <div class={style.outside} style={{ left: `${100 * shown.end}%`, right: "0" }} />
      {!isWhole && (
        <div
          class={style.window}
          data-hold="move"
          style={{ left: `${100 * shown.start}%`, width: `${100 * (shown.end - shown.start)}%` }}
        />
      )}
      {edge("start")}
      {edge("end")}
    </div>
  );
}

function dragged({ what, from, range }: Drag, to: number): ViewRange {
  switch (what) {
    case "new":
      return between(from, to);
    case "start":
      return between(to, range.end);
    case "end":
      return between(range.start, to);
    case "move":
      return panned(range, (to - from) / (range.end - range.start));
  }
}

function draw(element: HTMLCanvasElement, trace: Trace, layout: Layout): void {
  const context = element.getContext("2d");
  if (!context) {
    return;
  }
  const scale = window.devicePixelRatio;
  const width = element.clientWidth;
  element.width = width * scale;
  element.height = HEIGHT * scale;
  context.scale(scale, scale);
  const colours = new Map<string, string>();
  const pitch = (HEIGHT - 4) / Math.max(trace.spans.length, 8);
  const height = Math.max(Math.min(pitch * 0.75, 4), 1);
  for (const [index, span] of trace.spans.entries()) {
    const stretch = layout.stretches[index];
    let colour = colours.get(span.service_name);
    if (!colour) {
      colour = resolvedColour(serviceColour(span.service_name));
      colours.set(span.service_name, colour);
    }
    if (stretch) {
      const left = (stretch.start / layout.length) * width;
      const long = Math.max(((stretch.end - stretch.start) / layout.length) * width, 1);
      context.fillStyle = colour;
      context.fillRect(left, 2 + index * pitch, long, height);
    }
  }
  // Last, so that none is painted over.
  context.fillStyle = tokenColour("--error");
  for (const [index, span] of trace.spans.entries()) {
    const { end } = layout.stretches[index] ?? { end: 0 };
    if (span.error) {
      const right = Math.max((end / layout.length) * width, ERROR_MARK);
      context.fillRect(right - ERROR_MARK, 2 + index * pitch, ERROR_MARK, Math.max(height, 2));
    }
  }
}
