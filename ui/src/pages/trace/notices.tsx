/** What is odd about the trace, in words, and where to go on. */
import type { ComponentChildren } from "preact";
import type { Schema } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Checkbox } from "../../components/field";
import { ErrorIcon, InfoIcon } from "../../components/icons";
import { propagationLink, requestLink, traceLink } from "../../routing/links";
import { changeQuery } from "../../routing/location";
import { duration, shortId } from "../../text/format";
import { messages } from "../../text/messages";
import { type Loaded, othersOfRequest, requestIdOf } from "./load";
import style from "./notices.module.css";
import type { Trace } from "./view";

const text = messages({
  no_root: {
    en: "The span that began this trace is not stored: what is above the first row is unknown.",
    ja: "このトレースの起点スパンが保存されていません。最初の行より上は不明です。",
  },
  missing_parent: {
    en: "A part of this trace is cut off from what called it.",
    ja: "トレースの一部が呼び出し元から切り離されています。",
  },
  several_roots: {
    en: "Several spans have no parent: a part of the request does not know what called it.",
    ja: "親のないスパンが複数あります。リクエストの一部が呼び出し元を認識していません。",
  },
  clock_skew: {
    en: "Clocks of machines disagree.",
    ja: "マシン間の時計がずれています。",
  },
  self_parent: {
    en: "A span names itself as its parent.",
    ja: "自分自身を親とするスパンがあります。",
  },
  cycle: { en: "Spans name each other as parents.", ja: "親子関係が循環しています。" },
  duplicate_span: {
    en: "Several spans have the same id.",
    ja: "同じ ID のスパンが複数あります。",
  },
  dropped_data: {
    en: "An exporter or this store dropped part of the data.",
    ja: "データの一部が破棄されました。",
  },
  why: { en: "Find the reason", ja: "原因を調べる" },
  correct: { en: "Correct clocks", ja: "時計を補正" },
  moved: {
    en: (pod: string, by: string, count: number) => `${pod} moved ${by} (${count} spans)`,
    ja: (pod: string, by: string, count: number) => `${pod} を ${by} 補正（${count} 件）`,
  },
  others: {
    en: (count: number) =>
      count === 1
        ? "The request goes on in another trace: a service on the way forwards no trace headers."
        : `The request goes on in ${count} other traces: a service on the way forwards no trace headers.`,
    ja: (count: number) =>
      `このリクエストは他の ${count} 件のトレースに続いています。経路上にトレースヘッダーを転送しないサービスがあります。`,
  },
  whole: { en: "Show the whole request", ja: "リクエスト全体を表示" },
  stitched: {
    en: (traces: number, links: number) =>
      `${traces} traces of one request, read as one by ${links} inferred links; a dashed line marks them.`,
    ja: (traces: number, links: number) =>
      `1 つのリクエストの ${traces} 件のトレースを ${links} 個の推定リンクで結合しました（破線）。`,
  },
  left: { en: "Also of this request:", ja: "このリクエストの他のトレース:" },
});

interface Props extends Loaded {
  /** Whether the API may be asked about the request. */
  isStored: boolean;
}

export function Notices({ trace, stitched, left, isStored }: Props) {
  return (
    <div class={style.notices}>
      {stitched && stitched.trace_ids.length > 1 && (
        <Notice>
          {text.stitched(stitched.trace_ids.length, stitched.inferred_links.length)}{" "}
          <Reason trace={trace} />
        </Notice>
      )}
      {left.length > 0 && (
        <Notice>
          {text.left}{" "}
          {left.map(({ trace_id, root_service, root_operation }) => (
            <a key={trace_id} class={style.part} href={traceLink(trace_id)}>
              {root_service} {root_operation} <code>{shortId(trace_id)}</code>
            </a>
          ))}
        </Notice>
      )}
      {!stitched && isStored && <Others trace={trace} />}
      {trace.warnings.map((warning) => (
        <Warning key={warning.code} trace={trace} warning={warning} />
      ))}
      {trace.clocks_adjusted && !trace.warnings.some(({ code }) => code === "clock_skew") && (
        <Notice>
          <Clocks trace={trace} />
        </Notice>
      )}
    </div>
  );
}

const BROKEN: ReadonlySet<string> = new Set(["no_root", "missing_parent", "several_roots"]);

function Warning({ trace, warning }: { trace: Trace; warning: Schema<"Warning"> }) {
  return (
    <Notice isWarning>
      <span title={warning.message}>{text[warning.code]}</span>{" "}
      <span class={style.exact}>({warning.message})</span>{" "}
      {BROKEN.has(warning.code) && <Reason trace={trace} />}
      {warning.code === "clock_skew" && <Clocks trace={trace} />}
    </Notice>
  );
}

/** Where propagation is examined, for the service that seems to be at fault. */
function Reason({ trace }: { trace: Trace }) {
  const orphan = trace.spans.find(
    (span) => span.parent_index !== null && trace.spans[span.parent_index]?.missing,
  );
  const service = (orphan ?? trace.spans[trace.roots[0] ?? 0])?.service_name;
  return <a href={propagationLink({ service })}>{text.why}</a>;
}

/** Says that the request has more traces than this, if it has. */
function Others({ trace }: { trace: Trace }) {
  const requestId = requestIdOf(trace);
  const others = useAnswer(requestId ? `${trace.trace_id} ${requestId}` : null, (signal) =>
    othersOfRequest(trace, requestId ?? "", signal),
  );
  if (!requestId || !others.data) {
    return null;
  }
  return (
    <Notice isWarning>
      {text.others(others.data)} <a href={requestLink(requestId)}>{text.whole}</a>{" "}
      <Reason trace={trace} />
    </Notice>
  );
}

function Clocks({ trace }: { trace: Trace }) {
  return (
    <span class={style.clocks}>
      <Checkbox
        label={text.correct}
        checked={trace.clocks_adjusted}
        onChange={(checked) => changeQuery({ adjust_clock_skew: checked ? "true" : undefined })}
      />
      {movedClocks(trace).map(({ pod, correction, count }) => (
        <span key={`${pod} ${correction}`}>
          {text.moved(pod, `${correction > 0 ? "+" : "−"}${duration(Math.abs(correction))}`, count)}
        </span>
      ))}
    </span>
  );
}

interface MovedClock {
  pod: string;
  /** Nanoseconds that were added. */
  correction: number;
  count: number;
}

function movedClocks(trace: Trace): MovedClock[] {
  const moved = new Map<string, MovedClock>();
  for (const { clock_correction_nano, identity, service_name } of trace.spans) {
    const correction = Number(clock_correction_nano);
    if (correction) {
      const pod = identity.pod || service_name;
      const key = `${pod} ${correction}`;
      const clock = moved.get(key) ?? { pod, correction, count: 0 };
      clock.count += 1;
      moved.set(key, clock);
    }
  }
  return [...moved.values()];
}

interface NoticeProps {
  isWarning?: boolean;
  children: ComponentChildren;
}

function Notice({ isWarning = false, children }: NoticeProps) {
  return (
    <div class={isWarning ? style.warning : style.info}>
      {isWarning ? <ErrorIcon /> : <InfoIcon />}
      <div>{children}</div>
    </div>
  );
}
