/** How much of a bound is used. */
import { ShareBar } from "../../components/traffic";
import { percent } from "../../text/format";
import style from "./system.module.css";

interface Props {
  value: number;
  /** Null if there is no bound. */
  most: number | null;
  /** Writes a value for people. */
  write: (value: number) => string;
}

const ALMOST_FULL = 0.8;

export function Gauge({ value, most, write }: Props) {
  if (most === null) {
    return <span>{write(value)}</span>;
  }
  const share = value / most;
  return (
    <span class={style.gauge}>
      <ShareBar share={share} colour={share >= ALMOST_FULL ? "error" : "accent"} />
      {write(value)} / {write(most)} ({percent(100 * share)})
    </span>
  );
}
