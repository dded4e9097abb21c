/** One box that opens what has an id: a trace, or a request by its `x-request-id`. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { SearchIcon } from "../components/icons";
import { requestLink, traceLink } from "../routing/links";
import { navigate } from "../routing/location";
import { messages } from "../text/messages";
import style from "./open-box.module.css";

const text = messages({
  label: { en: "Open by trace id or x-request-id", ja: "トレース ID または x-request-id で開く" },
  placeholder: { en: "Trace id or x-request-id", ja: "トレース ID / x-request-id" },
});

const TRACE_ID = /^[0-9a-fA-F]{1,32}$/;

/** Return where an id leads: hex digits alone are a trace, all else is a request. */
export const openedBy = (id: string) =>
  TRACE_ID.test(id) ? traceLink(id.toLowerCase()) : requestLink(id);

export function OpenBox() {
  const [id, setId] = useState("");
  const field = useRef<HTMLInputElement>(null);

  useLayoutEffect(() => {
    // As in most tools of this field, "/" leads to the box.
    const press = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof HTMLElement &&
        event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        field.current?.focus();
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);

  function open(event: Event) {
    event.preventDefault();
    const wanted = id.trim();
    if (wanted) {
      setId("");
      navigate(openedBy(wanted));
    }
  }

  return (
    <search>
      <form class={style.box} onSubmit={open}>
        <SearchIcon />
        <input
          ref={field}
          value={id}
          onInput={(event) => setId(event.currentTarget.value)}
          aria-label={text.label}
          title={text.label}
          placeholder={text.placeholder}
          spellcheck={false}
          autocomplete="off"
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}
