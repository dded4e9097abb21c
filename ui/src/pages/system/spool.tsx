/** What is acknowledged and on its way to the store, and how long that takes. */
import type { Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Panel } from "../../components/panel";
import { type Column, Table } from "../../components/table";
import { bytes, duration, number } from "../../text/format";
import { messages } from "../../text/messages";
import { Gauge } from "./gauge";
import { NotKnown } from "./not-known";
import style from "./system.module.css";

const text = messages({
  title: { en: "On the way to the store", ja: "ストアへの途中" },
  used: { en: "Spool", ja: "スプール" },
  lag: { en: "Until a search finds them", ja: "検索できるまで" },
  waiting: { en: "Waiting now", ja: "待機中" },
  waits: {
    en: (spans: string, age: string) => `${spans} spans, the oldest for ${age}`,
    ja: (spans: string, age: string) => `${spans} スパン、最長 ${age}`,
  },
  nothingWaits: { en: "nothing", ja: "なし" },
  nothingYet: { en: "no span yet", ja: "まだありません" },
  byReceiver: { en: "Spools by receiver process", ja: "受信プロセス別のスプール" },
  worker: { en: "Process", ja: "プロセス" },
  waitingSpans: { en: "Waiting spans", ja: "待機スパン" },
  oldest: { en: "Oldest", ja: "最長" },
  stopped: { en: "no process", ja: "プロセスなし" },
  broken: { en: "cannot be written", ja: "書き込み不可" },
  restarts: {
    en: (count: number) => `started again ${count} ×`,
    ja: (count: number) => `再起動 ${count} 回`,
  },
});

type Row = Schema<"SystemSpool">["receivers"][number];

export function Spool({ system }: { system: Schema<"System"> }) {
  const { spool, lag } = system;
  return (
    <Panel title={text.title}>
      {spool && lag ? (
        <>
          <dl class={style.facts}>
            <dt>{text.used}</dt>
            <dd>
              <Gauge value={spool.used_bytes} most={spool.max_bytes} write={bytes} />
            </dd>
            <dt>{text.lag}</dt>
            <dd>{lag.last_batch_nano ? duration(lag.last_batch_nano) : text.nothingYet}</dd>
            <dt>{text.waiting}</dt>
            <dd>
              {lag.oldest_waiting_nano
                ? text.waits(number(spool.waiting_spans), duration(lag.oldest_waiting_nano))
                : text.nothingWaits}
            </dd>
          </dl>
          <Table
            caption={text.byReceiver}
            columns={COLUMNS()}
            rows={spool.receivers}
            rowKey={(row) => row.worker}
          />
        </>
      ) : (
        <NotKnown system={system} part="spool" />
      )}
    </Panel>
  );
}

const COLUMNS = (): Column<Row>[] => [
  {
    key: "worker",
    label: text.worker,
    cell: (row) => (
      <>
        {row.worker} {!row.running && <Badge tone="warning">{text.stopped}</Badge>}
        {row.running && !row.writable && <Badge tone="error">{text.broken}</Badge>}
        {row.restarts > 0 && <Badge tone="warning">{text.restarts(row.restarts)}</Badge>}
      </>
    ),
  },
  {
    key: "used",
    label: text.used,
    cell: (row) => <Gauge value={row.used_bytes} most={row.max_bytes} write={bytes} />,
  },
  {
    key: "waiting",
    label: text.waitingSpans,
    numeric: true,
    cell: (row) => number(row.waiting_spans),
  },
  {
    key: "oldest",
    label: text.oldest,
    numeric: true,
    cell: (row) => (row.oldest_age_nano ? duration(row.oldest_age_nano) : "–"),
  },
];
