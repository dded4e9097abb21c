/** One line of JSON in colours, with what is sought marked. */
import { tokensOf } from "./json-lines";
import style from "./raw.module.css";

interface Props {
  number: number;
  line: string;
  /** In lower case. */
  sought: readonly string[];
  isChosen: boolean;
}

export function JsonLine({ number, line, sought, isChosen }: Props) {
  const isFound = sought.length > 0 && sought.some((word) => line.toLowerCase().includes(word));
  return (
    <div class={style.line} data-chosen={isChosen || undefined} data-found={isFound || undefined}>
      <span class={style.gutter}>{number}</span>
      <code>
        {tokensOf(line).map(({ kind, text }, index) =>
          kind === "sign" ? (
            text
          ) : (
            <span key={index} class={style[kind]}>
              {text}
            </span>
          ),
        )}
      </code>
    </div>
  );
}
