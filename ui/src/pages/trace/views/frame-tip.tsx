/** What a frame of the flame graph is, in words. */
import { ServiceName } from "../../../components/service-name";
import { duration, number, percent } from "../../../text/format";
import { messages } from "../../../text/messages";
import type { Span } from "../view";
import { serviceOf } from "../words";
import { slowestOf } from "./calls";
import type { Scene } from "./flame-drawing";
import style from "./flame-graph.module.css";

const text = messages({
  spans: { en: "Spans", ja: "スパン" },
  slowest: { en: "Slowest", ja: "最長" },
  duration: { en: "Duration", ja: "所要時間" },
  own: { en: "Self", ja: "自身" },
  work: { en: "With what it calls", ja: "呼び出し先を含む" },
  errors: { en: "Errors", ja: "エラー" },
});

interface Fact {
  name: string;
  value: string;
  isError?: boolean;
}

export function FrameTip({ scene, index }: { scene: Scene; index: number }) {
  const span = spanOf(scene, index);
  return span ? (
    <>
      <ServiceName name={serviceOf(span)} />
      <div class={style.operation}>{span.name}</div>
      <dl class={style.facts}>
        {factsOf(scene, index).map(({ name, value, isError }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={isError ? style.error : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  ) : null;
}

/** Return the same in a sentence, to be read aloud. */
export function frameSentence(scene: Scene, index: number): string {
  const span = spanOf(scene, index);
  const facts = factsOf(scene, index).map(({ name, value }) => `${name} ${value}`);
  return span ? [`${serviceOf(span)} ${span.name}`, ...facts].join(", ") : "";
}

/** Return the span that stands for the frame: of several the slowest. */
export function spanOf({ spans, flame }: Scene, index: number): Span | undefined {
  const slowest = slowestOf(spans, flame.frames[index]?.spans ?? []);
  return slowest === null ? undefined : spans[slowest];
}

function factsOf(scene: Scene, index: number): Fact[] {
  const { spans, flame } = scene;
  const frame = flame.frames[index];
  const span = spanOf(scene, index);
  if (!frame || !span) {
    return [];
  }
  const whole = flame.levels[0]?.reduce((sum, at) => sum + (flame.frames[at]?.total ?? 0), 0) ?? 1;
  const errors = frame.spans.filter((each) => spans[each]?.error).length;
  const isOne = frame.spans.length === 1;
  return [
    ...(isOne ? [] : [{ name: text.spans, value: number(frame.spans.length) }]),
    { name: isOne ? text.duration : text.slowest, value: duration(span.duration_nano) },
    { name: text.own, value: withShare(frame.own, whole) },
    { name: text.work, value: withShare(frame.total, whole) },
    ...(errors ? [{ name: text.errors, value: number(errors), isError: true }] : []),
  ];
}

const withShare = (nanoseconds: number, whole: number) =>
  `${duration(nanoseconds)} · ${percent((100 * nanoseconds) / whole)}`;
