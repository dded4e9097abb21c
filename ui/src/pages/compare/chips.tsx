/** The ways in which spans differ, with how many do; each shows these only. */
import { Button } from "../../components/button";
import { changeQuery } from "../../routing/location";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./compare.module.css";
import { SIGNS } from "./difference";
import { type Comparison, counts, DIFFERENCES, type Difference } from "./tree";

const text = messages({
  show: { en: "Show", ja: "表示" },
  all: { en: "All", ja: "すべて" },
  slower: { en: "Slower", ja: "遅い" },
  faster: { en: "Faster", ja: "速い" },
  new: { en: "New", ja: "追加" },
  missing: { en: "Missing", ja: "なし" },
  status_changed: { en: "Status changed", ja: "ステータス変化" },
  keys: {
    en: "n and N walk through what differs",
    ja: "n / N で違いを順に移動",
  },
});

interface Props {
  comparison: Comparison;
  only: Difference | null;
}

export function Chips({ comparison, only }: Props) {
  const found = counts(comparison);
  return (
    <fieldset class={style.chips}>
      <legend class="visually-hidden">{text.show}</legend>
      <Button pressed={only === null} onClick={() => changeQuery({ only: undefined })}>
        {text.all} <b>{number(comparison.spans.length)}</b>
      </Button>
      {DIFFERENCES.map((each) => (
        <Button
          key={each}
          pressed={only === each}
          disabled={found[each] === 0 && only !== each}
          onClick={() => changeQuery({ only: only === each ? undefined : each })}
        >
          <span class={style[each]} aria-hidden="true">
            {each === "status_changed" ? "≠" : SIGNS[each]}
          </span>
          {text[each]} <b>{number(found[each])}</b>
        </Button>
      ))}
      <span class={style.hint}>{text.keys}</span>
    </fieldset>
  );
}
