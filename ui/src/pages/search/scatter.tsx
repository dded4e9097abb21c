/** The loaded traces: how long each took, over when it began. */
import { signal } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { traceLink } from "../../routing/links";
import { navigate } from "../../routing/location";
import { duration, exactTime, number } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./plots.module.css";
import type { Summary } from "./result-list";
import { cornerPath, logScale, radiusOf, roundPath, type Span, type Spot, spotAt } from "./scales";
import { type Place, TimePlot } from "./time-plot";

const text = messages({
  label: {
    en: (count: string) => `Durations of ${count} traces over time; the list below has them all`,
    ja: (count: string) => `${count} 件のトレースの所要時間（下の一覧と同じ内容）`,
  },
  spans: { en: "spans", ja: "スパン" },
  errors: { en: "errors", ja: "エラー" },
});

const HEIGHT = 140;

/** Id of the trace whose row is pointed at: a signal, so that no row is drawn anew for it. */
export const pointedTrace = signal<string | undefined>(undefined);

interface Props {
  traces: readonly Summary[];
  span: Span;
  onBrush: (span: Span) => void;
}

export function Scatter({ traces, span, onBrush }: Props) {
  const [hovered, setHovered] = useState<number | undefined>(undefined);
  const scale = useMemo(() => {
    const durations = traces.map((trace) => Number(trace.duration_nano));
    return durations.length > 0
      ? logScale(Math.min(...durations), Math.max(...durations))
      : logScale(1e6, 1e9);
  }, [traces]);
  const spotsIn = ({ x, width }: { x: (time: number) => number; width: number }): Spot[] =>
    traces.map((trace) => ({
      // A trace may begin before the span of it that was searched for.
      x: round(Math.min(width, Math.max(0, x(Number(trace.start_time_unix_nano) / 1e6)))),
      y: round(HEIGHT * (1 - scale.position(Number(trace.duration_nano)))),
      radius: round(radiusOf(trace.span_count)),
    }));
  const [tipPlace, setTipPlace] = useState<Place>({ x: 0, y: 0 });
  const trace = hovered === undefined ? undefined : traces[hovered];
  const pointed = traces.findIndex((each) => each.trace_id === pointedTrace.value);

  return (
    <TimePlot
      label={text.label(number(traces.length))}
      height={HEIGHT}
      span={span}
      values={scale.ticks.map((tick) => ({ at: scale.position(tick), text: duration(tick) }))}
      onBrush={onBrush}
      onPick={(place, frame) => {
        const picked = traces[spotAt(spotsIn(frame), place.x, place.y) ?? -1];
        if (picked) {
          navigate(traceLink(picked.trace_id));
        }
      }}
      onPoint={(place, frame) => {
        const spots = spotsIn(frame);
        const index = place ? spotAt(spots, place.x, place.y) : undefined;
        setHovered(index);
        setTipPlace(spots[index ?? -1] ?? { x: 0, y: 0 });
      }}
      isOnSpot={trace !== undefined}
      tip={trace && { ...tipPlace, content: <TraceTip trace={trace} /> }}
    >
      {(frame) => {
        const spots = spotsIn(frame);
        const well = spots.filter((_, index) => !traces[index]?.error_count);
        const failed = spots.filter((_, index) => traces[index]?.error_count);
        const ring = spots[hovered ?? pointed];
        return (
          <>
            <path class={style.well} d={well.map(roundPath).join("")} />
            <path class={style.failed} d={failed.map(cornerPath).join("")} />
            {ring && <circle class={style.ring} cx={ring.x} cy={ring.y} r={ring.radius + 3} />}
          </>
        );
      }}
    </TimePlot>
  );
}

const round = (pixels: number) => Math.round(pixels * 10) / 10;

function TraceTip({ trace }: { trace: Summary }) {
  return (
    <>
      <strong>{duration(trace.duration_nano)}</strong> · {number(trace.span_count)} {text.spans}
      {trace.error_count > 0 && (
        <>
          {" "}
          · {number(trace.error_count)} {text.errors}
        </>
      )}
      <br />
      {trace.root_service}: {trace.root_operation}
      <br />
      {exactTime(trace.start_time_unix_nano)}
    </>
  );
}
