/** What a page shows instead of an answer: that it waits, found nothing, or failed. */
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/client";
import type { Answer } from "../api/use-answer";
import { messages } from "../text/messages";
import { Button } from "./button";
import { ErrorIcon } from "./icons";
import style from "./states.module.css";

const text = messages({
  loading: { en: "Loading…", ja: "読み込み中…" },
  again: { en: "Try again", ja: "再試行" },
  unreachable: { en: "Spanloom does not answer", ja: "Spanloom が応答しません" },
  unreachableAdvice: {
    en: "Is the service running, and does the network let this page reach it?",
    ja: "サービスが動作しているか、このページから到達できるかを確認してください。",
  },
  overloaded: { en: "Spanloom is busy", ja: "Spanloom は混み合っています" },
  timeout: { en: "The question took too long", ja: "問い合わせが時間切れになりました" },
  timeoutAdvice: {
    en: "Choose a shorter time range, or more conditions.",
    ja: "期間を短くするか、条件を増やしてください。",
  },
  invalid: { en: "This cannot be asked", ja: "この条件では問い合わせできません" },
  failed: { en: "This went wrong", ja: "エラーが発生しました" },
  parameter: { en: "Parameter", ja: "パラメーター" },
  stale: {
    en: "What is shown is of the last answer.",
    ja: "表示しているのは前回の結果です。",
  },
});

/** A calm sign that an answer is on its way; it appears only after a moment. */
export function Loading({ label }: { label?: string }) {
  return (
    <div class={style.loading} role="status">
      <span class={style.bar} aria-hidden="true" />
      {label ?? text.loading}
    </div>
  );
}

interface EmptyProps {
  title: string;
  /** What to do next: sentences, links, buttons. */
  children?: ComponentChildren;
}

/** Nothing to show, and what to do about that. */
export function EmptyState({ title, children }: EmptyProps) {
  return (
    <section class={style.state}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

interface ErrorProps {
  error: ApiError;
  onRetry?: (() => void) | undefined;
  /** Whether an earlier answer is still on the page: the error is then told in a line. */
  compact?: boolean;
}

/** What failed, where, and what to do. */
export function ErrorState({ error, onRetry, compact = false }: ErrorProps) {
  const advice = error.hint ?? adviceOf(error);
  return (
    <section class={`${style.error} ${compact ? style.compact : style.state}`} role="alert">
      <h2>
        <ErrorIcon /> {titleOf(error)}
      </h2>
      <p>{error.message}</p>
      {error.parameter && (
        <p>
          {text.parameter}: <code>{error.parameter}</code>
        </p>
      )}
      {advice && <p>{advice}</p>}
      {compact && <p>{text.stale}</p>}
      {onRetry && <Button onClick={onRetry}>{text.again}</Button>}
    </section>
  );
}

interface AnsweredProps<T> {
  answer: Answer<T>;
  children: (data: T) => ComponentChildren;
  /** What to show while the first answer is on its way, instead of a line that says so. */
  loading?: ComponentChildren;
}

/** Shows an answer once it is there; until then, or if it fails, what is the case. */
export function Answered<T>({ answer, children, loading }: AnsweredProps<T>) {
  const { data, error, reload } = answer;
  if (data === undefined) {
    return error ? <ErrorState error={error} onRetry={reload} /> : (loading ?? <Loading />);
  }
  return (
    <>
      {error && <ErrorState error={error} onRetry={reload} compact />}
      {children(data)}
    </>
  );
}

function titleOf(error: ApiError): string {
  switch (error.code) {
    case "unreachable":
      return text.unreachable;
    case "overloaded":
    case "store_unavailable":
      return text.overloaded;
    case "query_timeout":
      return text.timeout;
    case "invalid_parameter":
      return text.invalid;
    default:
      return text.failed;
  }
}

function adviceOf(error: ApiError): string {
  switch (error.code) {
    case "unreachable":
      return text.unreachableAdvice;
    case "query_timeout":
      return text.timeoutAdvice;
    default:
      return "";
  }
}
