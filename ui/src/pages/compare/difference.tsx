/** A difference of durations as text, with a sign and a colour for its kind. */
import { duration } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./compare.module.css";
import type { Aligned } from "./tree";

export const words = messages({
  slower: { en: "slower", ja: "遅い" },
  faster: { en: "faster", ja: "速い" },
  new: { en: "new", ja: "追加" },
  missing: { en: "missing", ja: "なし" },
  same: { en: "same", ja: "同等" },
  status_changed: { en: "status changed", ja: "ステータス変化" },
});

/** Shapes, so that kinds differ without colours. */
export const SIGNS: Record<Aligned["change"], string> = {
  slower: "▲",
  faster: "▼",
  new: "◆",
  missing: "◇",
  same: "=",
};

/** Return a difference with its sign: `+12 ms`, `−3 s`, `±0`. */
export function signed(nanoseconds: number | string): string {
  const value = Number(nanoseconds);
  return value === 0 ? "±0" : `${value > 0 ? "+" : "−"}${duration(Math.abs(value))}`;
}

type Props = Pick<Aligned, "change" | "difference_nano">;

export function Difference({ change, difference_nano }: Props) {
  return (
    <span class={`${style.difference} ${style[change]}`} title={words[change]}>
      <span aria-hidden="true">{SIGNS[change]}</span> {signed(difference_nano)}
      {change !== "same" && <span class="visually-hidden"> {words[change]}</span>}
    </span>
  );
}
