/** What the propagation doctor found: who breaks traces, how sure that is, and the cure. */
import type { Schema } from "../api/client";
import { requestLink, serviceLink, traceLink } from "../routing/links";
import { number, percent, shortId } from "../text/format";
import { messages } from "../text/messages";
import { Badge, type Tone } from "./badge";
import { CopyButton } from "./copy-button";
import style from "./finding.module.css";
import { ErrorIcon, InfoIcon } from "./icons";
import { ServiceName } from "./service-name";
import { signMeaning, signName } from "./signs";
import { Table } from "./table";
import { ShareBar } from "./traffic";

type Finding = Schema<"Finding">;

const text = messages({
  error: { en: "Breaks traces", ja: "トレースが切れる" },
  warning: { en: "Loses spans", ja: "スパンが欠ける" },
  info: { en: "Worth knowing", ja: "参考" },
  certain: { en: "certain", ja: "確実" },
  high: { en: "highly likely", ja: "可能性が高い" },
  medium: { en: "likely", ja: "可能性あり" },
  low: { en: "possible", ja: "可能性は低い" },
  affected: {
    en: (affected: string, total: string) => `${affected} of ${total}`,
    ja: (affected: string, total: string) => `${total} 件中 ${affected} 件`,
  },
  fix: { en: "What to change", ja: "対処" },
  headers: { en: "Headers to copy, unchanged", ja: "そのまま転送するヘッダー" },
  copy: { en: "Copy the headers", ja: "ヘッダーをコピー" },
  operations: { en: "Where it happens", ja: "発生箇所" },
  inbound: { en: "While serving", ja: "受信" },
  outbound: { en: "It calls", ja: "送信" },
  calls: { en: "Calls", ja: "件数" },
  unknown: { en: "not known", ja: "不明" },
  evidence: { en: "Evidence", ja: "根拠" },
  span: { en: "span in trace", ja: "スパン（トレース" },
  closed: { en: "", ja: "）" },
  other: { en: "belongs to trace", ja: "関連トレース" },
  whole: { en: "whole request", ja: "リクエスト全体" },
});

const SEVERITY_TONES: Record<Schema<"Severity">, Tone> = {
  error: "error",
  warning: "warning",
  info: "info",
};

/** The word for a confidence. */
export const confidenceWord = (confidence: Schema<"Confidence">) => text[confidence];

/** Return what tells a finding from the others of an answer. */
export const findingKey = ({ sign, subject, peer }: Finding) =>
  JSON.stringify([sign, subject, peer]);

export function FindingCard({ finding }: { finding: Finding }) {
  const { sign, subject, peer, severity, confidence, affected, total, ratio } = finding;
  const Icon = severity === "info" ? InfoIcon : ErrorIcon;
  return (
    <article class={`${style.card} ${style[severity]}`}>
      <header class={style.header}>
        <h3>
          <ServiceName name={nameOf(subject)} href={serviceLink(subject.name)} />
          {peer && (
            <>
              <span aria-hidden="true"> ↔ </span>
              <ServiceName name={nameOf(peer)} href={serviceLink(peer.name)} />
            </>
          )}
        </h3>
        <div class={style.badges}>
          <Badge tone={SEVERITY_TONES[severity]}>
            <Icon /> {text[severity]}
          </Badge>
          <Badge title={signMeaning(sign)}>
            {sign} · {signName(sign)}
          </Badge>
          <span class={style.share}>
            <ShareBar share={ratio} colour={severity === "error" ? "error" : "muted"} />
            {text.affected(number(affected), number(total))} ({percent(100 * ratio)})
          </span>
        </div>
      </header>
      <p class={style.summary} lang="en">
        {finding.summary}
      </p>
      <p class={style.why}>
        <Badge>{text[confidence]}</Badge> <span lang="en">{finding.why}</span>
      </p>
      <div class={style.fix}>
        <h4>{text.fix}</h4>
        <p lang="en">{finding.advice}</p>
        {finding.headers.length > 0 && <Headers headers={finding.headers} />}
      </div>
      <div class={style.details}>
        {finding.operations.length > 0 && <Operations finding={finding} />}
        {finding.evidence.length > 0 && <Evidence evidence={finding.evidence} />}
      </div>
    </article>
  );
}

const nameOf = ({ workload, service, name, namespace }: Schema<"Subject">) => {
  const own = workload || service || name;
  return namespace && (workload || service) ? `${own}.${namespace}` : own;
};

function Headers({ headers }: { headers: readonly string[] }) {
  return (
    <fieldset class={style.headers} aria-label={text.headers}>
      <code>{headers.join(", ")}</code>
      <CopyButton value={headers.join("\n")} label={text.copy} />
    </fieldset>
  );
}

function Operations({ finding: { operations } }: { finding: Finding }) {
  const unknown = <em class={style.unknown}>{text.unknown}</em>;
  return (
    <div>
      <h4>{text.operations}</h4>
      <Table
        caption={text.operations}
        columns={[
          {
            key: "inbound",
            label: text.inbound,
            cell: (row) => <span class={style.operation}>{row.inbound || unknown}</span>,
          },
          {
            key: "outbound",
            label: text.outbound,
            cell: (row) => <span class={style.operation}>{row.outbound || unknown}</span>,
          },
          { key: "calls", label: text.calls, numeric: true, cell: (row) => number(row.calls) },
        ]}
        rows={operations}
        rowKey={(row) => JSON.stringify([row.inbound, row.outbound])}
      />
    </div>
  );
}

function Evidence({ evidence }: { evidence: Finding["evidence"] }) {
  return (
    <div>
      <h4>{text.evidence}</h4>
      <ul class={style.evidence}>
        {evidence.map((each) => (
          <li key={each.span_id}>
            <a href={traceLink(each.trace_id, { span: each.span_id })}>
              {text.span} <code>{shortId(each.trace_id)}</code>
              {text.closed}
            </a>
            {each.other_trace_id && (
              <a href={traceLink(each.other_trace_id, { span: each.other_span_id })}>
                {text.other} <code>{shortId(each.other_trace_id)}</code>
              </a>
            )}
            {each.x_request_id && (
              <a href={requestLink(each.x_request_id)} title={each.x_request_id}>
                {text.whole}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
