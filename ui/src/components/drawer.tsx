/** A panel at the side of what it is about. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { messages } from "../text/messages";
import { IconButton } from "./button";
import style from "./drawer.module.css";
import { CloseIcon } from "./icons";

const text = messages({ close: { en: "Close", ja: "閉じる" } });

interface Props {
  title: ComponentChildren;
  /** Said of the panel as a whole. */
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}

export function Drawer({ title, label, onClose, children }: Props) {
  const panel = useRef<HTMLElement>(null);

  // With what is shown: a key that is pressed then counts.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) {
        onClose();
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [onClose]);

  return (
    <aside ref={panel} class={style.drawer} aria-label={label}>
      <header class={style.header}>
        <h2>{title}</h2>
        <IconButton label={text.close} onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}
