/** Where spans are taken, and what came. */
import type { Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Panel } from "../../components/panel";
import { type Column, Table } from "../../components/table";
import { bytes, duration, number, rate } from "../../text/format";
import { messages } from "../../text/messages";
import { NotKnown } from "./not-known";
import style from "./system.module.css";

const text = messages({
  title: { en: "Received", ja: "受信" },
  spans: { en: "spans", ja: "スパン" },
  requests: { en: "exports", ja: "エクスポート" },
  lately: {
    en: (window: string) => `average of the last ${window}`,
    ja: (window: string) => `直近 ${window} の平均`,
  },
  sinceStart: { en: "By receiver, since the start", ja: "受信口別、起動から" },
  receiver: { en: "Receiver", ja: "受信口" },
  connections: { en: "Connections", ja: "接続" },
  loopback: { en: "this machine only", ja: "このマシンのみ" },
  accepted_spans: { en: "Spans", ja: "スパン" },
  accepted_requests: { en: "Exports", ja: "エクスポート" },
  empty_requests: { en: "Empty", ja: "空" },
  refused_requests: { en: "Refused", ja: "拒否" },
  failed_requests: { en: "Failed", ja: "失敗" },
  received_bytes: { en: "Bytes", ja: "バイト" },
});

type Counts = Schema<"ReceivedCounts">;
type Row = Schema<"SystemReceiver"> & { total: Counts | undefined };

const SECOND = 1e9;

export function Received({ system }: { system: Schema<"System"> }) {
  const { received, receivers } = system;
  return (
    <Panel title={text.title}>
      {received ? <Rates received={received} /> : <NotKnown system={system} part="received" />}
      {receivers && (
        <Table
          caption={text.sinceStart}
          columns={COLUMNS()}
          rows={receivers.map((each) => ({
            ...each,
            total: received?.by_protocol.find((one) => one.protocol === each.protocol)?.total,
          }))}
          rowKey={(row) => row.protocol}
        />
      )}
    </Panel>
  );
}

function Rates({ received }: { received: Schema<"SystemReceived"> }) {
  const seconds = Number(received.recent_window_nano) / SECOND;
  const per = (count: number) => (seconds > 0 ? rate(count / seconds) : "–");
  return (
    <p class={style.rates}>
      <strong>{per(received.recent.accepted_spans)}</strong> {text.spans}
      <strong>{per(received.recent.requests)}</strong> {text.requests}
      <small>{text.lately(duration(received.recent_window_nano))}</small>
    </p>
  );
}

const COUNTED = [
  "accepted_spans",
  "accepted_requests",
  "empty_requests",
  "refused_requests",
  "failed_requests",
] as const;

const COLUMNS = (): Column<Row>[] => [
  {
    key: "receiver",
    label: text.receiver,
    cell: (row) => (
      <>
        {row.protocol} <code>{row.address}</code>{" "}
        {row.loopback_only && <Badge>{text.loopback}</Badge>}
      </>
    ),
  },
  {
    key: "connections",
    label: text.connections,
    numeric: true,
    cell: (row) => (row.connections ? number(row.connections.open) : "–"),
  },
  ...COUNTED.map(
    (name): Column<Row> => ({
      key: name,
      label: text[name],
      numeric: true,
      cell: (row) => (row.total ? number(row.total[name]) : "–"),
    }),
  ),
  {
    key: "received_bytes",
    label: text.received_bytes,
    numeric: true,
    cell: (row) => (row.total ? bytes(row.total.received_bytes) : "–"),
  },
];
