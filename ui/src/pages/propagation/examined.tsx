/** What the doctor looked at. */
import type { Schema } from "../../api/client";
import { exactTime, number, time } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./propagation.module.css";

const text = messages({
  examined: { en: "Examined", ja: "調べた範囲" },
  counts: {
    en: (spans: string, traces: string) => `${spans} spans of ${traces} traces`,
    ja: (spans: string, traces: string) => `${traces} 件のトレースの ${spans} 件のスパン`,
  },
  window: { en: "Time", ja: "期間" },
  settled: { en: "Missing spans judged until", ja: "欠けたスパンの判定" },
  reused: { en: "Request ids that clients sent twice", ja: "クライアントが再利用した ID" },
  nobody: { en: "nobody's fault", ja: "メッシュの問題ではありません" },
  truncated: {
    en: "That was too much for one answer: only the newest part of the time range was examined. Choose a shorter one to be sure.",
    ja: "量が多いため、期間の新しい部分だけを調べました。短い期間を選んでください。",
  },
});

export function Examined({ answer }: { answer: Schema<"Propagation"> }) {
  const { examined_from_time_unix_nano: from, examined_to_time_unix_nano: to } = answer;
  return (
    <dl class={style.examined}>
      <div>
        <dt>{text.examined}</dt>
        <dd>{text.counts(number(answer.span_count), number(answer.trace_count))}</dd>
      </div>
      <div>
        <dt>{text.window}</dt>
        <dd title={`${exactTime(from)} – ${exactTime(to)}`}>
          {time(from)} – {time(to)}
        </dd>
      </div>
      <div>
        <dt>{text.settled}</dt>
        <dd>{time(answer.settled_time_unix_nano)}</dd>
      </div>
      {answer.reused_request_ids > 0 && (
        <div>
          <dt>{text.reused}</dt>
          <dd>
            {number(answer.reused_request_ids)} ({text.nobody})
          </dd>
        </div>
      )}
      {answer.truncated && <dd class={style.truncated}>{text.truncated}</dd>}
    </dl>
  );
}
