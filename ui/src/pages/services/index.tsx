/** All services with what they receive and how they do. */
import { answer, api } from "../../api/client";
import { askGraph } from "../../api/graph";
import { useAnswer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { NoSpans } from "../../components/no-spans";
import { Answered, EmptyState } from "../../components/states";
import { Table } from "../../components/table";
import { TimeRangePicker } from "../../components/time-range-picker";
import { changeQuery, query } from "../../routing/location";
import { timeRange } from "../../routing/time-range";
import { messages } from "../../text/messages";
import { columns } from "./columns";
import { FilterFields, filterInAddress, NO_FILTER } from "./filter-fields";
import { filtered, rowsOf, type ServiceRow } from "./rows";
import style from "./services.module.css";

const text = messages({
  title: { en: "Services", ja: "サービス" },
  caption: {
    en: "Services with their rate, errors and latency",
    ja: "サービスごとのレート、エラー、レイテンシー",
  },
  noMatch: { en: "No service meets these conditions", ja: "条件に合うサービスはありません" },
  clear: { en: "Show all services", ja: "すべてのサービスを表示" },
});

const LIVE_MS = 10_000;
/** Gravest first; equal ones stay in the order of their rate. */
const DEFAULT_ORDER = "-health";

export default function ServicesPage() {
  const range = timeRange("15m");
  const isLive = query.value.get("live") === "1";
  const services = useAnswer(JSON.stringify(range), (signal) => ask(range, signal), {
    everyMs: isLive ? LIVE_MS : undefined,
  });
  return (
    <div class={style.page}>
      <header class={style.header}>
        <h1>{text.title}</h1>
        <TimeRangePicker range={range} onRefresh={services.reload} live={isLive} />
      </header>
      <Answered answer={services}>
        {(rows) => (rows.length ? <List rows={rows} /> : <NoSpans />)}
      </Answered>
    </div>
  );
}

function List({ rows }: { rows: readonly ServiceRow[] }) {
  const shown = filtered(rows, filterInAddress());
  const range = timeRange("15m");
  return (
    <>
      <FilterFields rows={rows} />
      {shown.length ? (
        <div class={style.table}>
          <Table
            caption={text.caption}
            columns={columns(range)}
            rows={shown}
            rowKey={(row) => row.key}
            order={query.value.get("order") ?? DEFAULT_ORDER}
            onOrder={(order) => changeQuery({ order })}
          />
        </div>
      ) : (
        <EmptyState title={text.noMatch}>
          <Button onClick={() => changeQuery(NO_FILTER)}>{text.clear}</Button>
        </EmptyState>
      )}
    </>
  );
}

async function ask(range: ReturnType<typeof timeRange>, signal: AbortSignal) {
  const [graph, series, catalogue] = await Promise.all([
    askGraph({ ...range, type: "service", idle: true }, signal),
    answer(api.GET("/api/v1/metrics/services", { params: { query: range }, signal })),
    answer(api.GET("/api/v1/services", { signal })),
  ]);
  return rowsOf(graph, series.series, catalogue.services);
}
