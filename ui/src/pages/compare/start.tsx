/** Before there is something to compare: how to get here, and what to compare a trace with. */
import { ApiError, answer, api, type Schema } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { ErrorIcon } from "../../components/icons";
import { Panel } from "../../components/panel";
import { Answered, EmptyState } from "../../components/states";
import { type Column, Table } from "../../components/table";
import { searchLink, traceLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import { duration, exactTime, number, shortId, time } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./compare.module.css";
import { isSearch, queryString, type Side, type SideName } from "./side";

const text = messages({
  title: { en: "Compare two traces, or two sets of traces", ja: "2 つのトレースまたは集合を比較" },
  how: {
    en: "See which calls are new, missing, slower or faster, and which end differently.",
    ja: "追加・欠落した呼び出し、遅くなった・速くなった呼び出し、結果の変化を確認できます。",
  },
  search: { en: "Search for traces", ja: "トレースを検索" },
  tick: {
    en: "and tick two of them; or choose “Compare” on a trace.",
    ja: "して 2 件選択するか、トレース画面の「比較」を選んでください。",
  },
  write: {
    en: "Or write above: trace ids, or a search, whose traces are compared by their medians, such as",
    ja: "または上の欄にトレース ID か検索条件（中央値で比較します）を入力してください。例:",
  },
  other: { en: "Now choose the other side", ja: "もう一方を選んでください" },
  otherHow: {
    en: "Write trace ids or a search into the empty field.",
    ja: "空の欄にトレース ID か検索条件を入力してください。",
  },
  candidates: {
    en: "Compare with a trace of the same kind",
    ja: "同じ種類のトレースと比較",
  },
  caption: { en: "Traces with the same root", ja: "ルートが同じトレース" },
  usual: { en: "Compare with all of these", ja: "これらすべてと比較" },
  alone: {
    en: "No other trace within half an hour begins with the same operation.",
    ja: "前後 30 分に同じオペレーションで始まるトレースはありません。",
  },
  unknown: {
    en: (id: string) => `no trace ${id} is stored`,
    ja: (id: string) => `トレース ${id} は保存されていません`,
  },
  unknownHint: {
    en: "It may not have arrived yet, or be older than the retention.",
    ja: "まだ届いていないか、保存期間を過ぎた可能性があります。",
  },
  start: { en: "Start", ja: "開始" },
  id: { en: "Trace", ja: "トレース" },
  spans: { en: "Spans", ja: "スパン" },
  errors: { en: "Errors", ja: "エラー" },
  duration: { en: "Duration", ja: "所要時間" },
  choose: { en: "Compare", ja: "比較" },
  chooseOf: {
    en: (id: string) => `Compare with trace ${id}`,
    ja: (id: string) => `トレース ${id} と比較`,
  },
});

type Summary = Schema<"TraceSummary">;

interface Props {
  a: Side;
  b: Side;
}

export function Start({ a, b }: Props) {
  const [given, missing]: [Side, SideName] = a.length ? [a, "b"] : [b, "a"];
  const [id] = given;
  if (id === undefined) {
    return <HowTo />;
  }
  if (isSearch(given)) {
    return (
      <EmptyState title={text.other}>
        <p>{text.otherHow}</p>
      </EmptyState>
    );
  }
  return <Candidates id={id} side={missing} />;
}

const HowTo = () => (
  <EmptyState title={text.title}>
    <p>{text.how}</p>
    <p>
      <a href={searchLink()}>{text.search}</a> {text.tick}
    </p>
    <p>{text.write}</p>
    <p>
      <code>service=reviews.default istio.canonical_revision=v1 last=1h</code>
    </p>
  </EmptyState>
);

const HALF_HOUR_NANO = 1_800_000_000_000n;
const MOST = 50;

interface Found {
  /** The search that found them. */
  search: string;
  traces: readonly Summary[];
}

/** Ask for traces with the same root as the one that is given. */
async function ask(id: string, signal: AbortSignal): Promise<Found> {
  const { traces } = await answer(
    api.GET("/api/v1/traces", { params: { query: { trace_id: [id] } }, signal }),
  );
  const [given] = traces;
  if (!given) {
    throw new ApiError(404, "trace_not_found", text.unknown(id), undefined, text.unknownHint);
  }
  const start = BigInt(given.start_time_unix_nano);
  const search = {
    service: given.root_service,
    operation: given.root_operation,
    from: String(start - HALF_HOUR_NANO),
    to: String(start + HALF_HOUR_NANO),
  };
  const found = await answer(
    api.GET("/api/v1/traces", { params: { query: { ...search, limit: MOST } }, signal }),
  );
  const values = Object.fromEntries(Object.entries(search).map(([name, each]) => [name, [each]]));
  return {
    search: queryString(values),
    traces: found.traces.filter(({ trace_id }) => trace_id !== given.trace_id),
  };
}

function Candidates({ id, side }: { id: string; side: SideName }) {
  const found = useAnswer(id, (signal) => ask(id, signal));
  const choose = (value: string) => changeQuery({ [side]: value });
  return (
    <Answered answer={found}>
      {({ search, traces }) =>
        traces.length ? (
          <Panel
            title={text.candidates}
            actions={
              <Button kind="primary" onClick={() => choose(search)}>
                {text.usual}
              </Button>
            }
          >
            <Table
              caption={text.caption}
              columns={columnsOf(choose)}
              rows={traces}
              rowKey={(trace) => trace.trace_id}
              order={query.value.get("order") ?? "-start"}
              onOrder={(order) => changeQuery({ order }, { replace: true })}
            />
          </Panel>
        ) : (
          <EmptyState title={text.other}>
            <p>{text.alone}</p>
            <p>{text.otherHow}</p>
          </EmptyState>
        )
      }
    </Answered>
  );
}

const columnsOf = (choose: (id: string) => void): Column<Summary>[] => [
  {
    key: "id",
    label: text.id,
    cell: ({ trace_id }) => (
      <a href={traceLink(trace_id)}>
        <code>{shortId(trace_id)}</code>
      </a>
    ),
  },
  {
    key: "start",
    label: text.start,
    cell: ({ start_time_unix_nano: start }) => <span title={exactTime(start)}>{time(start)}</span>,
    sortBy: ({ start_time_unix_nano: start }) => Number(start),
  },
  {
    key: "spans",
    label: text.spans,
    numeric: true,
    cell: ({ span_count }) => number(span_count),
    sortBy: ({ span_count }) => span_count,
  },
  {
    key: "errors",
    label: text.errors,
    numeric: true,
    cell: ({ error_count: count }) =>
      count > 0 && (
        <span class={style.errors}>
          <ErrorIcon /> {number(count)}
        </span>
      ),
    sortBy: ({ error_count }) => error_count,
  },
  {
    key: "duration",
    label: text.duration,
    numeric: true,
    cell: ({ duration_nano }) => duration(duration_nano),
    sortBy: ({ duration_nano }) => Number(duration_nano),
  },
  {
    key: "choose",
    label: "",
    cell: ({ trace_id }) => (
      <button
        type="button"
        class={style.choose}
        onClick={() => choose(trace_id)}
        aria-label={text.chooseOf(shortId(trace_id))}
      >
        {text.choose}
      </button>
    ),
  },
];
