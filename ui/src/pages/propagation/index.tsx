/** The propagation doctor: who breaks traces, how sure that is, and what to change. */
import { answer, api, type Schema } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { FindingCard, findingKey } from "../../components/finding";
import { CheckIcon } from "../../components/icons";
import { Answered, EmptyState, Loading } from "../../components/states";
import { TimeRangePicker } from "../../components/time-range-picker";
import { systemLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import { isMoving, timeRange } from "../../routing/time-range";
import { messages } from "../../text/messages";
import { Examined } from "./examined";
import { filterOf, holdsPlace, NO_FILTER, ofAnySign, ofSigns } from "./filter";
import { FilterFields } from "./filter-fields";
import style from "./propagation.module.css";
import { Workloads } from "./workloads";

const text = messages({
  title: { en: "Propagation doctor", ja: "伝播診断" },
  lead: {
    en: "Proxies make spans, but only an application knows which outbound request belongs to which inbound one. Where one does not pass the trace headers on, traces fall into pieces.",
    ja: "プロキシはスパンを作りますが、どの送信がどの受信に属するかを知っているのはアプリケーションだけです。トレースヘッダーを転送しないと、トレースはそこで途切れます。",
  },
  examining: { en: "Examining spans…", ja: "スパンを調べています…" },
  healthy: { en: "No broken propagation", ja: "伝播の問題はありません" },
  healthyAdvice: {
    en: "No sign of an application or a proxy that breaks traces, in all that was examined.",
    ja: "調べた範囲に、トレースを途切れさせるアプリケーションやプロキシの兆候はありません。",
  },
  noMatch: { en: "No finding meets these conditions.", ja: "条件に合う結果はありません。" },
  clear: { en: "Show all findings", ja: "すべての結果を表示" },
  silent: { en: "No spans in this time range", ja: "この期間のスパンはありません" },
  silentAdvice: {
    en: "Only what was sampled can be examined. Look at a longer time range, or see whether your mesh reaches Spanloom.",
    ja: "サンプリングされたものだけを調べられます。期間を長くするか、メッシュから届いているかを確認してください。",
  },
  longer: { en: "Last 24 hours", ja: "直近 24 時間" },
  system: { en: "System", ja: "システム" },
});

/** It reads every span of the window: not as often as other pages. */
const LIVE_MS = 30_000;

export default function PropagationPage() {
  const range = timeRange("15m");
  const isLive = query.value.get("live") === "1";
  const examined = useAnswer(
    JSON.stringify(range),
    (signal) => answer(api.GET("/api/v1/propagation", { params: { query: range }, signal })),
    { everyMs: isLive && isMoving(range) ? LIVE_MS : undefined },
  );
  return (
    <div class={style.page}>
      <header class={style.header}>
        <div>
          <h1>{text.title}</h1>
          <p class={style.lead}>{text.lead}</p>
        </div>
        <TimeRangePicker range={range} onRefresh={examined.reload} live={isLive} />
      </header>
      <Answered answer={examined} loading={<Loading label={text.examining} />}>
        {(found) => (found.span_count ? <Report found={found} /> : <Silent />)}
      </Answered>
    </div>
  );
}

function Report({ found }: { found: Schema<"Propagation"> }) {
  const filter = filterOf(query.value);
  const findings = ofAnySign(found.findings, filter);
  const shown = ofSigns(findings, filter);
  return (
    <>
      <Examined answer={found} />
      <FilterFields filter={filter} answer={found} findings={findings} />
      {shown.map((finding) => (
        <FindingCard key={findingKey(finding)} finding={finding} />
      ))}
      {shown.length === 0 && (found.findings.length ? <NoMatch /> : <Healthy />)}
      <Workloads workloads={found.workloads.filter((each) => holdsPlace(filter, each.workload))} />
    </>
  );
}

function Healthy() {
  return (
    <section class={style.healthy}>
      <h2>
        <CheckIcon /> {text.healthy}
      </h2>
      <p>{text.healthyAdvice}</p>
    </section>
  );
}

function NoMatch() {
  return (
    <section class={style.noMatch}>
      <p>{text.noMatch}</p>
      <Button onClick={() => changeQuery(NO_FILTER)}>{text.clear}</Button>
    </section>
  );
}

function Silent() {
  return (
    <EmptyState title={text.silent}>
      <p>{text.silentAdvice}</p>
      <Button onClick={() => changeQuery({ last: "1d", from: undefined, to: undefined })}>
        {text.longer}
      </Button>
      <a href={systemLink()}>{text.system}</a>
    </EmptyState>
  );
}
