/** A button that opens a panel of controls below it. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button";
import { ChevronDownIcon } from "../../components/icons";
import style from "./menu.module.css";

interface Props {
  label: ComponentChildren;
  /** Of how many things something else than the default is chosen. */
  count?: number;
  children: ComponentChildren;
}

export function Menu({ label, count = 0, children }: Props) {
  const id = useId();
  const holder = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    const leave = (event: Event) => {
      if (event.target instanceof Node && !holder.current?.contains(event.target)) {
        setOpen(false);
      }
    };
    const events = ["pointerdown", "focusin"] as const;
    for (const event of events) {
      document.addEventListener(event, leave);
    }
    return () => {
      for (const event of events) {
        document.removeEventListener(event, leave);
      }
    };
  }, [isOpen]);

  function press(event: KeyboardEvent) {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(false);
      holder.current?.querySelector("button")?.focus();
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape comes from the controls in it
    <div ref={holder} class={style.menu} onKeyDown={press}>
      <Button aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
        {label}
        {count > 0 && <span class={style.count}>{count}</span>}
        <ChevronDownIcon />
      </Button>
      <div id={id} class={style.panel} hidden={!isOpen}>
        {isOpen && children}
      </div>
    </div>
  );
}
