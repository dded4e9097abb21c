/** The versions of a service side by side. */
import { answer, api } from "../../api/client";
import { askGraph } from "../../api/graph";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { gravity, Health } from "../../components/health";
import { type Column, Table } from "../../components/table";
import { ShareBar } from "../../components/traffic";
import { graphLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { percent } from "../../text/format";
import { messages } from "../../text/messages";
import { AskingPanel } from "./asking-panel";
import { ownNodes, type Place, type Window } from "./place";
import style from "./service.module.css";
import { trafficColumns } from "./traffic-columns";
import { comparedWith, type Version, versionsOf } from "./version-rows";

const text = messages({
  title: { en: "Versions side by side", ja: "バージョン比較" },
  by: { en: "By", ja: "単位" },
  versioned_app: { en: "Version", ja: "バージョン" },
  workload: { en: "Workload", ja: "ワークロード" },
  health: { en: "Health", ja: "状態" },
  share: { en: "Share of requests", ja: "リクエストの割合" },
  nobody: {
    en: "no instance reached",
    ja: "インスタンスに未到達",
  },
  compare: { en: "Compare in the graph", ja: "グラフで比較" },
  compareWith: {
    en: (other: string) => `with ${other}`,
    ja: (other: string) => `${other} と比較`,
  },
  none: {
    en: "No workload of it received anything in this time range.",
    ja: "この期間、ワークロードが受信したものはありません。",
  },
});

const TYPES = ["versioned_app", "workload"] as const;

interface Props {
  place: Place;
  window: Window;
  range: TimeRange;
}

export function Versions({ place, window, range }: Props) {
  const type = TYPES.find((known) => known === query.value.get("versions")) ?? "versioned_app";
  return (
    <AskingPanel
      title={text.title}
      actions={() => <Types chosen={type} />}
      question={[place, window, type]}
      ask={(signal) => ask(place, window, type, signal)}
    >
      {(rows) =>
        rows.length ? (
          <Table
            caption={text.title}
            columns={columns(rows, type, place, range)}
            rows={rows}
            rowKey={(row) => row.id}
            order={query.value.get("versions_order") ?? "version"}
            onOrder={(order) => changeQuery({ versions_order: order })}
          />
        ) : (
          <p class={style.none}>{text.none}</p>
        )
      }
    </AskingPanel>
  );
}

function Types({ chosen }: { chosen: (typeof TYPES)[number] }) {
  return (
    <fieldset class={style.choice} aria-label={text.by}>
      {TYPES.map((type) => (
        <Button
          key={type}
          kind="quiet"
          pressed={chosen === type}
          onClick={() => changeQuery({ versions: type === TYPES[0] ? undefined : type })}
        >
          {text[type]}
        </Button>
      ))}
    </fieldset>
  );
}

function columns(
  rows: readonly Version[],
  type: (typeof TYPES)[number],
  place: Place,
  range: TimeRange,
): Column<Version>[] {
  const isInSeveral = new Set(rows.map((row) => row.cluster).filter(Boolean)).size > 1;
  return [
    {
      key: "version",
      label: text[type],
      cell: (row) => (
        <>
          {row.workload ? row.label : <em>{text.nobody}</em>}{" "}
          {isInSeveral && <Badge>{row.cluster}</Badge>}
          {row.health.reason && (
            <div class={style.reason} lang="en">
              {row.health.reason}
            </div>
          )}
        </>
      ),
      sortBy: (row) => row.label,
    },
    {
      key: "health",
      label: text.health,
      cell: (row) => <Health health={row.health} />,
      sortBy: (row) => gravity(row.health),
    },
    {
      key: "share",
      label: text.share,
      cell: (row) => (
        <span class={style.share}>
          <ShareBar share={row.share} />
          {percent(100 * row.share)}
        </span>
      ),
      sortBy: (row) => row.share,
    },
    ...trafficColumns<Version>((row, which) => row.latency?.[`${which}_ms`]),
    ...(rows.some((row) => comparedWith(rows, row)) ? [comparison(rows, place, range)] : []),
  ];
}

/** The way to the graph that compares a version with another. */
function comparison(rows: readonly Version[], place: Place, range: TimeRange): Column<Version> {
  return {
    key: "compare",
    label: text.compare,
    cell: (row) => {
      const other = comparedWith(rows, row);
      return (
        other && (
          <a
            href={graphLink({
              compare_versions: `${other},${row.version}`,
              service: place.service,
              focus: place.service,
              ...range,
            })}
          >
            {text.compareWith(other)}
          </a>
        )
      );
    },
  };
}

async function ask(
  place: Place,
  window: Window,
  type: (typeof TYPES)[number],
  signal: AbortSignal,
): Promise<Version[]> {
  const { from, to } = window;
  const [graph, { series }] = await Promise.all([
    askGraph({ from, to, type, focus: place.service, depth: 1 }, signal),
    answer(
      api.GET("/api/v1/metrics/services", {
        params: { query: { ...place, ...window, type } },
        signal,
      }),
    ),
  ]);
  return versionsOf(ownNodes(graph, place), series);
}
