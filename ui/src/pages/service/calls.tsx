/** Who calls the service, and whom it calls. */
import type { Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { gravity, Health } from "../../components/health";
import { LockIcon } from "../../components/icons";
import { Panel } from "../../components/panel";
import { ServiceName } from "../../components/service-name";
import { type Column, Table } from "../../components/table";
import { ErrorPercent, ShareBar } from "../../components/traffic";
import { graphLink, serviceLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { milliseconds, percent, rate } from "../../text/format";
import { messages } from "../../text/messages";
import { type Neighbour, neighbours } from "./place";
import style from "./service.module.css";

const text = messages({
  callers: { en: "Who calls it", ja: "呼び出し元" },
  callees: { en: "Whom it calls", ja: "呼び出し先" },
  noCallers: {
    en: "Nobody in the mesh called it in this time range.",
    ja: "この期間、メッシュ内からの呼び出しはありません。",
  },
  noCallees: {
    en: "It called nobody in this time range.",
    ja: "この期間、他への呼び出しはありません。",
  },
  name: { en: "Service", ja: "サービス" },
  rate: { en: "Rate", ja: "レート" },
  share: { en: "Share", ja: "割合" },
  errors: { en: "Errors", ja: "エラー" },
  p95: { en: "p95", ja: "p95" },
  health: { en: "Health", ja: "状態" },
  mtls: { en: "mutual TLS", ja: "相互 TLS" },
  cluster: { en: "Cluster of this service", ja: "このサービスのクラスター" },
  graph: { en: "In the graph", ja: "グラフで見る" },
});

interface Props {
  graph: Schema<"Graph">;
  own: readonly Schema<"GraphNode">[];
  range: TimeRange;
}

export function Calls({ graph, own, range }: Props) {
  const sides = [
    ["source", "callers", text.callers, text.noCallers],
    ["target", "callees", text.callees, text.noCallees],
  ] as const;
  return (
    <div class={style.pair}>
      {sides.map(([end, name, title, none]) => {
        const rows = neighbours(graph, own, end);
        const order = `${name}_order`;
        return (
          <Panel key={end} title={title}>
            {rows.length ? (
              <Table
                caption={title}
                columns={columns(rows, range)}
                rows={rows}
                rowKey={(row) => row.edge.id}
                order={query.value.get(order) ?? ""}
                onOrder={(next) => changeQuery({ [order]: next })}
              />
            ) : (
              <p class={style.none}>{none}</p>
            )}
          </Panel>
        );
      })}
    </div>
  );
}

/** Nodes that have no page of their own. */
const NOBODY: readonly Schema<"PlaceKind">[] = ["ingress", "unknown"];

function columns(rows: readonly Neighbour[], range: TimeRange): Column<Neighbour>[] {
  const isInSeveral = new Set(rows.map((row) => row.own.id)).size > 1;
  const all = rows.reduce((sum, { edge }) => sum + edge.rate, 0);
  return [
    {
      key: "service",
      label: text.name,
      cell: ({ node, own, edge }) => (
        <>
          {NOBODY.includes(node.kind) ? (
            <ServiceName name={node.label} />
          ) : (
            <ServiceName name={node.label} href={serviceLink(node.name, { ...range })} />
          )}{" "}
          {isInSeveral && own.cluster && <Badge title={text.cluster}>{own.cluster}</Badge>}{" "}
          {edge.protocol !== "http" && <Badge>{edge.protocol}</Badge>}
          {Boolean(edge.mtls_percent) && (
            <span class={style.lock} role="img" aria-label={text.mtls} title={text.mtls}>
              <LockIcon />
            </span>
          )}
          {edge.health.reason && (
            <div class={style.reason} lang="en">
              {edge.health.reason}
            </div>
          )}
        </>
      ),
      sortBy: ({ node }) => node.label,
    },
    {
      key: "health",
      label: text.health,
      cell: ({ node, edge }) => (
        <a
          href={graphLink({ type: "service", focus: node.name, select: edge.id, ...range })}
          title={text.graph}
        >
          <Health health={edge.health} />
        </a>
      ),
      sortBy: ({ edge }) => gravity(edge.health),
    },
    {
      key: "share",
      label: text.share,
      cell: ({ edge }) => (
        <span class={style.share}>
          <ShareBar share={all ? edge.rate / all : 0} />
          {percent(all ? (100 * edge.rate) / all : null)}
        </span>
      ),
      sortBy: ({ edge }) => edge.rate,
    },
    {
      key: "rate",
      label: text.rate,
      numeric: true,
      cell: ({ edge }) => rate(edge.rate),
      sortBy: ({ edge }) => edge.rate,
    },
    {
      key: "errors",
      label: text.errors,
      numeric: true,
      cell: ({ edge }) => <ErrorPercent traffic={{ ...edge, errorPercent: edge.error_percent }} />,
      sortBy: ({ edge }) => edge.error_percent,
    },
    {
      key: "p95",
      label: text.p95,
      numeric: true,
      cell: ({ latency }) => milliseconds(latency?.p95_ms),
      sortBy: ({ latency }) => latency?.p95_ms ?? -1,
    },
  ];
}
