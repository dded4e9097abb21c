/** The search inside of the trace, and the way from one thing found, or one error, to the next. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../../components/button";
import fieldStyle from "../../components/field.module.css";
import { ChevronDownIcon, ChevronUpIcon, CloseIcon, ErrorIcon } from "../../components/icons";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import { nextOf } from "./find";
import style from "./finder.module.css";

const text = messages({
  find: { en: "Find in trace", ja: "トレース内を検索" },
  tip: {
    en: 'Services, names, attributes, ids. "two words" together, -word for spans without it. Ctrl+B',
    ja: 'サービス、名前、属性、ID。"複数の語" はまとめて、-語 は除外。Ctrl+B',
  },
  of: {
    en: (at: string, count: number) => `${at} of ${count}`,
    ja: (at: string, count: number) => `${at} / ${count}`,
  },
  next: { en: "Next match  n", ja: "次の一致  n" },
  previous: { en: "Previous match  N", ja: "前の一致  N" },
  nextError: { en: "Next error  n", ja: "次のエラー  n" },
  previousError: { en: "Previous error  N", ja: "前のエラー  N" },
  only: { en: "Only matches", ja: "一致のみ" },
  clear: { en: "Clear", ja: "消去" },
  errors: { en: (count: number) => `${count} errors`, ja: (count: number) => `エラー ${count}` },
});

const WAIT_MS = 150;

interface Props {
  find: string;
  matches: ReadonlySet<number> | null;
  onlyMatches: boolean;
  /** Indexes of spans that failed, rising. */
  errors: readonly number[];
  selected: number | null;
  onSelect: (index: number) => void;
}

export function Finder({ find, matches, onlyMatches, errors, selected, onSelect }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState<string | null>(null);
  const wanted = matches ? [...matches].toSorted((a, b) => a - b) : errors;

  function go(step: 1 | -1) {
    const next = nextOf(wanted, selected, step);
    if (next !== undefined) {
      onSelect(next);
    }
  }
  const goes = useRef(go);
  goes.current = go;

  useEffect(() => {
    if (draft !== null) {
      const timer = window.setTimeout(() => {
        changeQuery({ find: draft, ...(draft ? {} : { only: undefined }) }, { replace: true });
        setDraft(null);
      }, WAIT_MS);
      return () => window.clearTimeout(timer);
    }
  }, [draft]);

  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof HTMLElement &&
        event.target.closest("input, textarea, select, dialog, [contenteditable]");
      if (event.key === "b" && event.ctrlKey) {
        event.preventDefault();
        field.current?.focus();
        field.current?.select();
      } else if (/^n$/i.test(event.key) && !isTyping && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        goes.current(event.shiftKey ? -1 : 1);
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);

  function press(event: KeyboardEvent) {
    if (event.key === "Enter") {
      event.preventDefault();
      go(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" && (draft ?? find)) {
      event.preventDefault();
      setDraft("");
    }
  }

  const at = selected === null ? -1 : wanted.indexOf(selected);
  const place = text.of(at < 0 ? "–" : String(at + 1), wanted.length);
  const hasSteps = wanted.length > 0;
  return (
    <search class={style.finder}>
      <span class={style.field}>
        <input
          ref={field}
          class={fieldStyle.control}
          aria-label={text.find}
          placeholder={text.find}
          title={text.tip}
          spellcheck={false}
          autocomplete="off"
          value={draft ?? find}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={press}
        />
        {(draft ?? find) && (
          <span class={style.clear}>
            <IconButton label={text.clear} onClick={() => setDraft("")}>
              <CloseIcon />
            </IconButton>
          </span>
        )}
      </span>
      <span class={style.count} role="status">
        {matches ? (
          place
        ) : errors.length > 0 ? (
          <span class={style.errors}>
            <ErrorIcon /> {text.errors(errors.length)}
          </span>
        ) : null}
      </span>
      {hasSteps && (
        <>
          <IconButton label={matches ? text.previous : text.previousError} onClick={() => go(-1)}>
            <ChevronUpIcon />
          </IconButton>
          <IconButton label={matches ? text.next : text.nextError} onClick={() => go(1)}>
            <ChevronDownIcon />
          </IconButton>
        </>
      )}
      {matches && (
        <Button
          kind="quiet"
          pressed={onlyMatches}
          onClick={() => changeQuery({ only: onlyMatches ? undefined : "matches" })}
        >
          {text.only}
        </Button>
      )}
    </search>
  );
}
