/** Why there is no graph, and what to do about that. */
import type { Schema } from "../../api/client";
import type { Answer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { NoSpans } from "../../components/no-spans";
import { EmptyState } from "../../components/states";
import { changeQuery } from "../../routing/location";
import { ago } from "../../text/format";
import { messages } from "../../text/messages";
import type { View } from "./view";

const text = messages({
  filtered: { en: "The filters leave nothing to draw", ja: "条件に合うものがありません" },
  filteredAdvice: {
    en: "Something may have been called that is left out by the focus, the filters or what is hidden.",
    ja: "フォーカス、絞り込み、非表示の条件により除かれている可能性があります。",
  },
  clear: { en: "Show the whole mesh", ja: "メッシュ全体を表示" },
  silent: { en: "Nothing was called in this window", ja: "この期間に呼び出しはありません" },
  latest: {
    en: (when: string) => `The latest span came ${when}. Choose another time, or a longer one.`,
    ja: (when: string) =>
      `最新のスパンは${when}です。別の期間、またはより長い期間を選んでください。`,
  },
  day: { en: "Show the last day", ja: "直近 1 日を表示" },
});

interface Props {
  view: View;
  services: Answer<Schema<"Services">>;
}

export function Nothing({ view, services }: Props) {
  const isFiltered =
    view.focus || view.hide || view.minRate || view.namespaces.length || view.clusters.length;
  const seen = services.data?.services;
  if (seen?.length === 0) {
    return <NoSpans />;
  }
  if (isFiltered) {
    const clear = () =>
      changeQuery({
        focus: undefined,
        depth: undefined,
        direction: undefined,
        hide: undefined,
        min_rate: undefined,
        namespace: undefined,
        cluster: undefined,
      });
    return (
      <EmptyState title={text.filtered}>
        <p>{text.filteredAdvice}</p>
        <Button onClick={clear}>{text.clear}</Button>
      </EmptyState>
    );
  }
  const times = (seen ?? []).map(({ last_seen_unix_nano }) => BigInt(last_seen_unix_nano));
  const [latest] = times.sort((a, b) => Number(b - a));
  return (
    <EmptyState title={text.silent}>
      {latest !== undefined && <p>{text.latest(ago(latest))}</p>}
      <Button onClick={() => changeQuery({ last: "1d", from: undefined, to: undefined })}>
        {text.day}
      </Button>
    </EmptyState>
  );
}
