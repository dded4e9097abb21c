/** Chooses what time a page is about: so far back from now, or from one time to another. */
import { useId, useState } from "preact/hooks";
import { changeQuery } from "../routing/location";
import { isMoving, type TimeRange } from "../routing/time-range";
import { dateOf } from "../text/format";
import { messages } from "../text/messages";
import { Button, IconButton } from "./button";
import fieldStyle from "./field.module.css";
import { PauseIcon, PlayIcon, RefreshIcon } from "./icons";
import style from "./time-range-picker.module.css";

const text = messages({
  range: { en: "Time range", ja: "期間" },
  last: { en: (length: string) => `Last ${length}`, ja: (length: string) => `直近 ${length}` },
  between: { en: "From … to …", ja: "開始～終了" },
  from: { en: "From", ja: "開始" },
  to: { en: "To", ja: "終了" },
  now: { en: "now", ja: "現在" },
  apply: { en: "Apply", ja: "適用" },
  refresh: { en: "Refresh", ja: "更新" },
  live: { en: "Refresh by itself", ja: "自動更新" },
  stop: { en: "Stop refreshing", ja: "自動更新を停止" },
});

const LENGTHS = ["1m", "5m", "15m", "30m", "1h", "3h", "12h", "1d", "7d", "30d"];
const BETWEEN = "between";

interface Props {
  /** What `timeRange` returned for the page. */
  range: TimeRange;
  onRefresh: () => void;
  /** Whether the page refreshes by itself; absent if it cannot. */
  live?: boolean;
}

export function TimeRangePicker({ range, onRefresh, live }: Props) {
  const id = useId();
  const [isChoosing, setChoosing] = useState(false);
  const showsTimes = isChoosing || range.last === undefined || !isMoving(range);

  function choose(chosen: string) {
    setChoosing(chosen === BETWEEN);
    if (chosen !== BETWEEN) {
      changeQuery({ last: chosen, from: undefined, to: undefined });
    }
  }

  const lengths = range.last && !LENGTHS.includes(range.last) ? [range.last, ...LENGTHS] : LENGTHS;
  return (
    <fieldset class={style.picker} aria-label={text.range}>
      <select
        id={id}
        class={`${fieldStyle.control} ${style.lengths}`}
        aria-label={text.range}
        value={showsTimes ? BETWEEN : range.last}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {lengths.map((length) => (
          <option key={length} value={length}>
            {text.last(length)}
          </option>
        ))}
        <option value={BETWEEN}>{text.between}</option>
      </select>
      {showsTimes && (
        <Times
          // Anew when the range is changed elsewhere, such as by a brush.
          key={`${range.last} ${range.from} ${range.to}`}
          range={range}
          onApply={() => setChoosing(false)}
        />
      )}
      <IconButton label={text.refresh} onClick={onRefresh}>
        <RefreshIcon />
      </IconButton>
      {live !== undefined && isMoving(range) && (
        <IconButton
          label={live ? text.stop : text.live}
          pressed={live}
          onClick={() => changeQuery({ live: live ? undefined : "1" }, { replace: true })}
        >
          {live ? <PauseIcon /> : <PlayIcon />}
        </IconButton>
      )}
    </fieldset>
  );
}

function Times({ range, onApply }: { range: TimeRange; onApply: () => void }) {
  const [from, setFrom] = useState(() => localText(startOf(range)));
  const [to, setTo] = useState(() => localText(range.to ? timeOf(range.to) : new Date()));

  function apply(event: Event) {
    event.preventDefault();
    onApply();
    changeQuery({
      last: undefined,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
    });
  }

  return (
    <form class={style.times} onSubmit={apply}>
      {(
        [
          [text.from, from, setFrom],
          [text.to, to, setTo],
        ] as const
      ).map(([label, value, set]) => (
        <input
          key={label}
          type="datetime-local"
          step="1"
          required
          class={fieldStyle.control}
          aria-label={label}
          value={value}
          onInput={(event) => set(event.currentTarget.value)}
        />
      ))}
      <Button type="submit">{text.apply}</Button>
    </form>
  );
}

const DAY_MS = 86_400_000;
const UNITS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: DAY_MS };

/** Return milliseconds of a length such as `15m` or `1h30m`; 0 for what is none. */
export function lengthMs(length: string): number {
  let sum = 0;
  for (const [, digits, unit] of length.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)) {
    sum += Number(digits) * (UNITS[unit ?? ""] ?? 0);
  }
  return sum;
}

function startOf(range: TimeRange): Date {
  if (range.from) {
    return timeOf(range.from);
  }
  const end = range.to ? timeOf(range.to) : new Date();
  return new Date(end.getTime() - lengthMs(range.last ?? "1h"));
}

/** Return a time as the API takes it: RFC 3339, or nanoseconds since the epoch. */
export function timeOf(text: string): Date {
  return /^\d+$/.test(text) ? dateOf(text) : new Date(text);
}

/** Return a time as an input of local time takes it. */
function localText(time: Date): string {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 19);
}
