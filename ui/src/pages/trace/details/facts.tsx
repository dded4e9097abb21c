/** When a span ran, how long, and where. */
import { duration, exactTime, percent } from "../../../text/format";
import { messages } from "../../../text/messages";
import type { Hop } from "../hops";
import { layoutOf } from "../layout";
import type { Trace } from "../view";
import { hopText, serviceOf } from "../words";
import style from "./details.module.css";

const text = messages({
  start: { en: "Start", ja: "開始" },
  duration: { en: "Duration", ja: "所要時間" },
  self: { en: "Own time", ja: "自身の時間" },
  critical: { en: "On the critical path", ja: "クリティカルパス上" },
  hop: { en: "This call", ja: "この呼び出し" },
  clock: { en: "Clock", ja: "時計" },
  moved: { en: (by: string) => `moved ${by}`, ja: (by: string) => `${by} 補正` },
  pod: { en: "Pod", ja: "Pod" },
  workload: { en: "Workload", ja: "ワークロード" },
  id: { en: "Span id", ja: "スパン ID" },
  parent: { en: "Parent", ja: "親" },
  none: { en: "none", ja: "なし" },
});

interface Props {
  trace: Trace;
  index: number;
  hop: Hop | undefined;
  onSelect: (index: number | null) => void;
}

export function Facts({ trace, index, hop, onSelect }: Props) {
  const span = trace.spans[index];
  if (!span) {
    return null;
  }
  const layout = layoutOf(trace);
  const correction = Number(span.clock_correction_nano);
  const share = (part: string, whole: number) => percent(whole ? (100 * Number(part)) / whole : 0);
  const parent = span.parent_index === null ? undefined : trace.spans[span.parent_index];
  return (
    <dl class={style.facts}>
      <dt>{text.start}</dt>
      <dd title={span.start_time}>
        {exactTime(span.start_time_unix_nano)}{" "}
        <span class={style.muted}>+{duration(layout.stretches[index]?.start ?? 0)}</span>
      </dd>
      <dt>{text.duration}</dt>
      <dd>{span.duration}</dd>
      <dt>{text.self}</dt>
      <dd>
        {span.self_time}{" "}
        <span class={style.muted}>{share(span.self_time_nano, Number(span.duration_nano))}</span>
      </dd>
      {span.on_critical_path && (
        <>
          <dt>{text.critical}</dt>
          <dd>
            {span.critical_time}{" "}
            <span class={style.muted}>{share(span.critical_time_nano, layout.length)}</span>
          </dd>
        </>
      )}
      {hop && (
        <>
          <dt>{text.hop}</dt>
          <dd>{hopText(hop)}</dd>
        </>
      )}
      {correction !== 0 && (
        <>
          <dt>{text.clock}</dt>
          <dd>{text.moved(`${correction > 0 ? "+" : "−"}${duration(Math.abs(correction))}`)}</dd>
        </>
      )}
      {span.identity.workload && (
        <>
          <dt>{text.workload}</dt>
          <dd>
            {[
              span.identity.workload,
              span.identity.version,
              span.identity.namespace,
              span.identity.cluster,
            ]
              .filter(Boolean)
              .join(" · ")}
          </dd>
        </>
      )}
      {span.identity.pod && (
        <>
          <dt>{text.pod}</dt>
          <dd>{span.identity.pod}</dd>
        </>
      )}
      <dt>{text.id}</dt>
      <dd>
        <code>{span.span_id}</code>
      </dd>
      <dt>{text.parent}</dt>
      <dd>
        {parent ? (
          <button type="button" class={style.jump} onClick={() => onSelect(span.parent_index)}>
            {serviceOf(parent)} <code>{parent.span_id}</code>
          </button>
        ) : (
          <span class={style.muted}>{span.parent_span_id || text.none}</span>
        )}
      </dd>
    </dl>
  );
}
