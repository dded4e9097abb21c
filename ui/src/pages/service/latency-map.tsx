/** Durations over time, cell by cell: each leads to the traces that are in it. */
import { useMemo } from "preact/hooks";
import { answer, api, type Schema } from "../../api/client";
import { HeatMap, type Picked } from "../../components/heat-map";
import { searchLink } from "../../routing/links";
import { navigate } from "../../routing/location";
import { rangeOfSeconds } from "../../routing/time-range";
import { messages } from "../../text/messages";
import { AskingPanel } from "./asking-panel";
import { durationsOf, type Place, type Window } from "./place";
import style from "./service.module.css";

const text = messages({
  title: { en: "How long requests took", ja: "リクエストの所要時間" },
  note: {
    en: "as the service measured them; pick cells to open their traces",
    ja: "サービス側の計測。セルを選ぶとトレースを開きます",
  },
  noteOfCallers: {
    en: "as its callers measured them: it sends no spans of its own",
    ja: "呼び出し側の計測（自身のスパンはありません）",
  },
  none: {
    en: "Nothing was received in this time range.",
    ja: "この期間に受信したものはありません。",
  },
});

interface Props {
  place: Place;
  window: Window;
  received: Schema<"MetricSeries">;
}

/** Kinds of spans that stand for something received. */
const INBOUND = ["server", "consumer"] as const;

export function LatencyMap({ place, window, received }: Props) {
  const asked = { ...place, ...window };
  return (
    <AskingPanel
      title={text.title}
      minHeight={244}
      question={asked}
      ask={(signal) => askMap(asked, signal)}
      actions={(found) => <small>{found === null ? text.noteOfCallers : text.note}</small>}
    >
      {(found) => <Found place={place} kind={found?.kind} of={found?.got ?? received} />}
    </AskingPanel>
  );
}

/** Ask for the durations of what the service received; return null if it tells of none. */
async function askMap(asked: Place & Window, signal: AbortSignal) {
  for (const kind of INBOUND) {
    const query = { ...asked, kind, heat_map: true };
    const got = await answer(api.GET("/api/v1/metrics/operations", { params: { query }, signal }));
    if (got.series.length) {
      return { kind, got };
    }
  }
  return null;
}

interface FoundProps {
  place: Place;
  /** Of the spans that the service sends; undefined if it sends none. */
  kind: (typeof INBOUND)[number] | undefined;
  of: Schema<"MetricSeries">;
}

function Found({ place, kind, of }: FoundProps) {
  const durations = useMemo(() => durationsOf(of), [of]);
  if (!durations) {
    return <p class={style.none}>{text.none}</p>;
  }
  const open = ({ from, to, minMs, maxMs }: Picked) =>
    navigate(
      searchLink({
        ...place,
        ...rangeOfSeconds(from, to),
        kind,
        min_duration: `${minMs.toFixed(3)}ms`,
        max_duration: `${maxMs.toFixed(3)}ms`,
      }),
    );
  return <HeatMap label={text.title} durations={durations} {...(kind && { onPick: open })} />;
}
