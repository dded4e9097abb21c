/** A small line of values over time, for a cell of a table: its numbers stand beside it. */
import style from "./sparkline.module.css";
import { areaOf, lineOf, marksOf } from "./sparkline-shape";

const WIDTH = 96;
const HEIGHT = 22;

interface Props {
  /** One value a step; the line begins at zero. */
  values: readonly number[];
  /** Calls that failed, a step: those with any get a mark at the foot. */
  errors?: readonly number[];
}

export function Sparkline({ values, errors = [] }: Props) {
  return (
    <svg
      class={style.sparkline}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <path class={style.area} d={areaOf(values, WIDTH, HEIGHT)} />
      <path class={style.line} d={lineOf(values, WIDTH, HEIGHT)} />
      <path class={style.errors} d={marksOf(errors, WIDTH, HEIGHT)} />
    </svg>
  );
}
