/** The whole query as one line of text, in step with the fields through the address. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { openedBy } from "../../app/open-box";
import { SearchIcon } from "../../components/icons";
import type { TextError } from "../../query/query-term";
import { parsed, type Values, written } from "../../query/query-text";
import { navigate } from "../../routing/location";
import { messages } from "../../text/messages";
import { searchFor } from "./conditions";
import { QueryHelp } from "./query-help";
import style from "./query-line.module.css";

const text = messages({
  label: { en: "Query", ja: "クエリ" },
  placeholder: {
    en: "service=reviews.default error=true http.status_code>=500 duration>=100ms last=1h",
    ja: "service=reviews.default error=true http.status_code>=500 duration>=100ms last=1h",
  },
  at: {
    en: (position: number) => ` at character ${position}: `,
    ja: (position: number) => `（${position} 文字目）: `,
  },
});

const faults = messages({
  no_key: {
    en: "an attribute's name is missing, or odd: quote a name that holds = ! < > ~ or spaces",
    ja: "属性名がないか不正です。= ! < > ~ や空白を含む名前は引用符で囲んでください",
  },
  unfinished_string: {
    en: 'the quotation does not end: write "…", with \\" for a quotation mark inside',
    ja: "引用符が閉じていません",
  },
  text_behind_string: {
    en: "nothing may follow the closing quotation mark but a space or an operator",
    ja: "閉じ引用符の後には空白か演算子が必要です",
  },
  negated_comparison: {
    en: "! stands before a name alone: write != or the opposite operator",
    ja: "! は属性名だけの前に置きます。!= を使ってください",
  },
  no_value: { en: "there is no value behind the operator", ja: "演算子の後に値がありません" },
  no_operator: {
    en: "this field needs a value: write = and the value behind it",
    ja: "この項目には値が必要です。= と値を続けてください",
  },
  wrong_operator: { en: "here can stand: ", ja: "使えるのは次のとおりです: " },
  not_a_duration: {
    en: "not a duration: write 250us, 15ms, 1.5s, 1m30s, 2h or 7d",
    ja: "時間の長さではありません。250us、15ms、1.5s、1m30s、2h、7d のように書いてください",
  },
  not_a_time: {
    en: "not a time: write 2026-11-20T09:30:00Z, or nanoseconds since 1970",
    ja: "時刻ではありません。2026-11-20T09:30:00Z のように書いてください",
  },
  not_one_of: { en: "here can stand: ", ja: "使えるのは次のとおりです: " },
  twice: {
    en: "this is said twice: only attributes may be",
    ja: "同じ項目が 2 回あります。複数書けるのは属性だけです",
  },
  last_and_from: {
    en: "a time range has last, or from: remove one of them",
    ja: "last と from は同時に使えません",
  },
  word_between: {
    en: "terms stand side by side and all must hold; there is no AND, OR or NOT",
    ja: "条件は空白で並べ、すべてを満たすものを探します。AND や OR は使えません",
  },
  colon: { en: "write = instead of the colon", ja: "コロンの代わりに = を使ってください" },
  too_many: { en: "16 attributes are the most", ja: "属性の条件は 16 個までです" },
});

const LONE_ID = /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export function QueryLine({ values }: { values: Values }) {
  const said = written(values);
  const [draft, setDraft] = useState<string | null>(null);
  const [error, setError] = useState<TextError | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const errorId = useId();

  useEffect(() => {
    setDraft(null);
    setError(null);
  }, [said]);

  function search(event: Event) {
    event.preventDefault();
    const line = (draft ?? said).trim();
    if (LONE_ID.test(line)) {
      navigate(openedBy(line));
      return;
    }
    const read = parsed(line);
    if ("error" in read) {
      setDraft(line);
      setError(read.error);
      field.current?.setSelectionRange(read.error.start, read.error.end);
    } else {
      setDraft(null);
      setError(null);
      searchFor(read.values);
    }
  }

  return (
    <form class={style.line} onSubmit={search}>
      <SearchIcon />
      <input
        ref={field}
        value={draft ?? said}
        aria-label={text.label}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? errorId : undefined}
        title={error ? undefined : said}
        placeholder={text.placeholder}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          setDraft(event.currentTarget.value);
          setError(null);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            setDraft(null);
            setError(null);
          }
        }}
        onChange={search}
      />
      <QueryHelp />
      {error && (
        <div id={errorId} class={style.error} role="alert">
          <code>{error.term}</code>
          {text.at(error.start + 1)}
          {faults[error.code]}
          {error.allowed?.join("  ")}
        </div>
      )}
    </form>
  );
}
