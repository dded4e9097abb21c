/** What both plots have: a time axis, lines with values at the left, a stretch that is brushed. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { language } from "../../text/language";
import { type Span, type TimeDetail, timeTicks } from "./scales";
import style from "./time-plot.module.css";

/** Pixels at the left for values, below for times. */
const GUTTER = 52;
const FOOT = 18;
const TICK_PX = 110;
/** Pixels that a brush must cover; less is a click. */
const BRUSH_PX = 4;

export interface Place {
  x: number;
  y: number;
}

interface Frame {
  /** Of the area of the plot, without axes. */
  width: number;
  height: number;
  /** Return where a time stands; milliseconds since the epoch. */
  x: (time: number) => number;
}

interface Props {
  /** What the plot shows, for those who do not see it. */
  label: string;
  /** Pixels, of the area without its axis. */
  height: number;
  span: Span;
  /** Values at the left, each at a fraction of the height from below. */
  values: readonly { at: number; text: string }[];
  onBrush: (span: Span) => void;
  /** Called with a place of the area that was clicked. */
  onPick: (place: Place, frame: Frame) => void;
  /** Called with where the pointer is; null when it has left. */
  onPoint: (place: Place | null, frame: Frame) => void;
  isOnSpot?: boolean;
  /** What is told about the place at the pointer. */
  tip?: ({ content: ComponentChildren } & Place) | undefined;
  children: (frame: Frame) => ComponentChildren;
}

export function TimePlot({
  label,
  height,
  span,
  values,
  onBrush,
  onPick,
  onPoint,
  isOnSpot,
  tip,
  children,
}: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const [fullWidth, setFullWidth] = useState(0);
  const pressed = useRef<number | null>(null);
  const [brush, setBrush] = useState<[number, number] | null>(null);
  const width = Math.max(0, fullWidth - GUTTER);
  const frame: Frame = {
    width,
    height,
    x: (time) => ((time - span.from) / (span.to - span.from)) * width,
  };

  useLayoutEffect(() => {
    const element = holder.current;
    if (element) {
      const resized = new ResizeObserver(() => setFullWidth(element.clientWidth));
      resized.observe(element);
      setFullWidth(element.clientWidth);
      return () => resized.disconnect();
    }
  }, []);

  function placeOf(event: PointerEvent): Place {
    const box = holder.current?.getBoundingClientRect();
    return {
      x: event.clientX - (box?.left ?? 0) - GUTTER,
      y: event.clientY - (box?.top ?? 0),
    };
  }

  function press(event: PointerEvent) {
    if (event.button === 0) {
      pressed.current = within(placeOf(event).x, width);
      holder.current?.setPointerCapture(event.pointerId);
    }
  }

  function move(event: PointerEvent) {
    const place = placeOf(event);
    if (pressed.current === null) {
      onPoint(place, frame);
      return;
    }
    const x = within(place.x, width);
    const isBrush = brush !== null || Math.abs(x - pressed.current) >= BRUSH_PX;
    setBrush(isBrush ? [Math.min(x, pressed.current), Math.max(x, pressed.current)] : null);
    onPoint(isBrush ? null : place, frame);
  }

  function release(event: PointerEvent) {
    if (pressed.current === null) {
      return;
    }
    pressed.current = null;
    setBrush(null);
    if (!brush) {
      onPick(placeOf(event), frame);
    } else if (brush[1] - brush[0] >= BRUSH_PX) {
      const timeAt = (x: number) => span.from + (x / width) * (span.to - span.from);
      onBrush({ from: timeAt(brush[0]), to: timeAt(brush[1]) });
    }
  }

  function leave() {
    pressed.current = null;
    setBrush(null);
    onPoint(null, frame);
  }

  return (
    <div
      ref={holder}
      class={`${style.plot} ${isOnSpot ? style.onSpot : ""}`}
      style={{ height: `${height + FOOT}px` }}
      onPointerDown={press}
      onPointerMove={move}
      onPointerUp={release}
      onPointerLeave={leave}
      onPointerCancel={leave}
    >
      {width > 0 && (
        <svg width={fullWidth} height={height + FOOT} role="img" aria-label={label}>
          <g transform={`translate(${GUTTER} 0)`}>
            <g class={style.axis}>
              {values.map(({ at, text }) => (
                <g key={text}>
                  <line x1={0} x2={width} y1={height * (1 - at)} y2={height * (1 - at)} />
                  <text x={-8} y={height * (1 - at)} text-anchor="end" dominant-baseline="middle">
                    {text}
                  </text>
                </g>
              ))}
              <line class={style.base} x1={0} x2={width} y1={height} y2={height} />
              <TimeAxis span={span} frame={frame} />
            </g>
            {children(frame)}
            {brush && (
              <rect
                class={style.brush}
                x={brush[0]}
                width={brush[1] - brush[0]}
                y={0}
                height={height}
              />
            )}
          </g>
        </svg>
      )}
      {tip && <Tip {...tip} width={width} />}
    </div>
  );
}

const within = (x: number, width: number) => Math.min(width, Math.max(0, x));

function TimeAxis({ span, frame }: { span: Span; frame: Frame }) {
  const offset = new Date(span.to).getTimezoneOffset();
  const { at, detail } = timeTicks(span, Math.max(2, frame.width / TICK_PX), offset);
  return (
    <>
      {at.map((time) => {
        const x = frame.x(time);
        // A label at the very edge would be cut off.
        const isWhole = x > 20 && x < frame.width - 20;
        return (
          <g key={time}>
            <line x1={x} x2={x} y1={frame.height} y2={frame.height + 4} />
            {isWhole && (
              <text x={x} y={frame.height + 15} text-anchor="middle">
                {timeLabel(time, detail)}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hour12: false } as const;
const FORMATS: Record<TimeDetail, Intl.DateTimeFormatOptions> = {
  milliseconds: { ...CLOCK, second: "2-digit", fractionalSecondDigits: 3 },
  seconds: { ...CLOCK, second: "2-digit" },
  minutes: CLOCK,
  days: { month: "short", day: "numeric" },
};

/** Return a local time of an axis, or of the two ends of a bar. */
export const timeLabel = (time: number, detail: TimeDetail) =>
  new Intl.DateTimeFormat(language.value, FORMATS[detail]).format(time);

interface TipProps extends Place {
  content: ComponentChildren;
  width: number;
}

/** Beside the place, on the side with more room. */
function Tip({ x, y, content, width }: TipProps) {
  const isRight = x < width / 2;
  return (
    <div
      class={style.tip}
      aria-hidden="true"
      style={{
        top: `${Math.max(0, y - 12)}px`,
        ...(isRight ? { left: `${GUTTER + x + 16}px` } : { right: `${width - x + 16}px` }),
      }}
    >
      {content}
    </div>
  );
}
