/** Why a part of the answer is not known. */
import type { Schema } from "../../api/client";
import { messages } from "../../text/messages";
import style from "./system.module.css";

const text = messages({
  notKnown: { en: "Not known here", ja: "ここでは不明" },
});

export function NotKnown({ system, part }: { system: Schema<"System">; part: string }) {
  const reason = system.not_known.find((each) => each.part === part)?.reason;
  return (
    <p class={style.quiet}>
      {text.notKnown}
      {reason && (
        <>
          {": "}
          <span lang="en">{reason}</span>
        </>
      )}
    </p>
  );
}
