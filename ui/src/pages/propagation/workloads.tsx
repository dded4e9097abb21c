/** What each workload was seen to do with the headers of its requests. */
import type { Schema } from "../../api/client";
import { Panel } from "../../components/panel";
import { ServiceName } from "../../components/service-name";
import { type Column, Table } from "../../components/table";
import { serviceLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./propagation.module.css";

const text = messages({
  title: { en: "All workloads", ja: "すべてのワークロード" },
  note: {
    en: "suspicious calls, proven or not",
    ja: "証明されていないものも含む",
  },
  workload: { en: "Workload", ja: "ワークロード" },
  namespace: { en: "Namespace", ja: "名前空間" },
  cluster: { en: "Cluster", ja: "クラスター" },
  inbound_requests: { en: "Requests in", ja: "受信" },
  outbound_calls: { en: "Calls out", ja: "送信" },
  began_traces: { en: "Calls that began a trace", ja: "トレースを開始" },
  began_while_serving: { en: "… while serving", ja: "…処理中に開始" },
  confirmed_by_request_id: { en: "… proven by request id", ja: "…ID で確認" },
  request_ids_replaced: { en: "Request id replaced", ja: "ID の置換" },
  orphans: { en: "Parent missing", ja: "親なし" },
  none: { en: "No workload meets these conditions.", ja: "条件に合うワークロードはありません。" },
});

type Workload = Schema<"Propagation">["workloads"][number];

const FIGURES = [
  "inbound_requests",
  "outbound_calls",
  "began_traces",
  "began_while_serving",
  "confirmed_by_request_id",
  "request_ids_replaced",
  "orphans",
] as const;

/** Figures that should be zero. */
const SUSPICIOUS: readonly string[] = FIGURES.slice(3);

const COLUMNS = (): Column<Workload>[] => [
  {
    key: "workload",
    label: text.workload,
    cell: ({ workload }) => (
      <ServiceName name={workload.workload || workload.name} href={serviceLink(workload.name)} />
    ),
    sortBy: ({ workload }) => workload.workload,
  },
  ...(["namespace", "cluster"] as const).map((key) => ({
    key,
    label: text[key],
    cell: ({ workload }: Workload) => workload[key],
    sortBy: ({ workload }: Workload) => workload[key],
  })),
  ...FIGURES.map((key) => ({
    key,
    label: text[key],
    numeric: true,
    cell: (row: Workload) => (
      <span class={row[key] > 0 && SUSPICIOUS.includes(key) ? style.suspicious : undefined}>
        {number(row[key])}
      </span>
    ),
    sortBy: (row: Workload) => row[key],
  })),
];

export function Workloads({ workloads }: { workloads: readonly Workload[] }) {
  return (
    <Panel title={text.title} actions={<small>{text.note}</small>}>
      {workloads.length ? (
        <Table
          caption={text.title}
          columns={COLUMNS()}
          rows={workloads}
          rowKey={({ workload }) => JSON.stringify(workload)}
          order={query.value.get("order") ?? "-began_while_serving"}
          onOrder={(order) => changeQuery({ order })}
        />
      ) : (
        <p class={style.none}>{text.none}</p>
      )}
    </Panel>
  );
}
