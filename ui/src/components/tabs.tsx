/** Views of one thing, one at a time, after the ARIA pattern "tabs". */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import style from "./tabs.module.css";

interface Props<T extends string> {
  label: string;
  tabs: readonly { value: T; label: ComponentChildren }[];
  value: T;
  onChange: (value: T) => void;
  /** The view of the chosen tab. */
  children: ComponentChildren;
}

export function Tabs<T extends string>({ label, tabs, value, onChange, children }: Props<T>) {
  const id = useId();

  function press(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    const index = tabs.findIndex((tab) => tab.value === value);
    const next = tabs[(index + step + tabs.length) % tabs.length];
    if (next) {
      onChange(next.value);
      document.getElementById(`${id}-${next.value}`)?.focus();
    }
  }

  return (
    <div class={style.tabs}>
      <div role="tablist" aria-label={label} class={style.list} onKeyDown={press}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            class={style.tab}
            aria-selected={tab.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${value}`}
        class={style.panel}
      >
        {children}
      </div>
    </div>
  );
}
