/** Moves the window of the graph over a longer time, by hand or as a replay. */
import { useEffect, useState } from "preact/hooks";
import { answer, api } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Button, IconButton } from "../../components/button";
import fieldStyle from "../../components/field.module.css";
import { PauseIcon, PlayIcon } from "../../components/icons";
import { changeQuery, query } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { number, time } from "../../text/format";
import { messages } from "../../text/messages";
import { type Bar, barsOf, frameMs, HISTORIES, historyOf, spanOf, travelled } from "./history";
import style from "./time-travel.module.css";
import type { View, Window } from "./view";

const text = messages({
  title: { en: "Time travel", ja: "タイムトラベル" },
  over: { en: (length: string) => `over ${length}`, ja: (length: string) => `${length} の範囲` },
  history: { en: "Time to travel over", ja: "移動できる期間" },
  end: { en: "End of the graph's window", ja: "グラフの期間の終わり" },
  now: { en: "Now", ja: "現在" },
  toNow: { en: "Back to now", ja: "現在に戻る" },
  play: { en: "Replay", ja: "再生" },
  pause: { en: "Stop the replay", ja: "再生を停止" },
  speed: { en: "Speed", ja: "速度" },
  hide: { en: "Hide time travel", ja: "タイムトラベルを隠す" },
  show: { en: "Time travel", ja: "タイムトラベル" },
  counts: {
    en: (calls: string, errors: string) => `${calls} calls, ${errors} errors`,
    ja: (calls: string, errors: string) => `呼び出し ${calls}、エラー ${errors}`,
  },
});

const SPEEDS = ["1", "2", "4"] as const;
/** Milliseconds that a frame is shown at the lowest speed. */
const FRAME_SHOWN_MS = 2400;
/** The histogram is asked anew when this time has passed, not with each refresh of the graph. */
const HISTOGRAM_MS = 30_000;
const HEIGHT = 30;

interface Props {
  view: View;
  range: TimeRange;
  /** Of the graph that is shown. */
  window: Window;
  /** Whether the graph of a frame is still asked for. */
  isWaiting: boolean;
}

export function TimeTravel({ view, range, window, isWaiting }: Props) {
  const named = query.value.get("history") ?? "";
  return named === "off" ? (
    <div class={style.strip}>
      <Button kind="quiet" onClick={() => changeQuery({ history: undefined })}>
        {text.show}
      </Button>
    </div>
  ) : (
    <Strip
      view={view}
      range={range}
      window={window}
      isWaiting={isWaiting}
      history={historyOf(named, window)}
    />
  );
}

