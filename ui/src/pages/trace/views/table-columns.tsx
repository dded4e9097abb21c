/** The columns of the table of spans. */
import { Badge } from "../../../components/badge";
import { ErrorIcon } from "../../../components/icons";
import { ServiceName } from "../../../components/service-name";
import type { SizedColumn } from "../../../components/virtual-table";
import { duration, percent } from "../../../text/format";
import { messages } from "../../../text/messages";
import { type Layout, layoutOf } from "../layout";
import type { Span, Trace } from "../view";
import { hopName, oddStatus, serviceOf } from "../words";
import style from "./table.module.css";

const text = messages({
  service: { en: "Service", ja: "サービス" },
  operation: { en: "Operation", ja: "オペレーション" },
  kind: { en: "Kind", ja: "種別" },
  hop: { en: "Hop", ja: "ホップ" },
  start: { en: "Start", ja: "開始" },
  duration: { en: "Duration", ja: "所要時間" },
  own: { en: "Self", ja: "自身" },
  critical: { en: "Critical", ja: "クリティカル" },
  status: { en: "Status", ja: "ステータス" },
  error: { en: "error", ja: "エラー" },
  share: {
    en: (share: string) => `${share} of the critical path`,
    ja: (share: string) => `クリティカルパスの ${share}`,
  },
});

export interface SpanRow {
  index: number;
  span: Span;
}

export function columnsOf(trace: Trace): SizedColumn<SpanRow>[] {
  const layout = layoutOf(trace);
  const whole = trace.critical_path.reduce((sum, part) => sum + Number(part.duration_nano), 0);
  return [
    {
      key: "service",
      label: text.service,
      width: "17%",
      cell: ({ span }) => (
        <span title={serviceOf(span)}>
          <ServiceName name={serviceOf(span)} />
        </span>
      ),
      sortBy: ({ span }) => serviceOf(span),
    },
    {
      key: "operation",
      label: text.operation,
      cell: ({ span }) => <span title={span.name}>{span.name || <code>{span.span_id}</code>}</span>,
      sortBy: ({ span }) => span.name,
    },
    {
      key: "kind",
      label: text.kind,
      width: "5.5rem",
      cell: ({ span }) => (span.kind === "unspecified" ? "" : span.kind),
      sortBy: ({ span }) => span.kind,
    },
    {
      key: "hop",
      label: text.hop,
      width: "9.5rem",
      cell: ({ span }) => hopOf(span),
      sortBy: ({ span }) => hopOf(span),
    },
    {
      key: "start",
      label: text.start,
      numeric: true,
      width: "6rem",
      cell: ({ index }) => duration(startOf(layout, index)),
      sortBy: ({ index }) => startOf(layout, index),
    },
    {
      key: "duration",
      label: text.duration,
      numeric: true,
      width: "6rem",
      cell: ({ span }) => (span.missing ? "–" : duration(span.duration_nano)),
      sortBy: ({ span }) => Number(span.duration_nano),
    },
    {
      key: "own",
      label: text.own,
      numeric: true,
      width: "6rem",
      cell: ({ span }) => (span.missing ? "–" : duration(span.self_time_nano)),
      sortBy: ({ span }) => Number(span.self_time_nano),
    },
    {
      key: "critical",
      label: text.critical,
      numeric: true,
      width: "6rem",
      cell: ({ span }) => critical(span, whole),
      sortBy: ({ span }) => Number(span.critical_time_nano),
    },
    {
      key: "status",
      label: text.status,
      width: "8.5rem",
      cell: ({ span }) => <Status span={span} />,
      // Errors together, and like ones beside each other.
      sortBy: ({ span }) => `${span.error ? 1 : 0} ${oddStatus(span) ?? ""}`,
    },
  ];
}

const startOf = ({ stretches }: Layout, index: number) => stretches[index]?.start ?? 0;

const hopOf = ({ proxy }: Span) => (proxy ? hopName(proxy.hop) : "");

function critical({ critical_time_nano }: Span, whole: number) {
  const time = Number(critical_time_nano);
  return time > 0 ? (
    <span title={text.share(percent((100 * time) / (whole || 1)))}>{duration(time)}</span>
  ) : (
    ""
  );
}

function Status({ span }: { span: Span }) {
  const status = oddStatus(span);
  return (
    <span class={style.status}>
      {span.error && (
        <span class={style.error} role="img" aria-label={text.error}>
          <ErrorIcon />
        </span>
      )}
      {status ? (
        <Badge tone={span.error ? "error" : "neutral"}>{status}</Badge>
      ) : (
        span.error && <Badge tone="error">{text.error}</Badge>
      )}
      {span.response_flags.map(({ flag, meaning }) => (
        <Badge key={flag} tone="error" title={meaning}>
          {flag}
        </Badge>
      ))}
    </span>
  );
}
