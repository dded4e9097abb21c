/** The walk "is my mesh reaching us?": a line a question, with advice where something is wrong. */
import type { Schema } from "../../api/client";
import { Badge, type Tone } from "../../components/badge";
import { CheckIcon, ErrorIcon, InfoIcon, MinusIcon } from "../../components/icons";
import { Panel } from "../../components/panel";
import { messages } from "../../text/messages";
import { adviceOf, questionOf, summaryOf } from "./check-words";
import style from "./system.module.css";

const text = messages({
  title: { en: "Is my mesh reaching Spanloom?", ja: "メッシュから届いているか" },
  ok: { en: "OK", ja: "正常" },
  warning: { en: "Look here", ja: "要確認" },
  failed: { en: "Failed", ja: "異常" },
  unknown: { en: "Not known", ja: "不明" },
  allWell: { en: "All is well", ja: "すべて正常" },
});

type Check = Schema<"SystemCheck">;

const TONES: Record<Check["status"], Tone> = {
  ok: "healthy",
  warning: "warning",
  failed: "error",
  unknown: "neutral",
};

const ICONS = { ok: CheckIcon, warning: InfoIcon, failed: ErrorIcon, unknown: MinusIcon };

/** From the gravest to the best. */
const GRAVITY = ["failed", "warning", "unknown", "ok"] as const;

export function Checks({ checks }: { checks: readonly Check[] }) {
  const worst = GRAVITY.find((status) => checks.some((check) => check.status === status)) ?? "ok";
  return (
    <Panel
      title={text.title}
      actions={<Status status={worst} word={worst === "ok" ? text.allWell : text[worst]} />}
    >
      <ol class={style.checks}>
        {checks.map((check) => (
          <li key={check.id} class={style.check} data-check={check.id}>
            <Status status={check.status} word={text[check.status]} />
            <div class={style.answer}>
              <h3>{questionOf(check)}</h3>
              <p>{summaryOf(check)}</p>
              {check.advice.length > 0 && (
                <ul class={style.advice}>
                  {adviceOf(check).map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Status({ status, word }: { status: Check["status"]; word: string }) {
  const Icon = ICONS[status];
  return (
    <Badge tone={TONES[status]}>
      <Icon /> {word}
    </Badge>
  );
}
