/** Columns that the tables of groups and of calls share: how many spans, how many failed. */
import { ErrorPercent } from "../../../components/traffic";
import type { SizedColumn } from "../../../components/virtual-table";
import { number } from "../../../text/format";
import { messages } from "../../../text/messages";

const text = messages({
  errors: { en: "Errors", ja: "エラー" },
});

interface Tally {
  /** Indexes in `trace.spans`. */
  spans: readonly number[];
  errors: number;
}

/** `count` names what is counted. */
export function tallyColumns<Row extends Tally>(count: string): SizedColumn<Row>[] {
  return [
    {
      key: "count",
      label: count,
      numeric: true,
      width: "4.5rem",
      cell: ({ spans }) => number(spans.length),
      sortBy: ({ spans }) => spans.length,
    },
    {
      key: "errors",
      label: text.errors,
      numeric: true,
      width: "4.5rem",
      cell: ({ spans, errors }) => (
        <ErrorPercent
          traffic={{ calls: spans.length, errors, errorPercent: (100 * errors) / spans.length }}
        />
      ),
      sortBy: ({ spans, errors }) => errors / spans.length,
    },
  ];
}
