/** The operations of a service: what it serves, and what it asks of others. */
import { answer, api, type Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { type Column, Table } from "../../components/table";
import { searchLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { messages } from "../../text/messages";
import { AskingPanel } from "./asking-panel";
import { type Operation, operationsOf } from "./operation-rows";
import type { Place, Window } from "./place";
import style from "./service.module.css";
import { trafficColumns } from "./traffic-columns";

const text = messages({
  title: { en: "Operations", ja: "オペレーション" },
  name: { en: "Operation", ja: "オペレーション" },
  kind: { en: "Kind", ja: "種別" },
  all: { en: "All", ja: "すべて" },
  none: {
    en: "It sent no spans of its own in this time range.",
    ja: "この期間、自身のスパンは届いていません。",
  },
  truncated: {
    en: "The 100 operations with most calls.",
    ja: "呼び出しの多い 100 件のみ表示しています。",
  },
});

interface Props {
  place: Place;
  window: Window;
  range: TimeRange;
}

export function Operations({ place, window, range }: Props) {
  return (
    <AskingPanel
      title={text.title}
      question={[place, window]}
      ask={(signal) => ask(place, window, signal)}
      actions={(found) => <Kinds rows={found?.rows ?? []} />}
    >
      {({ rows, truncated }) => (
        <>
          {rows.length ? (
            <Table
              caption={text.title}
              columns={columns(rows, place, range)}
              rows={rows.filter(isChosen)}
              rowKey={(row) => `${row.cluster} ${row.kind} ${row.name}`}
              order={query.value.get("order") ?? "-rate"}
              onOrder={(order) => changeQuery({ order })}
            />
          ) : (
            <p class={style.none}>{text.none}</p>
          )}
          {truncated && <p class={style.none}>{text.truncated}</p>}
        </>
      )}
    </AskingPanel>
  );
}

const chosenKind = () => query.value.get("kind") ?? "";
const isChosen = (row: Operation) => !chosenKind() || chosenKind() === row.kind;

function Kinds({ rows }: { rows: readonly Operation[] }) {
  const kinds = [...new Set(rows.map((row) => row.kind))].sort();
  if (kinds.length < 2) {
    return null;
  }
  return (
    <fieldset class={style.choice} aria-label={text.kind}>
      {["", ...kinds].map((kind) => (
        <Button
          key={kind}
          kind="quiet"
          pressed={chosenKind() === kind}
          onClick={() => changeQuery({ kind })}
        >
          {kind || text.all}
        </Button>
      ))}
    </fieldset>
  );
}

function columns(rows: readonly Operation[], place: Place, range: TimeRange): Column<Operation>[] {
  const isInSeveral = new Set(rows.map((row) => row.cluster)).size > 1;
  return [
    {
      key: "operation",
      label: text.name,
      cell: (row) => (
        <>
          <a
            class={style.operation}
            href={searchLink({ ...place, operation: row.name, kind: row.kind, ...range })}
          >
            {row.name}
          </a>{" "}
          {isInSeveral && <Badge>{row.cluster}</Badge>}
        </>
      ),
      sortBy: (row) => row.name,
    },
    {
      key: "kind",
      label: text.kind,
      cell: (row) => <Badge>{row.kind}</Badge>,
      sortBy: (row) => row.kind,
    },
    ...trafficColumns<Operation>((row, which) => row[which]),
  ];
}

/** Ask for the steps, and for the whole window as one step, whose quantiles the table shows. */
async function ask(place: Place, window: Window, signal: AbortSignal) {
  const whole = String(BigInt(window.to) - BigInt(window.from));
  const [steps, total] = await Promise.all(
    [window.step, whole].map((step) =>
      answer(
        api.GET("/api/v1/metrics/operations", {
          params: { query: { ...place, ...window, step } },
          signal,
        }),
      ),
    ),
  );
  const known = steps as Schema<"MetricSeries">;
  return { rows: operationsOf(known, total as typeof known), truncated: known.truncated };
}
