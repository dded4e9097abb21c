import type { ComponentChildren } from "preact";
import style from "./badge.module.css";

export type Tone = "neutral" | "error" | "warning" | "healthy" | "info";

interface Props {
  tone?: Tone;
  title?: string | undefined;
  children: ComponentChildren;
}

/** A short fact set off from the text around it. Its text says what its colour does. */
export function Badge({ tone = "neutral", title, children }: Props) {
  return (
    <span class={`${style.badge} ${style[tone]}`} title={title}>
      {children}
    </span>
  );
}
