/** Who connected to the receivers, by address. */
import type { Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Panel } from "../../components/panel";
import { type Column, Table } from "../../components/table";
import { ago, exactTime, number } from "../../text/format";
import { messages } from "../../text/messages";
import { clientName } from "./client-name";
import { NotKnown } from "./not-known";
import style from "./system.module.css";

const text = messages({
  title: { en: "Exporters", ja: "エクスポーター" },
  none: { en: "Nobody has connected yet.", ja: "まだ接続はありません。" },
  shown: {
    en: (shown: string, all: string) => `the latest ${shown} of ${all}`,
    ja: (shown: string, all: string) => `${all} 件中、最近の ${shown} 件`,
  },
  address: { en: "Address", ja: "アドレス" },
  client: { en: "Exporter", ja: "エクスポーター" },
  protocol: { en: "By", ja: "プロトコル" },
  requests: { en: "Exports", ja: "エクスポート" },
  spans: { en: "Spans", ja: "スパン" },
  lastSeen: { en: "Last seen", ja: "最終" },
  empty: { en: "all empty", ja: "すべて空" },
  unsuccessful: {
    en: (count: string) => `${count} refused`,
    ja: (count: string) => `${count} 件拒否`,
  },
});

const MOST = 50;

type Peer = Schema<"SystemPeer">;

export function Peers({ system }: { system: Schema<"System"> }) {
  const { peers } = system;
  return (
    <Panel
      title={text.title}
      actions={
        peers && peers.length > MOST ? (
          <small class={style.quiet}>{text.shown(number(MOST), number(peers.length))}</small>
        ) : undefined
      }
    >
      {peers === null ? (
        <NotKnown system={system} part="peers" />
      ) : peers.length === 0 ? (
        <p class={style.quiet}>{text.none}</p>
      ) : (
        <Table
          caption={text.title}
          columns={COLUMNS()}
          rows={peers.slice(0, MOST)}
          rowKey={(row) => `${row.protocol} ${row.address}`}
        />
      )}
    </Panel>
  );
}

const COLUMNS = (): Column<Peer>[] => [
  {
    key: "address",
    label: text.address,
    cell: (row) => (
      <>
        <code>{row.address}</code>{" "}
        {row.empty_requests === row.requests && <Badge tone="warning">{text.empty}</Badge>}
        {row.unsuccessful_requests > 0 && (
          <Badge tone="error">{text.unsuccessful(number(row.unsuccessful_requests))}</Badge>
        )}
      </>
    ),
  },
  {
    key: "client",
    label: text.client,
    cell: (row) => <span title={row.client}>{clientName(row.client) || "–"}</span>,
  },
  { key: "protocol", label: text.protocol, cell: (row) => row.protocol },
  { key: "requests", label: text.requests, numeric: true, cell: (row) => number(row.requests) },
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
