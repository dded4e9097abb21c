/** Who made the spans that are stored: namespaces, each with its services. */
import type { Schema } from "../../api/client";
import { Panel } from "../../components/panel";
import { ServiceName } from "../../components/service-name";
import { type Column, Table } from "../../components/table";
import { serviceLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import { ago, exactTime, number, time } from "../../text/format";
import { messages } from "../../text/messages";
import { NotKnown } from "./not-known";
import style from "./system.module.css";

const text = messages({
  title: { en: "Senders by namespace", ja: "名前空間別の送信元" },
  none: { en: "No span is stored yet.", ja: "スパンはまだ保存されていません。" },
  window: {
    en: (from: string, to: string) => `spans of ${from} – ${to}`,
    ja: (from: string, to: string) => `${from} – ${to} のスパン`,
  },
  namespace: { en: "Namespace", ja: "名前空間" },
  noNamespace: { en: "(none told)", ja: "(なし)" },
  services: { en: "Services", ja: "サービス" },
  pods: { en: "Pods", ja: "Pod" },
  spans: { en: "Spans", ja: "スパン" },
  lastSeen: { en: "Last seen", ja: "最終" },
  service: { en: "Service", ja: "サービス" },
  workloads: { en: "Workloads", ja: "ワークロード" },
  servicesOf: {
    en: (namespace: string) => `Services of ${namespace}`,
    ja: (namespace: string) => `${namespace} のサービス`,
  },
});

type Senders = Schema<"SystemSenders">;
type Namespace = Senders["namespaces"][number];
type Service = Senders["services"][number];

const keyOf = (row: { cluster: string; namespace: string }) => `${row.cluster}/${row.namespace}`;
const nameOf = (row: { cluster: string; namespace: string }) =>
  [row.cluster, row.namespace || text.noNamespace].filter(Boolean).join(" / ");

export function Senders({ system }: { system: Schema<"System"> }) {
  const { senders } = system;
  if (!senders) {
    return (
      <Panel title={text.title}>
        <NotKnown system={system} part="senders" />
      </Panel>
    );
  }
  const window = text.window(time(senders.from_time_unix_nano), time(senders.to_time_unix_nano));
  const chosen = senders.namespaces.find((row) => keyOf(row) === query.value.get("namespace"));
  return (
    <Panel title={text.title} actions={<small class={style.quiet}>{window}</small>}>
      {senders.namespaces.length ? (
        <Table
          caption={text.title}
          columns={NAMESPACES()}
          rows={senders.namespaces}
          rowKey={keyOf}
          rowClass={(row) => (row === chosen ? style.chosen : undefined)}
        />
      ) : (
        <p class={style.quiet}>{text.none}</p>
      )}
      {chosen && (
        <>
          <h3 class={style.subtitle}>{text.servicesOf(nameOf(chosen))}</h3>
          <Table
            caption={text.servicesOf(nameOf(chosen))}
            columns={SERVICES()}
            rows={senders.services.filter((row) => keyOf(row) === keyOf(chosen))}
            rowKey={(row) => row.service}
          />
        </>
      )}
    </Panel>
  );
}

function common<Row extends Namespace | Service>(): Column<Row>[] {
  return [
    { key: "pods", label: text.pods, numeric: true, cell: (row) => number(row.pods) },
    { key: "spans", label: text.spans, numeric: true, cell: (row) => number(row.spans) },
    {
      key: "last_seen",
      label: text.lastSeen,
      numeric: true,
      cell: (row) => (
        <span title={exactTime(row.last_seen_unix_nano)}>{ago(row.last_seen_unix_nano)}</span>
      ),
    },
  ];
}

const NAMESPACES = (): Column<Namespace>[] => [
  {
    key: "namespace",
    label: text.namespace,
    cell: (row) => {
      const isChosen = keyOf(row) === query.value.get("namespace");
      return (
        <button
          type="button"
          class={style.choice}
          aria-expanded={isChosen}
          onClick={() => changeQuery({ namespace: isChosen ? undefined : keyOf(row) })}
        >
          {nameOf(row)}
        </button>
      );
    },
  },
  { key: "services", label: text.services, numeric: true, cell: (row) => number(row.services) },
  ...common<Namespace>(),
];

const SERVICES = (): Column<Service>[] => [
  {
    key: "service",
    label: text.service,
    cell: (row) => (
      <ServiceName
        name={row.service}
        href={serviceLink(row.namespace ? `${row.service}.${row.namespace}` : row.service)}
      />
    ),
  },
  { key: "workloads", label: text.workloads, cell: (row) => row.workloads.join(", ") },
  ...common<Service>(),
];
