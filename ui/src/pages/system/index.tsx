/** Whether the mesh reaches Spanloom, what arrives, and how much of it is kept. */
import { answer, api, type Schema } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { IconButton } from "../../components/button";
import { PauseIcon, PlayIcon, RefreshIcon } from "../../components/icons";
import { Answered, Loading } from "../../components/states";
import { changeQuery, query } from "../../routing/location";
import { ago, exactTime } from "../../text/format";
import { messages } from "../../text/messages";
import { Checks } from "./checks";
import { Faults } from "./faults";
import { Peers } from "./peers";
import { Received } from "./received";
import { Senders } from "./senders";
import { Setup } from "./setup";
import { Spool } from "./spool";
import { Kept } from "./store";
import style from "./system.module.css";

const text = messages({
  title: { en: "System", ja: "システム" },
  asking: { en: "Asking Spanloom…", ja: "Spanloom に問い合わせ中…" },
  live: { en: "Refresh by itself", ja: "自動更新" },
  stop: { en: "Stop refreshing", ja: "自動更新を停止" },
  refresh: { en: "Refresh", ja: "更新" },
  started: { en: (when: string) => `started ${when}`, ja: (when: string) => `${when}に起動` },
  serve: { en: "all in one", ja: "一体構成" },
  collector: { en: "collector", ja: "コレクター" },
  query: { en: "query only", ja: "クエリー専用" },
});

const LIVE_MS = 5_000;

export default function SystemPage() {
  const isLive = query.value.get("live") !== "0";
  const system = useAnswer("system", (signal) => answer(api.GET("/api/v1/system", { signal })), {
    everyMs: isLive ? LIVE_MS : undefined,
  });
  return (
    <div class={style.page}>
      <header class={style.header}>
        <h1>{text.title}</h1>
        {system.data && <Process system={system.data} />}
        <div class={style.controls}>
          <IconButton label={text.refresh} onClick={system.reload}>
            <RefreshIcon />
          </IconButton>
          <IconButton
            label={isLive ? text.stop : text.live}
            pressed={isLive}
            onClick={() => changeQuery({ live: isLive ? "0" : undefined }, { replace: true })}
          >
            {isLive ? <PauseIcon /> : <PlayIcon />}
          </IconButton>
        </div>
      </header>
      <Answered answer={system} loading={<Loading label={text.asking} />}>
        {(found) => <Report system={found} />}
      </Answered>
    </div>
  );
}

function Process({ system }: { system: Schema<"System"> }) {
  const { start_time_unix_nano: start } = system;
  return (
    <p class={style.process}>
      Spanloom {system.version} · {text[system.role]} ·{" "}
      <span title={exactTime(start)}>{text.started(ago(start))}</span>
    </p>
  );
}

function Report({ system }: { system: Schema<"System"> }) {
  return (
    <>
      <Checks checks={system.checks} />
      <Setup system={system} />
      <div class={style.columns}>
        <Received system={system} />
        <Spool system={system} />
      </div>
      <Faults system={system} />
      <div class={style.columns}>
        <Senders system={system} />
        <Peers system={system} />
      </div>
      <Kept system={system} />
    </>
  );
}
