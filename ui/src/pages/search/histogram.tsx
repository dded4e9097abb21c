/** How many spans meet the conditions, over the time that is searched. */
import { useState } from "preact/hooks";
import type { Schema } from "../../api/client";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./plots.module.css";
import type { Span } from "./scales";
import { TimePlot, timeLabel } from "./time-plot";

const text = messages({
  label: {
    en: (spans: string, errors: string) => `Spans over time: ${spans}, ${errors} with errors`,
    ja: (spans: string, errors: string) => `時間ごとのスパン: ${spans} 件、エラー ${errors} 件`,
  },
  spans: { en: "spans", ja: "スパン" },
  errors: { en: "errors", ja: "エラー" },
});

const HEIGHT = 52;
/** Pixels of the lowest bar: one span among thousands is to be seen. */
const LEAST_BAR = 2;

interface Props {
  histogram: Schema<"Histogram">;
  span: Span;
  /** Since when the traces below are loaded, if that is not all of the span. */
  loadedFrom?: number | undefined;
  onBrush: (span: Span) => void;
}

export function Histogram({ histogram, span, loadedFrom, onBrush }: Props) {
  const [pointed, setPointed] = useState<{ index: number; x: number } | null>(null);
  const width = Number(histogram.width_nano) / 1e6;
  const buckets = histogram.buckets.map((bucket) => ({
    from: Number(bucket.start_time_unix_nano) / 1e6,
    spans: bucket.span_count,
    errors: bucket.error_count,
  }));
  const most = Math.max(1, ...buckets.map((bucket) => bucket.spans));
  const indexAt = (x: number, frame: { width: number }) => {
    const time = span.from + (x / frame.width) * (span.to - span.from);
    return buckets.findIndex(({ from }) => time >= from && time < from + width);
  };
  const bucket = pointed ? buckets[pointed.index] : undefined;

  return (
    <TimePlot
      label={text.label(number(sum(buckets, "spans")), number(sum(buckets, "errors")))}
      height={HEIGHT}
      span={span}
      values={[{ at: 1, text: number(most) }]}
      onBrush={onBrush}
      onPick={({ x }, frame) => {
        const picked = buckets[indexAt(x, frame)];
        if (picked) {
          onBrush({ from: picked.from, to: picked.from + width });
        }
      }}
      onPoint={(place, frame) => {
        const index = place ? indexAt(place.x, frame) : -1;
        setPointed(place && index >= 0 ? { index, x: place.x } : null);
      }}
      tip={
        pointed && bucket
          ? { x: pointed.x, y: 8, content: <BucketTip {...bucket} width={width} /> }
          : undefined
      }
    >
      {(frame) => {
        const bars = buckets.map(({ from, spans, errors }) => {
          const left = Math.max(0, frame.x(from));
          const right = Math.min(frame.width, frame.x(from + width));
          return {
            key: from,
            x: left + 0.5,
            width: Math.max(0.5, right - left - 1),
            spans: barHeight(spans, most),
            errors: barHeight(errors, most),
          };
        });
        return (
          <>
            {loadedFrom !== undefined && (
              <rect
                class={style.loaded}
                x={frame.x(loadedFrom)}
                width={Math.max(1, frame.width - frame.x(loadedFrom))}
                y={-4}
                height={HEIGHT + 4}
              />
            )}
            {bars.map((bar) => (
              <g key={bar.key}>
                <rect
                  class={style.spans}
                  x={bar.x}
                  width={bar.width}
                  y={HEIGHT - bar.spans}
                  height={bar.spans}
                />
                <rect
                  class={style.errors}
                  x={bar.x}
                  width={bar.width}
                  y={HEIGHT - bar.errors}
                  height={bar.errors}
                />
              </g>
            ))}
          </>
        );
      }}
    </TimePlot>
  );
}

const barHeight = (count: number, most: number) =>
  count > 0 ? Math.max(LEAST_BAR, (count / most) * HEIGHT) : 0;

const sum = (buckets: readonly { spans: number; errors: number }[], key: "spans" | "errors") =>
  buckets.reduce((total, bucket) => total + bucket[key], 0);

function BucketTip(bucket: { from: number; spans: number; errors: number; width: number }) {
  const detail = bucket.width < 1000 ? "milliseconds" : "seconds";
  return (
    <>
      {timeLabel(bucket.from, detail)} – {timeLabel(bucket.from + bucket.width, detail)}
      <br />
      {number(bucket.spans)} {text.spans}, {number(bucket.errors)} {text.errors}
    </>
  );
}
