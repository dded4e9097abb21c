/** What the comparison found: the summary, what differs, and the merged tree. */
import { useMemo } from "preact/hooks";
import { changeQuery, query } from "../../routing/location";
import { messages } from "../../text/messages";
import { Chips } from "./chips";
import style from "./compare.module.css";
import { MergedTree } from "./merged-tree";
import type { Side } from "./side";
import { SpanDetails } from "./span-details";
import { Summary } from "./summary";
import { type Comparison, DIFFERENCES, rowsOf } from "./tree";

const text = messages({
  same: { en: "Nothing differs in this way.", ja: "この種類の違いはありません。" },
});

interface Props {
  comparison: Comparison;
  a: Side;
  b: Side;
}

export function Result({ comparison, a, b }: Props) {
  const wanted = query.value.get("only");
  const only = DIFFERENCES.find((each) => each === wanted) ?? null;
  const rows = useMemo(() => rowsOf(comparison, only), [comparison, only]);
  const index = Number(query.value.get("row") ?? Number.NaN);
  const span = comparison.spans[index];

  function select(next: number | null) {
    changeQuery(
      { row: next === null ? undefined : String(next) },
      { replace: next !== null && span !== undefined },
    );
  }

  return (
    <>
      <Summary comparison={comparison} a={a} b={b} onSelect={select} />
      <Chips comparison={comparison} only={only} />
      <div class={style.body}>
        {rows.length ? (
          <MergedTree
            comparison={comparison}
            rows={rows}
            selected={span ? index : null}
            onSelect={select}
          />
        ) : (
          <p class={style.nothing}>{text.same}</p>
        )}
        {span && <SpanDetails key={index} span={span} onClose={() => select(null)} />}
      </div>
    </>
  );
}
