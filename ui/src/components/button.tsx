import type { ComponentChildren, JSX } from "preact";
import style from "./button.module.css";

type Attributes = JSX.IntrinsicElements["button"];

interface Props extends Attributes {
  children: ComponentChildren;
  kind?: "plain" | "primary" | "quiet";
  /** Whether it is switched on, for a button that switches. */
  pressed?: boolean;
}

/** A button with a text. */
export function Button({ kind = "plain", pressed, children, ...rest }: Props) {
  return (
    <button type="button" {...rest} class={`${style.button} ${style[kind]}`} aria-pressed={pressed}>
      {children}
    </button>
  );
}

interface IconProps extends Omit<Props, "children"> {
  /** What it does, for those who do not see the icon, and as a tip. */
  label: string;
  children: ComponentChildren;
}

/** A button that shows an icon only. */
export function IconButton({ label, pressed, children, ...rest }: IconProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`${style.button} ${style.quiet} ${style.icon}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
    >
      {children}
    </button>
  );
}
