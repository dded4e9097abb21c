/** What a span noted while it ran; exceptions with their stack traces. */
import type { Schema } from "../../../api/client";
import { CopyButton } from "../../../components/copy-button";
import { duration } from "../../../text/format";
import { messages } from "../../../text/messages";
import { AttributesTable } from "./attributes";
import style from "./details.module.css";

const text = messages({
  copyStack: { en: "Copy stack trace", ja: "スタックトレースをコピー" },
});

const TYPE = "exception.type";
const MESSAGE = "exception.message";
const STACK = "exception.stacktrace";

interface Props {
  events: readonly Schema<"Event">[];
  /** Of the trace, nanoseconds since the epoch. */
  startNano: bigint;
  sought: readonly string[];
}

export function Events({ events, startNano, sought }: Props) {
  return (
    <ol>
      {events.map((event, order) => {
        const stack = event.attributes[STACK];
        const told = [event.attributes[TYPE], event.attributes[MESSAGE]].filter(Boolean).join(": ");
        const others = Object.fromEntries(
          Object.entries(event.attributes).filter(([key]) => ![TYPE, MESSAGE, STACK].includes(key)),
        );
        return (
          <li key={order} class={style.block}>
            <div class={style.event}>
              <b>{event.name}</b>
              <span class={style.muted} title={event.time}>
                +{duration(BigInt(event.time_unix_nano) - startNano)}
              </span>
            </div>
            {told && <p class={style.thrown}>{told}</p>}
            {typeof stack === "string" && (
              <div class={style.stack}>
                <pre>{stack}</pre>
                <CopyButton value={stack} label={text.copyStack} />
              </div>
            )}
            <AttributesTable attributes={others} types={event.attribute_types} sought={sought} />
          </li>
        );
      })}
    </ol>
  );
}
