/** What can be written in the query's line. */
import { useId } from "preact/hooks";
import { InfoIcon } from "../../components/icons";
import { messages } from "../../text/messages";
import style from "./query-line.module.css";

const text = messages({
  open: { en: "What can be written here", ja: "クエリの書き方" },
  rule: {
    en: "Terms stand side by side. One span must meet them all; its whole trace is found.",
    ja: "条件を空白で並べます。すべてを満たすスパンを含むトレースが見つかります。",
  },
  fields: { en: "names, exactly", ja: "名前の完全一致" },
  error: { en: "spans with, or without, an error", ja: "エラーのあるスパン／ないスパン" },
  kind: { en: "kind and status of the span", ja: "スパンの種別とステータス" },
  duration: { en: "how long the span took", ja: "スパンの所要時間" },
  traceDuration: { en: "how long the whole trace took", ja: "トレース全体の所要時間" },
  equal: { en: "an attribute with, or without, a value", ja: "属性の値が等しい／異なる" },
  larger: { en: "compared as numbers; also > <= <", ja: "数値としての比較。> <= < も可" },
  contains: { en: "whose value contains a text", ja: "値に文字列を含む" },
  exists: { en: "that is there, or is not there", ja: "属性がある／ない" },
  scope: {
    en: "only there; also span: scope: event: link:",
    ja: "その場所だけ。span: scope: event: link: も可",
  },
  quoted: { en: "names and values with spaces", ja: "空白を含む名前と値" },
  time: {
    en: "time range, back from now or between two times",
    ja: "期間。現在までの長さ、または 2 つの時刻",
  },
});

const FORMS = [
  ["service=reviews.default operation=…  namespace=…  cluster=…", () => text.fields],
  ["error=true   error=false", () => text.error],
  ["kind=server   status=error", () => text.kind],
  ["duration>=100ms   duration<=1.5s", () => text.duration],
  ["trace_duration>=1s", () => text.traceDuration],
  ["tenant=blue   tenant!=blue", () => text.equal],
  ["http.status_code>=500", () => text.larger],
  ["http.url~/cart", () => text.contains],
  ["retry.count   !retry.count", () => text.exists],
  ["resource:k8s.pod.name=reviews-v2-0", () => text.scope],
  ['"odd name"="a value"', () => text.quoted],
  ["last=15m   from=2026-11-20T09:30:00Z to=…", () => text.time],
] as const;

export function QueryHelp() {
  const id = useId();
  return (
    <>
      <button
        type="button"
        class={style.open}
        aria-label={text.open}
        title={text.open}
        popovertarget={id}
      >
        <InfoIcon />
      </button>
      <div id={id} popover="auto" class={style.help} role="dialog" aria-label={text.open}>
        <p>{text.rule}</p>
        <dl>
          {FORMS.map(([form, meaning]) => (
            <>
              <dt>
                <code>{form}</code>
              </dt>
              <dd>{meaning()}</dd>
            </>
          ))}
        </dl>
      </div>
    </>
  );
}
