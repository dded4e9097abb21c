import { serviceColour } from "./service-colour";
import style from "./service-name.module.css";

interface Props {
  name: string;
  /** Where a click leads; without it the name is text. */
  href?: string;
}

/** A service's name beside its colour. */
export function ServiceName({ name, href }: Props) {
  return (
    <span class={style.name}>
      <span class={style.swatch} style={{ background: serviceColour(name) }} aria-hidden="true" />
      {href ? <a href={href}>{name}</a> : name}
    </span>
  );
}
