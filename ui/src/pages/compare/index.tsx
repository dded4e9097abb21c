/** Two traces, or two sets of traces, laid over each other. */
import { answer, api } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { Checkbox } from "../../components/field";
import { SwapIcon } from "../../components/icons";
import { Answered, Loading } from "../../components/states";
import { changeQuery, query } from "../../routing/location";
import { messages } from "../../text/messages";
import style from "./compare.module.css";
import { Result } from "./result";
import type { Side } from "./side";
import { SideField } from "./side-field";
import { Start } from "./start";

const text = messages({
  title: { en: "Compare", ja: "比較" },
  swap: { en: "Swap A and B", ja: "A と B を入れ替え" },
  adjust: { en: "Adjust clocks", ja: "時計を補正" },
  comparing: { en: "Comparing…", ja: "比較中…" },
});

export default function ComparePage() {
  const a: Side = query.value.getAll("a").filter(Boolean);
  const b: Side = query.value.getAll("b").filter(Boolean);
  const adjusts = query.value.get("adjust_clock_skew") === "true";
  const isReady = a.length > 0 && b.length > 0;
  const comparison = useAnswer(
    isReady ? JSON.stringify([a, b, adjusts]) : null,
    (signal) =>
      answer(
        api.GET("/api/v1/traces/compare", {
          params: { query: { a: [...a], b: [...b], adjust_clock_skew: adjusts } },
          signal,
        }),
      ),
    { keep: false },
  );

  return (
    <div class={style.page}>
      <header class={style.header}>
        <h1>{text.title}</h1>
        {isReady && (
          <Checkbox
            label={text.adjust}
            checked={adjusts}
            onChange={(isOn) => changeQuery({ adjust_clock_skew: isOn ? "true" : undefined })}
          />
        )}
      </header>
      <div class={style.sides}>
        <SideField name="a" side={a} />
        <Button
          aria-label={text.swap}
          title={text.swap}
          disabled={a.length + b.length === 0}
          onClick={() => changeQuery({ a: b, b: a, row: undefined, only: undefined })}
        >
          <SwapIcon />
        </Button>
        <SideField name="b" side={b} />
      </div>
      {isReady ? (
        <Answered answer={comparison} loading={<Loading label={text.comparing} />}>
          {(found) => <Result comparison={found} a={a} b={b} />}
        </Answered>
      ) : (
        <Start a={a} b={b} />
      )}
    </div>
  );
}
