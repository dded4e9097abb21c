/** Figures of calls, as tables show them. */
import { number, percent } from "../text/format";
import { messages } from "../text/messages";
import style from "./traffic.module.css";

const text = messages({
  errors: {
    en: (errors: string, calls: string) => `${errors} of ${calls} calls failed`,
    ja: (errors: string, calls: string) => `${calls} 件中 ${errors} 件がエラー`,
  },
});

interface ErrorProps {
  traffic: { calls: number; errors: number; errorPercent: number };
}

/** The share of calls that failed; it stands out if there are any. */
export function ErrorPercent({ traffic: { calls, errors, errorPercent } }: ErrorProps) {
  return (
    <span
      class={errors > 0 ? style.errors : undefined}
      title={text.errors(number(errors), number(calls))}
    >
      {percent(errorPercent)}
    </span>
  );
}

interface BarProps {
  /** From 0 to 1. */
  share: number;
  colour?: "accent" | "error" | "muted";
}

/** A share as a small bar; its number stands beside it. */
export function ShareBar({ share, colour = "accent" }: BarProps) {
  return (
    <span class={style.bar} aria-hidden="true">
      <i class={style[colour]} style={{ width: `${Math.min(1, share) * 100}%` }} />
    </span>
  );
}
