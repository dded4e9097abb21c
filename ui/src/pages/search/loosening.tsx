/** When nothing is found: which condition to loosen, with what there is without it. */
import { answer, api } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { EmptyState, ErrorState } from "../../components/states";
import { lengthMs } from "../../components/time-range-picker";
import type { Values } from "../../query/query-text";
import { changeQuery } from "../../routing/location";
import { isMoving, type TimeRange } from "../../routing/time-range";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import { type Condition, conditionsOf, searchFor, searchOf, without } from "./conditions";
import style from "./loosening.module.css";

const text = messages({
  title: { en: "No trace matches", ja: "一致するトレースがありません" },
  nothing: {
    en: "No span was received in this time. Try a longer one, or see whether the mesh reaches Spanloom.",
    ja: "この期間にスパンは受信されていません。期間を長くするか、メッシュから届いているかを確認してください。",
  },
  loosen: {
    en: "Every condition must hold on one and the same span. Without one of them:",
    ja: "すべての条件を同じ 1 つのスパンが満たす必要があります。条件を 1 つ外すと:",
  },
  longer: { en: (length: string) => `Last ${length}`, ja: (length: string) => `直近 ${length}` },
  remove: { en: (term: string) => `Remove ${term}`, ja: (term: string) => `${term} を外す` },
  spans: { en: (count: string) => `${count} spans`, ja: (count: string) => `スパン ${count} 件` },
  none: { en: "nothing either", ja: "やはり 0 件" },
  counting: { en: "counting…", ja: "集計中…" },
  clear: { en: "Remove all conditions", ja: "条件をすべて外す" },
  system: { en: "Is my mesh reaching Spanloom?", ja: "メッシュから届いているか確認する" },
});

const LONGER = ["1h", "3h", "12h", "1d", "7d", "30d"];

export function Loosening({ values, range }: { values: Values; range: TimeRange }) {
  const conditions = conditionsOf(values);
  const length = lengthMs(range.last ?? "");
  const longer = isMoving(range)
    ? LONGER.filter((each) => lengthMs(each) > length).slice(0, 2)
    : [];
  const counts = useAnswer(JSON.stringify([conditions, range]), async (signal) => {
    const counted: number[] = [];
    // One after the other: several of them may be long searches, and nobody waits for all.
    for (const { values: looser, range: within } of [
      ...conditions.map((condition) => ({ values: without(values, condition), range })),
      ...longer.map((last) => ({ values, range: { last } })),
    ]) {
      counted.push(await spansOf(looser, within, signal));
    }
    return counted;
  });
  const countAt = (index: number) => saidCount(counts.data?.[index], counts.error !== undefined);

  return (
    <EmptyState title={text.title}>
      <p>{conditions.length > 0 ? text.loosen : text.nothing}</p>
      <ul class={style.choices}>
        {conditions.map((condition, index) => (
          <li key={condition.text}>
            <Removal condition={condition} values={values} />
            {countAt(index)}
          </li>
        ))}
        {longer.map((last, index) => (
          <li key={last}>
            <Button onClick={() => changeQuery({ last, from: undefined, to: undefined })}>
              {text.longer(last)}
            </Button>
            {countAt(conditions.length + index)}
          </li>
        ))}
      </ul>
      {counts.error && <ErrorState error={counts.error} onRetry={counts.reload} compact />}
      {conditions.length > 1 && (
        <Button
          kind="quiet"
          onClick={() =>
            searchFor(conditions.reduce((left, condition) => without(left, condition), values))
          }
        >
          {text.clear}
        </Button>
      )}
      <a href="/system">{text.system}</a>
    </EmptyState>
  );
}

function Removal({ condition, values }: { condition: Condition; values: Values }) {
  return (
    <Button
      aria-label={text.remove(condition.text)}
      onClick={() => searchFor(without(values, condition))}
    >
      <s>{condition.text}</s>
    </Button>
  );
}

function saidCount(count: number | undefined, hasFailed: boolean) {
  if (count) {
    return <strong>{text.spans(number(count))}</strong>;
  }
  return <span>{count === 0 ? text.none : hasFailed ? "" : text.counting}</span>;
}

async function spansOf(values: Values, range: TimeRange, signal: AbortSignal): Promise<number> {
  const query = { ...searchOf(values, range), buckets: 1 };
  const { buckets } = await answer(
    api.GET("/api/v1/search/histogram", { params: { query }, signal }),
  );
  return buckets.reduce((sum, bucket) => sum + bucket.span_count, 0);
}
