/** The two plots over the list: all spans that match, and the traces that are loaded. */
import type { Schema } from "../../api/client";
import { Button } from "../../components/button";
import { changeQuery } from "../../routing/location";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import { Histogram } from "./histogram";
import style from "./plots.module.css";
import type { Loaded } from "./result-list";
import { cornerPath, roundPath, type Span, widened } from "./scales";
import { Scatter } from "./scatter";

const text = messages({
  spans: { en: "Matching spans", ja: "一致したスパン" },
  counts: {
    en: (spans: string, errors: string) => `${spans}, ${errors} with errors`,
    ja: (spans: string, errors: string) => `${spans} 件、うちエラー ${errors} 件`,
  },
  traces: { en: "Duration of traces", ja: "トレースの所要時間" },
  loaded: {
    en: (count: string) => `the ${count} newest, loaded below`,
    ja: (count: string) => `最新の ${count} 件（下の一覧）`,
  },
  all: { en: (count: string) => `all ${count}`, ja: (count: string) => `全 ${count} 件` },
  well: { en: "without errors", ja: "エラーなし" },
  failed: { en: "with errors", ja: "エラーあり" },
  brush: { en: "Drag to zoom into time", ja: "ドラッグで期間を拡大" },
  zoomOut: { en: "Zoom out", ja: "縮小" },
});

const SPOT = { x: 0, y: 0, radius: 4.5 };
/** Share of the searched time that the traces must fill to be drawn over all of it. */
const LEAST_SHARE = 0.6;

interface Props {
  loaded: Loaded;
  histogram: Schema<"Histogram">;
}

export function Plots({ loaded, histogram }: Props) {
  const searched = {
    from: Number(histogram.from_time_unix_nano) / 1e6,
    to: Number(histogram.to_time_unix_nano) / 1e6,
  };
  const isAll = loaded.nextCursor === null;
  const held = isAll ? searched : heldSpan(loaded, searched);
  const isPart = (searched.to - held.from) / (searched.to - searched.from) < LEAST_SHARE;
  const [spans, errors] = [sum(histogram, "span_count"), sum(histogram, "error_count")];
  const count = number(loaded.traces.length);

  return (
    <section class={style.plots}>
      <div class={style.caption}>
        <h2>{text.spans}</h2>
        <span>{text.counts(number(spans), number(errors))}</span>
        <span class={style.end}>
          {text.brush}
          <Button kind="quiet" onClick={() => searchBetween(widened(searched, Date.now()))}>
            {text.zoomOut}
          </Button>
        </span>
      </div>
      <Histogram
        histogram={histogram}
        span={searched}
        loadedFrom={isAll ? undefined : held.from}
        onBrush={searchBetween}
      />
      <div class={style.caption}>
        <h2>{text.traces}</h2>
        <span>{isAll ? text.all(count) : text.loaded(count)}</span>
        <span class={style.end}>
          <span class={style.key}>
            <Sign class={style.well} path={roundPath(SPOT)} /> {text.well}
          </span>
          <span class={style.key}>
            <Sign class={style.failed} path={cornerPath(SPOT)} /> {text.failed}
          </span>
        </span>
      </div>
      <Scatter traces={loaded.traces} span={isPart ? held : searched} onBrush={searchBetween} />
    </section>
  );
}

/** From the oldest trace that is loaded on. */
function heldSpan(loaded: Loaded, searched: Span): Span {
  const starts = loaded.traces.map((trace) => Number(trace.start_time_unix_nano) / 1e6);
  const held = searched.to - Math.min(searched.to, ...starts);
  return { from: Math.max(searched.from, searched.to - Math.max(held * 1.02, 1)), to: searched.to };
}

const sum = (histogram: Schema<"Histogram">, key: "span_count" | "error_count") =>
  histogram.buckets.reduce((total, bucket) => total + bucket[key], 0);

function searchBetween({ from, to }: Span) {
  changeQuery({
    last: undefined,
    from: new Date(Math.floor(from)).toISOString(),
    to: new Date(Math.ceil(to)).toISOString(),
    pages: undefined,
    live: undefined,
  });
}

function Sign({ class: name, path }: { class: string | undefined; path: string }) {
  return (
    <svg width="10" height="10" viewBox="-5 -5 10 10" aria-hidden="true">
      <path class={name} d={path} />
    </svg>
  );
}
