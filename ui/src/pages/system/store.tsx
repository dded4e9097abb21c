/** What is stored, and how long it is kept. */
import type { ComponentChildren } from "preact";
import type { Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Panel } from "../../components/panel";
import { Table } from "../../components/table";
import { ago, bytes, duration, exactTime, number, time } from "../../text/format";
import { messages } from "../../text/messages";
import { Gauge } from "./gauge";
import { NotKnown } from "./not-known";
import style from "./system.module.css";

const text = messages({
  store: { en: "Store", ja: "ストア" },
  unavailable: { en: "does not answer", ja: "応答なし" },
  duckdb: { en: "DuckDB, embedded", ja: "DuckDB (組み込み)" },
  postgresql: { en: "PostgreSQL", ja: "PostgreSQL" },
  engine: { en: "Engine", ja: "エンジン" },
  version: { en: "Version of the data", ja: "データのバージョン" },
  size: { en: "Size", ja: "サイズ" },
  spans: { en: "Spans", ja: "スパン" },
  oldest: { en: "Oldest span", ja: "最古のスパン" },
  newest: { en: "Newest span", ja: "最新のスパン" },
  none: { en: "none yet", ja: "まだありません" },
  tables: { en: "Tables", ja: "テーブル" },
  table: { en: "Table", ja: "テーブル" },
  rows: { en: "Rows (estimated)", ja: "行数 (推定)" },
  kept: { en: "What is kept", ja: "保持" },
  forGood: { en: "for good", ja: "無期限" },
  noBound: { en: "no bound", ja: "上限なし" },
  maxAge: { en: "Spans are kept for", ja: "スパンの保持期間" },
  maxBytes: { en: "At most", ja: "最大サイズ" },
  rollupsAge: { en: "The graph's history is kept for", ja: "グラフ履歴の保持期間" },
  runs: { en: "The retention runs every", ja: "削除の間隔" },
  deleted: { en: "Deleted since the start", ja: "起動からの削除" },
  deletions: {
    en: (age: string, size: string) => `${age} spans by age, ${size} by size`,
    ja: (age: string, size: string) => `期間で ${age}、サイズで ${size} スパン`,
  },
  settled: { en: "The graph is settled until", ja: "グラフの確定" },
  pending: {
    en: (minutes: string) => `${minutes} minutes still to be rolled up`,
    ja: (minutes: string) => `未集計 ${minutes} 分`,
  },
  failures: {
    en: (count: string) => `${count} runs failed: see the log`,
    ja: (count: string) => `${count} 回失敗しました。ログを確認してください`,
  },
  leads: { en: "Kept up by", ja: "集計と削除の担当" },
  thisProcess: { en: "this process", ja: "このプロセス" },
  another: { en: "another process", ja: "別のプロセス" },
});

const MOST_TABLES = 8;

export function Kept({ system }: { system: Schema<"System"> }) {
  return (
    <div class={style.columns}>
      <Store system={system} />
      <Retention system={system} />
    </div>
  );
}

function Store({ system }: { system: Schema<"System"> }) {
  const { store } = system;
  const tables = store.tables?.filter((table) => table.rows > 0).slice(0, MOST_TABLES) ?? [];
  return (
    <Panel
      title={text.store}
      actions={store.state === "unavailable" && <Badge tone="error">{text.unavailable}</Badge>}
    >
      <dl class={style.facts}>
        <Fact name={text.engine}>{store.engine ? text[store.engine] : "–"}</Fact>
        <Fact name={text.version}>{store.data_version ?? "–"}</Fact>
        <Fact name={text.spans}>{store.spans === null ? "–" : number(store.spans)}</Fact>
        <Fact name={text.size}>
          {store.bytes === null ? (
            "–"
          ) : (
            <Gauge value={store.bytes} most={system.retention?.max_bytes ?? null} write={bytes} />
          )}
        </Fact>
        <Fact name={text.oldest}>
          <Moment unixNano={store.oldest_span_unix_nano} />
        </Fact>
        <Fact name={text.newest}>
          <Moment unixNano={store.newest_span_unix_nano} />
        </Fact>
      </dl>
      {tables.length > 0 && (
        <details class={style.details}>
          <summary>{text.tables}</summary>
          <Table
            caption={text.tables}
            columns={[
              { key: "name", label: text.table, cell: (row) => <code>{row.name}</code> },
              { key: "rows", label: text.rows, numeric: true, cell: (row) => number(row.rows) },
            ]}
            rows={tables}
            rowKey={(row) => row.name}
          />
        </details>
      )}
    </Panel>
  );
}

function Retention({ system }: { system: Schema<"System"> }) {
  const { retention, rollups } = system;
  return (
    <Panel title={text.kept}>
      <dl class={style.facts}>
        {retention && (
          <>
            <Fact name={text.maxAge}>{age(retention.max_age_nano)}</Fact>
            <Fact name={text.maxBytes}>
              {retention.max_bytes === null ? text.noBound : bytes(retention.max_bytes)}
            </Fact>
            <Fact name={text.rollupsAge}>{age(retention.rollups_max_age_nano)}</Fact>
            <Fact name={text.runs}>{duration(retention.interval_nano)}</Fact>
            <Fact name={text.deleted}>
              {text.deletions(
                number(retention.deleted_spans_by_age),
                number(retention.deleted_spans_by_size),
              )}
              <Failures count={retention.failures} />
            </Fact>
          </>
        )}
        <Fact name={text.settled}>
          <span title={exactTime(rollups.settled_to_unix_nano)}>
            {time(rollups.settled_to_unix_nano)}
          </span>
          {(rollups.pending_minutes ?? 0) > 0 && (
            <> · {text.pending(number(rollups.pending_minutes ?? 0))}</>
          )}
          <Failures count={rollups.failures} />
        </Fact>
        <Fact name={text.leads}>{rollups.leading ? text.thisProcess : text.another}</Fact>
      </dl>
      {!retention && <NotKnown system={system} part="retention" />}
    </Panel>
  );
}

const DAY = 86_400e9;

/** Days are easier to read than hours, for what is kept for long. */
function age(nanoseconds: string | null): string {
  if (nanoseconds === null) {
    return text.forGood;
  }
  const days = Number(nanoseconds) / DAY;
  return days >= 2 ? `${number(days, 1)} d` : duration(nanoseconds);
}

function Failures({ count }: { count: number }) {
  return count > 0 ? <Badge tone="warning">{text.failures(number(count))}</Badge> : null;
}

function Moment({ unixNano }: { unixNano: string | null }) {
  return unixNano === null ? (
    <span class={style.quiet}>{text.none}</span>
  ) : (
    <span title={exactTime(unixNano)}>{ago(unixNano)}</span>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
