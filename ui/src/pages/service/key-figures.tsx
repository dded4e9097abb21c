/** The window in a few numbers, and its two traces that tell most. */
import type { ComponentChildren } from "preact";
import type { Schema } from "../../api/client";
import { traceLink } from "../../routing/links";
import { ago, milliseconds, number, percent, rate, time } from "../../text/format";
import { messages } from "../../text/messages";
import { exemplarsOf, figuresOf } from "./place";
import style from "./service.module.css";

const text = messages({
  rate: { en: "Requests", ja: "リクエスト" },
  errors: { en: "Errors", ja: "エラー" },
  slowest: { en: "Slowest request", ja: "最も遅いリクエスト" },
  latestError: { en: "Latest error", ja: "最新のエラー" },
  none: { en: "none", ja: "なし" },
  calls: { en: (n: string) => `${n} calls`, ja: (n: string) => `${n} 件` },
});

interface Props {
  nodes: readonly Schema<"GraphNode">[];
  received: Schema<"MetricSeries">;
}

export function KeyFigures({ nodes, received }: Props) {
  const figures = figuresOf(nodes, received);
  const { slowest, latest_error: latestError } = exemplarsOf(received);
  return (
    <dl class={style.figures}>
      <Figure label={text.rate} note={text.calls(number(figures.calls))}>
        {rate(figures.rate)}
      </Figure>
      <Figure
        label={text.errors}
        note={text.calls(number(figures.errors))}
        isError={figures.errors > 0}
      >
        {percent(figures.errorPercent)}
      </Figure>
      {(["p50", "p95", "p99"] as const).map((key) => (
        <Figure key={key} label={key}>
          {milliseconds(figures[key])}
        </Figure>
      ))}
      <Figure label={text.slowest}>
        {slowest ? (
          <a href={traceLink(slowest.trace_id)}>{milliseconds(slowest.duration_ms)}</a>
        ) : (
          "–"
        )}
      </Figure>
      <Figure
        label={text.latestError}
        {...(latestError && { note: ago(latestError.time_unix_nano) })}
      >
        {latestError ? (
          <a href={traceLink(latestError.trace_id)}>{time(latestError.time_unix_nano)}</a>
        ) : (
          text.none
        )}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  label: string;
  note?: string;
  isError?: boolean;
  children: ComponentChildren;
}

function Figure({ label, note, isError, children }: FigureProps) {
  return (
    <div class={style.figure}>
      <dt>{label}</dt>
      <dd class={isError ? style.failed : undefined}>{children}</dd>
      {note && <dd class={style.note}>{note}</dd>}
    </div>
  );
}
