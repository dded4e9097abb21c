/** A text with completion, after the ARIA pattern "combobox with list autocomplete". */
import { useId, useRef, useState } from "preact/hooks";
import { useAnswer } from "../api/use-answer";
import { messages } from "../text/messages";
import style from "./combobox.module.css";
import { Field } from "./field";
import fieldStyle from "./field.module.css";

const text = messages({
  loading: { en: "Loading…", ja: "読み込み中…" },
  failed: { en: "No suggestions: ", ja: "候補を取得できません: " },
  none: { en: "No suggestion; Enter takes the text", ja: "候補なし。Enter でこの文字列を使います" },
});

const MAX_SHOWN = 100;

interface Props {
  label: string;
  value: string;
  /** Called with a suggestion that was taken, or with the text when the user has finished it. */
  onChange: (value: string) => void;
  /**
   * Return suggestions for a text; those that do not contain it are left out here, so that a
   * list that holds everything may be returned.
   */
  suggest: (text: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Changes when `suggest` would answer otherwise for the same text. */
  suggestKey?: string;
  placeholder?: string;
}

/** A text field that suggests what is known; any other text is fine too. */
export function Combobox({ label, value, onChange, suggest, suggestKey = "", placeholder }: Props) {
  const listId = useId();
  const [draft, setDraft] = useState<string | null>(null);
  /** The draft as of now: taking it may remove the field, which blurs before it is drawn anew. */
  const pending = useRef<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const list = useRef<HTMLDivElement>(null);
  const typed = draft ?? "";
  const known = useAnswer(isOpen ? `${suggestKey}\n${typed}` : null, (signal) =>
    suggest(typed, signal),
  );
  const wanted = typed.toLowerCase();
  const options = (known.data ?? [])
    .filter((option) => option.toLowerCase().includes(wanted))
    .slice(0, MAX_SHOWN);

  function edit(text: string | null) {
    pending.current = text;
    setDraft(text);
  }

  function close() {
    setOpen(false);
    edit(null);
    setActive(-1);
  }

  function take(taken: string) {
    close();
    if (taken !== value) {
      onChange(taken);
    }
  }

  function move(step: number) {
    const next =
      (active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length;
    setOpen(true);
    setActive(options.length ? next : -1);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  }

  function press(event: KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      if (draft !== null || active >= 0) {
        event.preventDefault();
        take(options[active] ?? typed.trim());
      }
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  return (
    <Field label={label}>
      {({ id }) => (
        <div class={style.combobox}>
          <input
            id={id}
            class={fieldStyle.control}
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={isOpen}
            aria-controls={listId}
            aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
            spellcheck={false}
            autocomplete="off"
            placeholder={placeholder}
            value={draft ?? value}
            onFocus={(event) => event.currentTarget.select()}
            onClick={() => setOpen(true)}
            onInput={(event) => {
              edit(event.currentTarget.value);
              setActive(-1);
              setOpen(true);
            }}
            onKeyDown={press}
            onBlur={() => (pending.current === null ? close() : take(pending.current.trim()))}
          />
          <div
            id={listId}
            ref={list}
            class={style.list}
            role="listbox"
            aria-label={label}
            hidden={!isOpen}
          >
            {options.map((option, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keyboard
              <div
                key={option}
                id={`${listId}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                class={style.option}
                // The field keeps the focus, and with it the draft, until the option is taken.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => take(option)}
              >
                {option}
              </div>
            ))}
            {options.length === 0 && (
              <div
                class={style.note}
                role="option"
                aria-disabled="true"
                aria-selected="false"
                tabIndex={-1}
              >
                {known.error
                  ? text.failed + known.error.message
                  : known.loading
                    ? text.loading
                    : text.none}
              </div>
            )}
          </div>
        </div>
      )}
    </Field>
  );
}
