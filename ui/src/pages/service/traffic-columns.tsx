/** Columns that the tables of operations and of versions share: how much, how well, how fast. */

import type { Schema } from "../../api/client";
import { Sparkline } from "../../components/sparkline";
import type { Column } from "../../components/table";
import { ErrorPercent } from "../../components/traffic";
import { traceLink } from "../../routing/links";
import { milliseconds, rate } from "../../text/format";
import { messages } from "../../text/messages";

const text = messages({
  traffic: { en: "Over time", ja: "推移" },
  rate: { en: "Rate", ja: "レート" },
  errors: { en: "Errors", ja: "エラー" },
  p50: { en: "p50", ja: "p50" },
  p95: { en: "p95", ja: "p95" },
  p99: { en: "p99", ja: "p99" },
  slowest: { en: "Slowest", ja: "最遅" },
});

interface Measured {
  calls: number;
  errors: number;
  /** Calls a second. */
  rate: number;
  errorPercent: number;
  rates: readonly number[];
  errorsByStep: readonly number[];
  slowest: Schema<"Exemplars">["slowest"];
}

type Quantile = "p50" | "p95" | "p99";

/** `quantile` returns milliseconds; null if there is nothing to tell them by. */
export function trafficColumns<Row extends Measured>(
  quantile: (row: Row, which: Quantile) => number | null | undefined,
): Column<Row>[] {
  const latency = (which: Quantile): Column<Row> => ({
    key: which,
    label: text[which],
    numeric: true,
    cell: (row) => milliseconds(quantile(row, which)),
    sortBy: (row) => quantile(row, which) ?? -1,
  });
  return [
    {
      key: "traffic",
      label: text.traffic,
      cell: (row) => <Sparkline values={row.rates} errors={row.errorsByStep} />,
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
      cell: (row) => <ErrorPercent traffic={row} />,
      sortBy: (row) => row.errorPercent,
    },
    latency("p50"),
    latency("p95"),
    latency("p99"),
    {
      key: "slowest",
      label: text.slowest,
      numeric: true,
      cell: ({ slowest }) =>
        slowest && <a href={traceLink(slowest.trace_id)}>{milliseconds(slowest.duration_ms)}</a>,
      sortBy: ({ slowest }) => slowest?.duration_ms ?? -1,
    },
  ];
}
