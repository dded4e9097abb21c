/** What is ticked for a comparison, and the way to it. */
import { Button } from "../../components/button";
import { compareLink } from "../../routing/links";
import { changeQuery, navigate, query } from "../../routing/location";
import { shortId } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./compare-bar.module.css";
import { MOST_COMPARED } from "./trace-table";

const text = messages({
  label: { en: "Comparison", ja: "比較" },
  one: { en: "Tick another trace to compare it with", ja: "比較するもう 1 件を選んでください" },
  with: { en: "with", ja: "と" },
  compare: { en: "Compare", ja: "比較する" },
  clear: { en: "Untick", ja: "選択を解除" },
});

export function CompareBar() {
  const ticked = query.value.getAll("compare");
  const [first, second] = ticked;
  if (!first) {
    return null;
  }
  return (
    <section class={style.bar} aria-label={text.label}>
      <code>{shortId(first)}</code>
      {second ? (
        <>
          {text.with} <code>{shortId(second)}</code>
        </>
      ) : (
        text.one
      )}
      <Button
        kind="primary"
        disabled={ticked.length < MOST_COMPARED}
        onClick={() => navigate(compareLink(first, second))}
      >
        {text.compare}
      </Button>
      <Button onClick={() => changeQuery({ compare: undefined }, { replace: true })}>
        {text.clear}
      </Button>
    </section>
  );
}
