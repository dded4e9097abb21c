/** Traffic of a node or an edge in numbers and words. */
import type { Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Table } from "../../components/table";
import { traceLink } from "../../routing/links";
import { ago, bytes, milliseconds, number, percent, rate } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./panel.module.css";

export type Traffic = Schema<"Traffic">;
type Outcome = Traffic["outcomes"][number];

const text = messages({
  calls: { en: "Calls", ja: "呼び出し" },
  estimated: {
    en: (calls: string, error: string) => `estimated ${calls} ± ${error}`,
    ja: (calls: string, error: string) => `推定 ${calls} ± ${error}`,
  },
  errors: { en: "Errors", ja: "エラー" },
  sizes: { en: "Bodies, request / response", ja: "ボディー 要求 / 応答" },
  latency: { en: "Response time", ja: "応答時間" },
  client: { en: "the caller", ja: "呼び出し元" },
  server: { en: "the callee", ja: "呼び出し先" },
  lag: { en: "delay of messages", ja: "メッセージ遅延" },
  network: {
    en: (share: string) => `Network and proxies take ${share} of what the caller waits`,
    ja: (share: string) => `待ち時間のうちネットワークとプロキシ: ${share}`,
  },
  outcomes: { en: "How calls ended", ja: "呼び出しの結果" },
  share: { en: "Share", ja: "割合" },
  noResponse: { en: "no response", ja: "応答なし" },
  unknown: { en: "code not told", ja: "コード不明" },
  slowest: { en: "Slowest trace", ja: "最も遅いトレース" },
  latestError: { en: "Trace of the latest error", ja: "最新エラーのトレース" },
});

/** Words of HTTP for the codes that say nothing by themselves. */
const CODES: Record<string, string> = {
  "400": "Bad Request",
  "401": "Unauthorized",
  "403": "Forbidden",
  "404": "Not Found",
  "408": "Request Timeout",
  "409": "Conflict",
  "429": "Too Many Requests",
  "500": "Internal Server Error",
  "502": "Bad Gateway",
  "503": "Service Unavailable",
  "504": "Gateway Timeout",
};

export function TrafficFacts({ traffic }: { traffic: Traffic }) {
  const isEstimate = traffic.standard_error > 0;
  const sides = (["client", "server", "lag"] as const).flatMap((side) => {
    const latency = traffic[side];
    return latency ? [{ side, ...latency }] : [];
  });
  return (
    <>
      <dl class={style.facts}>
        <dt>{text.calls}</dt>
        <dd>
          {number(traffic.calls)} · {rate(traffic.rate)}
          {isEstimate && (
            <span class={style.muted}>
              {" "}
              {text.estimated(number(traffic.estimated_calls), number(traffic.standard_error))}
            </span>
          )}
        </dd>
        <dt>{text.errors}</dt>
        <dd class={traffic.errors ? style.bad : undefined}>
          {number(traffic.errors)} · {percent(traffic.error_percent)}
        </dd>
        <Exemplars exemplars={traffic.exemplars} />
        {traffic.request_bytes + traffic.response_bytes > 0 && (
          <>
            <dt>{text.sizes}</dt>
            <dd>
              {bytes(traffic.request_bytes)} / {bytes(traffic.response_bytes)}
            </dd>
          </>
        )}
      </dl>
      {sides.length > 0 && (
        <Table
          caption={text.latency}
          rows={sides}
          rowKey={({ side }) => side}
          columns={[
            {
              key: "side",
              label: text.latency,
              cell: ({ side }) => text[side],
            },
            ...(["p50_ms", "p95_ms", "p99_ms"] as const).map((key) => ({
              key,
              label: key.slice(0, 3),
              cell: (row: (typeof sides)[number]) => milliseconds(row[key]),
              numeric: true,
            })),
          ]}
        />
      )}
      <NetworkShare traffic={traffic} />
      <Outcomes outcomes={traffic.outcomes} />
    </>
  );
}

/** How much of what the caller waits lies between it and the callee. */
function NetworkShare({ traffic }: { traffic: Traffic }) {
  const whole = traffic.client?.mean_ms;
  const between = traffic.network_and_proxy_ms;
  if (!whole || between === null) {
    return null;
  }
  const share = Math.min(100, (between / whole) * 100);
  return (
    <div class={style.share}>
      <span>
        {text.network(percent(share))} ({milliseconds(between)})
      </span>
      <span class={style.shareBar} aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </span>
    </div>
  );
}

function Outcomes({ outcomes }: { outcomes: readonly Outcome[] }) {
  if (outcomes.length === 0) {
    return null;
  }
  return (
    <Table
      caption={text.outcomes}
      rows={outcomes}
      rowKey={(outcome) => Object.values(outcome).join(" ")}
      columns={[
        { key: "outcome", label: text.outcomes, cell: (outcome) => <Ended outcome={outcome} /> },
        { key: "calls", label: text.calls, cell: ({ calls }) => number(calls), numeric: true },
        { key: "share", label: text.share, cell: ({ percent: of }) => percent(of), numeric: true },
      ]}
    />
  );
}

function Ended({ outcome }: { outcome: Outcome }) {
  const { code, flags, flags_meaning, grpc_status, host, errors } = outcome;
  const word = code === "-" ? text.noResponse : code ? (CODES[code] ?? "") : text.unknown;
  return (
    <div class={style.outcome} title={host || undefined}>
      <span class={errors ? style.bad : undefined}>
        {code !== "-" && code} {word}
      </span>
      {grpc_status && <Badge>gRPC {grpc_status}</Badge>}
      {flags && flags !== "-" && <Badge tone="error">{flags}</Badge>}
      {flags_meaning && <span lang="en">{flags_meaning}</span>}
    </div>
  );
}

/** Traces to look at. */
function Exemplars({ exemplars: { slowest, latest_error } }: Pick<Traffic, "exemplars">) {
  return (
    <>
      {slowest && (
        <>
          <dt>{text.slowest}</dt>
          <dd>
            <a href={traceLink(slowest.trace_id)}>{milliseconds(slowest.duration_ms)}</a>
          </dd>
        </>
      )}
      {latest_error && (
        <>
          <dt>{text.latestError}</dt>
          <dd>
            <a href={traceLink(latest_error.trace_id)}>{ago(latest_error.time_unix_nano)}</a>
          </dd>
        </>
      )}
    </>
  );
}
