/** What the time of the service's requests goes to: in typical ones and in the slowest. */
import { answer, api, type Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { ServiceName } from "../../components/service-name";
import { type Column, Table } from "../../components/table";
import { ShareBar } from "../../components/traffic";
import { serviceLink, traceLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { duration, number, percent } from "../../text/format";
import { messages } from "../../text/messages";
import { AskingPanel } from "./asking-panel";
import { type Holder, holdersOf } from "./holders";
import type { Place, Window } from "./place";
import style from "./service.module.css";

const text = messages({
  title: { en: "Who holds the time of its requests", ja: "所要時間の内訳（クリティカルパス）" },
  by: { en: "By", ja: "単位" },
  service: { en: "Service", ja: "サービス" },
  operation: { en: "Operation", ja: "オペレーション" },
  hop: { en: "Hop", ja: "ホップ" },
  typical: { en: "In typical requests", ja: "典型的なリクエスト" },
  slowest: { en: "In the slowest", ja: "最も遅いリクエスト" },
  difference: { en: "Slower by", ja: "差" },
  examined: {
    en: (traces: string) => `Critical paths of ${traces} traces from all over the time range.`,
    ja: (traces: string) => `期間全体から ${traces} 件のトレースのクリティカルパス。`,
  },
  typicalTake: {
    en: (least: string, most: string) => `Typical ones take ${least} – ${most}`,
    ja: (least: string, most: string) => `典型: ${least}～${most}`,
  },
  slowestTake: {
    en: (least: string, most: string) => `the slowest twentieth ${least} – ${most}`,
    ja: (least: string, most: string) => `最も遅い 5 %: ${least}～${most}`,
  },
  example: { en: "example", ja: "例" },
  none: {
    en: "There are no whole traces of it in this time range.",
    ja: "この期間のトレースはありません。",
  },
  more: { en: (n: string) => `Show all ${n}`, ja: (n: string) => `${n} 件すべて表示` },
});

const BY = ["service", "operation"] as const;
type By = (typeof BY)[number];
const FEW = 10;

interface Props {
  place: Place;
  window: Window;
  range: TimeRange;
}

export function CriticalPath({ place, window, range }: Props) {
  const { from, to } = window;
  const by = BY.find((known) => known === query.value.get("path_by")) ?? "service";
  return (
    <AskingPanel
      title={text.title}
      actions={() => <Choice chosen={by} />}
      question={[place, from, to]}
      ask={(signal) =>
        answer(
          api.GET("/api/v1/critical-path", { params: { query: { ...place, from, to } }, signal }),
        )
      }
    >
      {({ after }) =>
        after.all.traces ? (
          <Shares side={after} by={by} range={range} />
        ) : (
          <p class={style.none}>{text.none}</p>
        )
      }
    </AskingPanel>
  );
}

function Choice({ chosen }: { chosen: By }) {
  return (
    <fieldset class={style.choice} aria-label={text.by}>
      {BY.map((by) => (
        <Button
          key={by}
          kind="quiet"
          pressed={chosen === by}
          onClick={() => changeQuery({ path_by: by === "service" ? undefined : by })}
        >
          {text[by]}
        </Button>
      ))}
    </fieldset>
  );
}

interface SharesProps {
  side: Schema<"CriticalSide">;
  by: By;
  range: TimeRange;
}

function Shares({ side, by, range }: SharesProps) {
  const holders = holdersOf(side.hops, by === "operation");
  const isWhole = query.value.get("path_rows") === "all" || holders.length <= FEW;
  return (
    <>
      <p class={style.lead}>
        {text.examined(number(side.all.traces))}{" "}
        {text.typicalTake(
          duration(side.typical.min_duration_nano),
          duration(side.typical.max_duration_nano),
        )}{" "}
        (<a href={traceLink(side.typical.slowest_trace_id)}>{text.example}</a>),{" "}
        {text.slowestTake(
          duration(side.slowest.min_duration_nano),
          duration(side.slowest.max_duration_nano),
        )}{" "}
        (<a href={traceLink(side.slowest.slowest_trace_id)}>{text.example}</a>).
      </p>
      <Table
        caption={text.title}
        columns={columns(by, range)}
        rows={isWhole ? holders : holders.slice(0, FEW)}
        rowKey={(row) => row.key}
        order={query.value.get("path_order") ?? "-slowest"}
        onOrder={(order) => changeQuery({ path_order: order })}
      />
      {!isWhole && (
        <Button kind="quiet" onClick={() => changeQuery({ path_rows: "all" })}>
          {text.more(number(holders.length))}
        </Button>
      )}
    </>
  );
}

function columns(by: By, range: TimeRange): Column<Holder>[] {
  const band = (key: "typical" | "slowest"): Column<Holder> => ({
    key,
    label: text[key],
    cell: (row) => (
      <span class={style.share}>
        <ShareBar share={row[key].share} colour={key === "typical" ? "muted" : "accent"} />
        <span class={style.percent}>{percent(100 * row[key].share)}</span>
        <span class={style.note}>{duration(row[key].meanNano)}</span>
      </span>
    ),
    sortBy: (row) => row[key].share,
  });
  return [
    {
      key: "service",
      label: text.service,
      cell: (row) => (
        <ServiceName name={row.service} href={serviceLink(row.service, { ...range })} />
      ),
      sortBy: (row) => row.service,
    },
    ...(by === "operation"
      ? [
          {
            key: "operation",
            label: text.operation,
            cell: (row: Holder) => (
              <>
                <span class={style.operation}>{row.operation}</span> <Badge>{row.hop}</Badge>
              </>
            ),
            sortBy: (row: Holder) => row.operation,
          },
        ]
      : []),
    band("typical"),
    band("slowest"),
    {
      key: "difference",
      label: text.difference,
      numeric: true,
      cell: (row) => duration(row.slowest.meanNano - row.typical.meanNano),
      sortBy: (row) => row.slowest.meanNano - row.typical.meanNano,
    },
  ];
}