function Strip({ view, range, window: shown, isWaiting, history }: Props & { history: string }) {
  const nowMs = Math.ceil(Date.now() / HISTOGRAM_MS) * HISTOGRAM_MS;
  const span = spanOf(history, shown, nowMs);
  const speed = SPEEDS.find((each) => each === query.value.get("play"));
  const [draft, setDraft] = useState<number | null>(null);
  const endMs = Math.min(draft ?? shown.toMs, span.toMs);
  const length = shown.toMs - shown.fromMs;
  const asked = {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    type: "app" as const,
    ...(view.namespaces.length === 1 && view.namespaces[0] && { namespace: view.namespaces[0] }),
    ...(view.clusters.length === 1 && view.clusters[0] && { cluster: view.clusters[0] }),
  };
  const got = useAnswer(JSON.stringify(asked), (signal) =>
    answer(api.GET("/api/v1/metrics/services", { params: { query: asked }, signal })),
  );

  const travel = (toMs: number, options: { replace?: boolean } = {}) => {
    setDraft(null);
    const isLatest = toMs >= span.toMs && span.toMs >= nowMs;
    changeQuery(travelled(range, shown, isLatest ? nowMs : toMs, nowMs), options);
  };

  // A frame stays for its time from when it is there, so that a slow answer skips none.
  useEffect(() => {
    if (!speed || isWaiting) {
      return;
    }
    const next = shown.toMs + frameMs(shown);
    const timer = window.setTimeout(() => {
      if (next >= Date.now()) {
        const toNow = range.from ? {} : { to: undefined };
        changeQuery({ ...toNow, play: undefined }, { replace: true });
      } else {
        travel(next, { replace: true });
      }
    }, FRAME_SHOWN_MS / Number(speed));
    return () => window.clearTimeout(timer);
  }, [speed, isWaiting, shown.toMs]);

  function play() {
    const isAtEnd = shown.toMs + frameMs(shown) >= Date.now();
    const start = isAtEnd ? travelled(range, shown, span.fromMs + length, nowMs) : {};
    changeQuery({ ...start, play: "2", live: undefined });
  }

  const share = (ms: number) =>
    Math.min(100, Math.max(0, ((ms - span.fromMs) / (span.toMs - span.fromMs)) * 100));
  return (
    <section class={style.strip} aria-label={text.title}>
      <IconButton
        label={speed ? text.pause : text.play}
        pressed={Boolean(speed)}
        onClick={() => (speed ? changeQuery({ play: undefined }, { replace: true }) : play())}
      >
        {speed ? <PauseIcon /> : <PlayIcon />}
      </IconButton>
      <select
        class={`${fieldStyle.control} ${style.speed}`}
        aria-label={text.speed}
        value={speed ?? "2"}
        disabled={!speed}
        onChange={(event) => changeQuery({ play: event.currentTarget.value }, { replace: true })}
      >
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {each}×
          </option>
        ))}
      </select>
      <span class={style.moment}>
        {clock(endMs - length)} – {clock(endMs)}
      </span>
      <div class={style.track}>
        <Histogram bars={got.data ? barsOf(got.data) : []} span={span} />
        <span
          class={style.window}
          style={{
            left: `${share(endMs - length)}%`,
            width: `${share(endMs) - share(endMs - length)}%`,
          }}
        />
        <input
          type="range"
          aria-label={text.end}
          aria-valuetext={clock(endMs)}
          min={span.fromMs}
          max={span.toMs}
          step={Math.max(1000, Math.round((span.toMs - span.fromMs) / 240 / 1000) * 1000)}
          value={endMs}
          onInput={(event) => setDraft(Number(event.currentTarget.value))}
          onChange={(event) => travel(Number(event.currentTarget.value))}
        />
      </div>
      <Button
        kind="quiet"
        disabled={range.to === undefined}
        title={text.toNow}
        onClick={() =>
          changeQuery({
            ...travelled({ last: range.last ?? "15m" }, shown, nowMs, nowMs),
            play: undefined,
          })
        }
      >
        {text.now}
      </Button>
      <select
        class={`${fieldStyle.control} ${style.speed}`}
        aria-label={text.history}
        value={history}
        onChange={(event) => changeQuery({ history: event.currentTarget.value })}
      >
        {HISTORIES.map((each) => (
          <option key={each} value={each}>
            {text.over(each)}
          </option>
        ))}
        <option value="off">{text.hide}</option>
      </select>
    </section>
  );
}

const clock = (ms: number) => time(BigInt(Math.round(ms)) * 1_000_000n);

/** Calls over time, with errors in them, behind the slider; roots, so that a peak hides nothing. */
function Histogram({ bars, span }: { bars: readonly Bar[]; span: Window }) {
  const most = Math.max(1, ...bars.map(({ calls }) => calls));
  const width = 100 / Math.max(1, bars.length);
  const place = (ms: number) => ((ms - span.fromMs) / (span.toMs - span.fromMs)) * 100;
  return (
    <svg
      class={style.histogram}
      viewBox={`0 0 100 ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {bars.map(({ fromMs, calls, errors }) => {
        const [all, failed] = [calls, errors].map((count) => Math.sqrt(count / most) * HEIGHT) as [
          number,
          number,
        ];
        const left = place(fromMs);
        return (
          <g key={fromMs}>
            <rect x={left} width={width * 0.85} y={HEIGHT - all} height={all} class={style.calls}>
              <title>{`${clock(fromMs)}: ${text.counts(number(calls), number(errors))}`}</title>
            </rect>
            <rect
              x={left}
              width={width * 0.85}
              y={HEIGHT - failed}
              height={failed}
              class={style.errors}
            />
          </g>
        );
      })}
    </svg>
  );
}
