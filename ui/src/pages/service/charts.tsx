/** Rate, errors and latency over time. */
import { useMemo } from "preact/hooks";
import type { Schema } from "../../api/client";
import { Chart, type Series } from "../../components/chart";
import { Panel } from "../../components/panel";
import { changeQuery } from "../../routing/location";
import { rangeOfSeconds } from "../../routing/time-range";
import { milliseconds, percent, rate } from "../../text/format";
import { messages } from "../../text/messages";
import { receivedOf } from "./place";
import style from "./service.module.css";

const text = messages({
  requests: { en: "Requests", ja: "リクエスト" },
  errors: { en: "Errors", ja: "エラー" },
  share: { en: "Share", ja: "割合" },
  latency: { en: "Latency", ja: "レイテンシー" },
  zoom: { en: "Drag to zoom", ja: "ドラッグで拡大" },
  client: { en: "as the callers saw it", ja: "呼び出し側の計測" },
  server: { en: "as the service saw it", ja: "サービス側の計測" },
  lag: { en: "from producer to consumer", ja: "送信から受信まで" },
  overTime: {
    en: (what: string) => `${what} over time`,
    ja: (what: string) => `${what}の推移`,
  },
});

const perSecond = (value: number | null) => (value === null ? "–" : rate(value));

export function Charts({ received }: { received: Schema<"MetricSeries"> }) {
  const shown = useMemo(() => receivedOf(received), [received]);
  const charts: { title: string; note?: string; series: Series[] }[] = [
    {
      title: text.requests,
      series: [
        {
          label: text.requests,
          values: shown.rate,
          colour: "--accent",
          format: perSecond,
          drawn: "area",
        },
        { label: text.errors, values: shown.errorRate, colour: "--error", format: perSecond },
      ],
    },
    {
      title: text.errors,
      series: [
        {
          label: text.share,
          values: shown.errorPercent,
          colour: "--error",
          format: percent,
          drawn: "bars",
        },
      ],
    },
    {
      title: text.latency,
      note: text[received.heat_map?.latency ?? "client"],
      series: [
        { label: "p50", values: shown.p50, colour: "--accent", format: milliseconds },
        { label: "p95", values: shown.p95, colour: "--info", format: milliseconds },
        { label: "p99", values: shown.p99, colour: "--warning", format: milliseconds },
      ],
    },
  ];
  return (
    <div class={style.charts}>
      {charts.map(({ title, note, series }) => (
        <Panel key={title} title={title} actions={<small>{note ?? text.zoom}</small>}>
          <Chart
            label={text.overTime(title)}
            times={shown.times}
            series={series}
            height={170}
            onBrush={(from, to) => changeQuery({ last: undefined, ...rangeOfSeconds(from, to) })}
          />
        </Panel>
      ))}
    </div>
  );
}
