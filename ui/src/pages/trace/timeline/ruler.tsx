/** The times above the bars. */
import { duration } from "../../../text/format";
import { ticks, type ViewRange } from "../view-range";
import style from "./ruler.module.css";

const TICKS = 6;

export interface Ruled {
  /** Nanoseconds from the start of the trace. */
  times: readonly number[];
  /** Of the width: how far ticks are apart, and where the first is. */
  step: number;
  first: number;
}

export function ruled(range: ViewRange, length: number): Ruled {
  const times = ticks(range, length, TICKS);
  const width = (range.end - range.start) * length;
  const [first = 0, second = first + width] = times;
  return { times, step: (second - first) / width, first: (first - range.start * length) / width };
}

/** Return where lines below the ticks repeat, for the style of the rows. */
export const lines = ({ step, first }: Ruled) => ({
  "--tick": `${100 * step}%`,
  // A background's percentages are of the space that its image leaves.
  "--tick-offset": `${step < 1 ? (100 * first) / (1 - step) : 0}%`,
});

export function Ruler({ times, step, first }: Ruled) {
  return (
    <div class={style.ruler} aria-hidden="true">
      {times.map((time, at) => {
        const left = first + at * step;
        return (
          <span
            key={time}
            class={left > 0.9 ? style.last : style.tick}
            style={{ left: `${100 * left}%` }}
          >
            {duration(time)}
          </span>
        );
      })}
    </div>
  );
}
