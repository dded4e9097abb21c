/** Attributes as a table, each with what can be done with it. */
import type { Schema } from "../../../api/client";
import buttonStyle from "../../../components/button.module.css";
import { CopyButton } from "../../../components/copy-button";
import { SearchIcon } from "../../../components/icons";
import { requestLink, searchLink } from "../../../routing/links";
import { messages } from "../../../text/messages";
import { REQUEST_ID } from "../load";
import { condition, typeNote, valueText, webAddress } from "../values";
import style from "./details.module.css";

const text = messages({
  search: { en: "Find traces with this", ja: "この値を持つトレースを検索" },
  request: { en: "All traces of this request", ja: "このリクエストの全トレース" },
  copy: { en: (key: string) => `Copy ${key}`, ja: (key: string) => `${key} をコピー` },
  empty: { en: "empty", ja: "空" },
});

/** Longer values are folded. */
const LONG_VALUE = 400;

interface Props {
  attributes: Schema<"Attributes">;
  types?: Schema<"AttributeTypes"> | undefined;
  /** Words to mark. */
  sought: readonly string[];
  /** Whether a value leads to the traces that have it. */
  isSearchable?: boolean;
}

export function AttributesTable({ attributes, types, sought, isSearchable = false }: Props) {
  const entries = Object.entries(attributes);
  if (entries.length === 0) {
    return null;
  }
  return (
    <table class={style.attributes}>
      <tbody>
        {entries.map(([key, value]) => {
          const shown = valueText(value, types?.[key]);
          const wanted = isSearchable ? condition(key, value) : undefined;
          const isFound = sought.some((word) => `${key}=${shown}`.toLowerCase().includes(word));
          return (
            <tr key={key} data-found={isFound || undefined}>
              <th scope="row">{key}</th>
              <td>
                <Value name={key} value={value} shown={shown} />
                {typeNote(value, types?.[key]) && (
                  <span class={style.muted}> {typeNote(value, types?.[key])}</span>
                )}
                <span class={style.tools}>
                  {wanted && (
                    <a
                      class={`${buttonStyle.button} ${buttonStyle.quiet} ${buttonStyle.icon}`}
                      href={searchLink({ attribute: wanted })}
                      aria-label={`${text.search}: ${key}`}
                      title={text.search}
                    >
                      <SearchIcon />
                    </a>
                  )}
                  <CopyButton value={shown} label={text.copy(key)} />
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface ValueProps {
  name: string;
  value: unknown;
  shown: string;
}

function Value({ name, value, shown }: ValueProps) {
  if (name === REQUEST_ID && shown) {
    return (
      <a href={requestLink(shown)} title={text.request}>
        {shown}
      </a>
    );
  }
  const address = webAddress(value);
  if (address) {
    return (
      <a href={address} target="_blank" rel="noopener noreferrer">
        {shown}
      </a>
    );
  }
  if (shown === "") {
    return <span class={style.muted}>{text.empty}</span>;
  }
  if (shown.length > LONG_VALUE) {
    return (
      <details>
        <summary>{shown.slice(0, LONG_VALUE / 4)}…</summary>
        <span class={style.value}>{shown}</span>
      </details>
    );
  }
  return <span class={style.value}>{shown}</span>;
}
