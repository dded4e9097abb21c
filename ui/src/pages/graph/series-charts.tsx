/** How a node or an edge did over the window, in small charts. */
import { answer, api, type Query, type Schema } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Chart } from "../../components/chart";
import { Answered } from "../../components/states";
import { changeQuery } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { milliseconds, number, percent } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./panel.module.css";
import type { Scene, SceneEdge, SceneNode } from "./scene";
import type { View } from "./view";

type Series = Schema<"MetricSeries">["series"][number];

const text = messages({
  calls: { en: "Calls", ja: "呼び出し" },
  callsLabel: { en: "Calls and errors over time", ja: "呼び出しとエラーの推移" },
  failed: { en: "Errors", ja: "エラー" },
  errorShare: { en: "Share of errors over time", ja: "エラー率の推移" },
  errorPercent: { en: "Errors", ja: "エラー率" },
  latency: { en: "Response time over time", ja: "応答時間の推移" },
  none: { en: "No calls in this window.", ja: "この期間に呼び出しはありません。" },
});

const HEIGHT = 132;
const STEPS = 30;

interface Props {
  view: View;
  range: TimeRange;
  /** Seconds that the window is long. */
  seconds: number;
  scene: Scene;
  shown: { node: SceneNode } | { edge: SceneEdge };
}

export function SeriesCharts({ view, range, seconds, scene, shown }: Props) {
  if (view.type === "operation") {
    return null; // series know no operation nodes
  }
  const question = {
    ...range,
    type: view.type,
    step: `${Math.max(1, Math.round(seconds / STEPS))}s`,
    ...(view.passesGateways && { gateways: "pass" as const }),
    ...(view.drawsWaypoints && { waypoints: "node" as const }),
  };
  return "node" in shown ? (
    <NodeCharts question={question} node={shown.node} />
  ) : (
    <EdgeCharts question={question} edge={shown.edge} scene={scene} />
  );
}

function NodeCharts({ question, node }: { question: Question; node: SceneNode }) {
  const asked = { ...question, service: node.node.name };
  const got = useAnswer(
    JSON.stringify([asked, node.id]),
    (signal) => answer(api.GET("/api/v1/metrics/services", { params: { query: asked }, signal })),
    { keep: false },
  );
  return (
    <Answered answer={got} loading={<div class={style.chartsPlace} />}>
      {(metrics) => (
        <Charts
          times={metrics.step_starts_unix_nano}
          series={metrics.series.find(({ labels }) => labels.node?.id === node.id)}
        />
      )}
    </Answered>
  );
}

interface EdgeProps {
  question: Question;
  edge: SceneEdge;
  scene: Scene;
}

function EdgeCharts({ question, edge, scene }: EdgeProps) {
  const nameOf = (id: string) => scene.nodes.find((node) => node.id === id)?.node.name ?? "";
  const asked = { ...question, source: nameOf(edge.source), target: nameOf(edge.target) };
  const got = useAnswer(
    JSON.stringify([asked, edge.id]),
    (signal) => answer(api.GET("/api/v1/metrics/edges", { params: { query: asked }, signal })),
    { keep: false },
  );
  const isThis = ({ labels }: Series) =>
    labels.source?.id === edge.source &&
    labels.target?.id === edge.target &&
    labels.protocol === edge.edge.protocol;
  return (
    <Answered answer={got} loading={<div class={style.chartsPlace} />}>
      {(metrics) => (
        <Charts times={metrics.step_starts_unix_nano} series={metrics.series.find(isThis)} />
      )}
    </Answered>
  );
}

type Question = Pick<
  Query<"/api/v1/metrics/edges">,
  "from" | "to" | "last" | "type" | "step" | "gateways" | "waypoints"
>;

function Charts({ times, series }: { times: readonly string[]; series: Series | undefined }) {
  if (!series) {
    return <p class={style.muted}>{text.none}</p>;
  }
  const seconds = times.map((time) => Number(BigInt(time) / 1_000_000n) / 1000);
  const count = (value: number | null) => number(value ?? 0);
  const brush = (from: number, to: number) =>
    changeQuery({
      last: undefined,
      from: new Date(from * 1000).toISOString(),
      to: new Date(to * 1000).toISOString(),
    });
  const shared = { times: seconds, height: HEIGHT, onBrush: brush };
  return (
    <div class={style.charts}>
      <Chart
        {...shared}
        label={text.callsLabel}
        series={[
          {
            label: text.calls,
            values: series.calls,
            colour: "--accent",
            format: count,
            drawn: "bars",
          },
          {
            label: text.failed,
            values: series.errors,
            colour: "--error",
            format: count,
            drawn: "bars",
          },
        ]}
      />
      {series.total_errors > 0 && (
        <Chart
          {...shared}
          label={text.errorShare}
          series={[
            {
              label: text.errorPercent,
              values: series.error_percent,
              colour: "--error",
              format: percent,
              drawn: "area",
            },
          ]}
        />
      )}
      <Chart
        {...shared}
        label={text.latency}
        series={[
          { label: "p50", values: series.p50_ms, colour: "--info", format: milliseconds },
          { label: "p95", values: series.p95_ms, colour: "--accent", format: milliseconds },
          { label: "p99", values: series.p99_ms, colour: "--warning", format: milliseconds },
        ]}
      />
    </div>
  );
}
