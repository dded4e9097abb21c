import type { ComponentChildren } from "preact";
import style from "./panel.module.css";

interface Props {
  title?: ComponentChildren;
  /** Controls at the right of the title. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** A part of a page with a title of its own. */
export function Panel({ title, actions, children }: Props) {
  return (
    <section class={style.panel}>
      {(title || actions) && (
        <header class={style.header}>
          <h2>{title}</h2>
          {actions && <div class={style.actions}>{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
