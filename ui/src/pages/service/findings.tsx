/** Whether the service passes trace headers on. */
import { answer, api } from "../../api/client";
import { FindingCard, findingKey } from "../../components/finding";
import { propagationLink } from "../../routing/links";
import type { TimeRange } from "../../routing/time-range";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import { AskingPanel } from "./asking-panel";
import type { Place, Window } from "./place";
import style from "./service.module.css";

const text = messages({
  title: { en: "Propagation of trace headers", ja: "トレースヘッダーの伝播" },
  doctor: { en: "Propagation doctor", ja: "伝播診断を開く" },
  none: {
    en: (spans: string) => `No broken propagation in the ${spans} spans that were examined.`,
    ja: (spans: string) => `調べた ${spans} 件のスパンに伝播の問題はありません。`,
  },
});

interface Props {
  place: Place;
  window: Window;
  range: TimeRange;
}

export function Findings({ place, window, range }: Props) {
  const { from, to } = window;
  return (
    <AskingPanel
      title={text.title}
      actions={() => <a href={propagationLink({ ...place, ...range })}>{text.doctor}</a>}
      question={[place, from, to]}
      ask={(signal) =>
        answer(
          api.GET("/api/v1/propagation", { params: { query: { ...place, from, to } }, signal }),
        )
      }
    >
      {({ findings, span_count }) =>
        findings.length ? (
          <div class={style.findings}>
            {findings.map((finding) => (
              <FindingCard key={findingKey(finding)} finding={finding} />
            ))}
          </div>
        ) : (
          <p class={style.none}>{text.none(number(span_count))}</p>
        )
      }
    </AskingPanel>
  );
}
