/** What was not taken as it came, by reason, in words. */
import type { Schema } from "../../api/client";
import { Badge, type Tone } from "../../components/badge";
import { Panel } from "../../components/panel";
import { type Column, Table } from "../../components/table";
import { duration, number } from "../../text/format";
import { messages } from "../../text/messages";
import { adviceOf, meaningOf } from "./fault-words";
import { NotKnown } from "./not-known";
import style from "./system.module.css";

const text = messages({
  title: { en: "Refused and mended", ja: "拒否・補正" },
  none: {
    en: "Everything was taken as it came.",
    ja: "すべてそのまま受け入れました。",
  },
  what: { en: "What happened", ja: "内容" },
  meaning: { en: "What it means", ja: "意味" },
  advice: { en: "What to do", ja: "対処" },
  count: { en: "Since the start", ja: "起動から" },
  recent: {
    en: (window: string) => `Last ${window}`,
    ja: (window: string) => `直近 ${window}`,
  },
  lately: { en: "Lately", ja: "最近" },
  refused: { en: "refused", ja: "拒否" },
  rejected: { en: "rejected", ja: "却下" },
  mended: { en: "mended", ja: "補正" },
  dropped: { en: "dropped", ja: "破棄" },
  set_aside: { en: "set aside", ja: "退避" },
});

type Fault = Schema<"SystemFault">;

const TONES: Record<Fault["kind"], Tone> = {
  refused: "error",
  rejected: "error",
  mended: "info",
  dropped: "neutral",
  set_aside: "warning",
};

export function Faults({ system }: { system: Schema<"System"> }) {
  const { faults, received } = system;
  return (
    <Panel title={text.title}>
      {faults === null ? (
        <NotKnown system={system} part="faults" />
      ) : faults.length === 0 ? (
        <p class={style.quiet}>{text.none}</p>
      ) : (
        <Table
          caption={text.title}
          columns={columns(received?.recent_window_nano)}
          rows={faults}
          rowKey={(row) => `${row.kind} ${row.reason}`}
        />
      )}
    </Panel>
  );
}

const columns = (windowNano: string | undefined): Column<Fault>[] => [
  {
    key: "reason",
    label: text.what,
    cell: (row) => (
      <>
        <Badge tone={TONES[row.kind]}>{text[row.kind]}</Badge> <code>{row.reason}</code>
      </>
    ),
  },
  { key: "meaning", label: text.meaning, cell: meaningOf },
  { key: "advice", label: text.advice, cell: adviceOf },
  {
    key: "recent",
    label: windowNano ? text.recent(duration(windowNano)) : text.lately,
    numeric: true,
    cell: (row) => number(row.recent),
  },
  { key: "count", label: text.count, numeric: true, cell: (row) => number(row.count) },
];
