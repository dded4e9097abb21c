/** The columns of the list of services. */
import { Badge } from "../../components/badge";
import { gravity, Health } from "../../components/health";
import { kindWord } from "../../components/place-kind";
import { ServiceName } from "../../components/service-name";
import { Sparkline } from "../../components/sparkline";
import type { Column } from "../../components/table";
import { ErrorPercent } from "../../components/traffic";
import { serviceLink } from "../../routing/links";
import type { TimeRange } from "../../routing/time-range";
import { ago, exactTime, milliseconds, rate } from "../../text/format";
import { messages } from "../../text/messages";
import type { ServiceRow } from "./rows";
import style from "./services.module.css";

const text = messages({
  health: { en: "Health", ja: "状態" },
  name: { en: "Service", ja: "サービス" },
  namespace: { en: "Namespace", ja: "名前空間" },
  cluster: { en: "Cluster", ja: "クラスター" },
  traffic: { en: "Requests over time", ja: "リクエスト推移" },
  rate: { en: "Rate", ja: "レート" },
  errors: { en: "Errors", ja: "エラー" },
  p50: { en: "p50", ja: "p50" },
  p95: { en: "p95", ja: "p95" },
  p99: { en: "p99", ja: "p99" },
  lastSeen: {
    en: (when: string) => `last seen ${when}`,
    ja: (when: string) => `最終受信 ${when}`,
  },
});

/** A value for the order that comes after all others of a falling column. */
const NOTHING = -1;

export function columns(range: TimeRange): Column<ServiceRow>[] {
  const quantile = (key: "p50" | "p95" | "p99"): Column<ServiceRow> => ({
    key,
    label: text[key],
    numeric: true,
    cell: (row) => milliseconds(row.latency?.[`${key}_ms`]),
    sortBy: (row) => row.latency?.[`${key}_ms`] ?? NOTHING,
  });
  return [
    {
      key: "health",
      label: text.health,
      cell: (row) => <Health health={row.health} />,
      sortBy: (row) => gravity(row.health),
    },
    {
      key: "service",
      label: text.name,
      cell: (row) => <Name row={row} range={range} />,
      sortBy: (row) => row.label,
    },
    {
      key: "namespace",
      label: text.namespace,
      cell: (row) => row.namespace,
      sortBy: (row) => row.namespace,
    },
    {
      key: "cluster",
      label: text.cluster,
      cell: (row) => row.cluster,
      sortBy: (row) => row.cluster,
    },
    {
      key: "traffic",
      label: text.traffic,
      cell: (row) =>
        row.rates.length > 0 && <Sparkline values={row.rates} errors={row.errorsByStep} />,
    },
    {
      key: "rate",
      label: text.rate,
      numeric: true,
      cell: (row) => rate(row.rate),
      sortBy: (row) => row.rate,
    },
    {
      key: "errors",
      label: text.errors,
      numeric: true,
      cell: (row) => row.calls > 0 && <ErrorPercent traffic={row} />,
      sortBy: (row) => row.errorPercent,
    },
    quantile("p50"),
    quantile("p95"),
    quantile("p99"),
  ];
}

function Name({ row, range }: { row: ServiceRow; range: TimeRange }) {
  return (
    <>
      <ServiceName name={row.label} href={serviceLink(row.name, { ...range })} />{" "}
      {row.kind !== "workload" && <Badge>{kindWord(row.kind)}</Badge>}
      {row.health.reason && <div class={style.reason}>{row.health.reason}</div>}
      {row.lastSeen && (
        <div class={style.reason} title={exactTime(row.lastSeen)}>
          {text.lastSeen(ago(row.lastSeen))}
        </div>
      )}
    </>
  );
}
