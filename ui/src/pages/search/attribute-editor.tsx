/** The conditions on attributes: those there are, and one that is being written. */
import { useEffect, useRef, useState } from "preact/hooks";
import { answer, api } from "../../api/client";
import { Combobox } from "../../components/combobox";
import { SelectField } from "../../components/field";
import { CloseIcon } from "../../components/icons";
import {
  type AttributeCondition,
  attributeText,
  type Comparison,
  comparesValue,
  keyText,
  readAttribute,
  readKey,
} from "../../query/attribute-condition";
import { term } from "../../query/query-text";
import { messages } from "../../text/messages";
import { changeSearch } from "./conditions";
import style from "./filters.module.css";

const text = messages({
  attributes: { en: "Attributes", ja: "属性" },
  key: { en: "Add a condition on", ja: "条件を追加する属性" },
  keyPlaceholder: { en: "http.status_code, resource:…", ja: "http.status_code, resource:…" },
  editing: { en: "Attribute", ja: "属性" },
  comparison: { en: "Comparison", ja: "比較" },
  value: { en: "Value", ja: "値" },
  contains: { en: "contains", ja: "を含む" },
  exists: { en: "is there", ja: "がある" },
  absent: { en: "is not there", ja: "がない" },
  edit: { en: (term: string) => `Change ${term}`, ja: (term: string) => `${term} を変更` },
  remove: { en: (term: string) => `Remove ${term}`, ja: (term: string) => `${term} を削除` },
});

const COMPLETIONS = 1000;
const COMPARISONS: readonly Comparison[] = [
  "=",
  "!=",
  ">=",
  ">",
  "<=",
  "<",
  "~",
  "exists",
  "absent",
];
const SIGNS: Partial<Record<Comparison, string>> = { "!=": "≠", ">=": "≥", "<=": "≤" };

const NEW: AttributeCondition = { scope: "any", key: "", comparison: "=", value: "" };

interface Props {
  /** As the API's parameters write them. */
  attributes: readonly string[];
  service: string | undefined;
}

export function AttributeEditor({ attributes, service }: Props) {
  const [draft, setDraft] = useState(NEW);
  /** Which of them is being changed; none: a new one is written. */
  const [changed, setChanged] = useState<string | null>(null);
  const editor = useRef<HTMLDivElement>(null);
  const hasKey = draft.key !== "";

  useEffect(() => {
    if (hasKey) {
      editor.current?.querySelector<HTMLInputElement>("[data-value] input")?.focus();
    }
  }, [hasKey, changed]);

  function finish(condition: AttributeCondition) {
    setDraft(NEW);
    setChanged(null);
    const finished = attributeText(condition);
    const others = attributes.filter((each) => each !== changed && each !== finished);
    const index = changed === null ? others.length : attributes.indexOf(changed);
    changeSearch({ attribute: others.toSpliced(index, 0, finished) });
  }

  function chooseKey(typed: string) {
    // A whole condition may be typed as well, as the query's line takes it.
    const whole = readAttribute(typed);
    if (whole && whole.comparison !== "exists" && whole.key) {
      finish(whole);
      return;
    }
    const { scope, key } = readKey(typed);
    setDraft({ ...draft, scope, key: key || typed });
  }

  function chooseComparison(comparison: Comparison) {
    const next = { ...draft, comparison };
    setDraft(next);
    if (!comparesValue(comparison)) {
      finish({ ...next, value: "" });
    } else if (changed !== null && draft.value) {
      finish(next);
    }
  }

  return (
    <fieldset class={style.group}>
      <legend>{text.attributes}</legend>
      <ul class={style.chips}>
        {attributes.map((each) => {
          const said = term("attribute", each);
          return (
            <li key={each} class={style.chip}>
              <button
                type="button"
                class={style.edit}
                aria-label={text.edit(said)}
                aria-pressed={changed === each}
                onClick={() => {
                  setChanged(each);
                  setDraft(readAttribute(each) ?? NEW);
                }}
              >
                {said}
              </button>
              <button
                type="button"
                class={style.remove}
                aria-label={text.remove(said)}
                title={text.remove(said)}
                onClick={() => {
                  setChanged(null);
                  setDraft(NEW);
                  changeSearch({ attribute: attributes.filter((other) => other !== each) });
                }}
              >
                <CloseIcon />
              </button>
            </li>
          );
        })}
      </ul>
      <div ref={editor} class={style.editor}>
        <Combobox
          label={changed === null ? text.key : text.editing}
          value={hasKey ? keyText(draft.scope, draft.key) : ""}
          onChange={chooseKey}
          suggest={suggestKeys}
          placeholder={text.keyPlaceholder}
        />
        {hasKey && (
          <div class={style.comparison}>
            <SelectField
              label={text.comparison}
              value={draft.comparison}
              onChange={(chosen) => chooseComparison(chosen as Comparison)}
              options={COMPARISONS.map((each) => ({ value: each, label: signOf(each) }))}
            />
            {comparesValue(draft.comparison) && (
              <div data-value>
                <Combobox
                  label={text.value}
                  value={draft.value}
                  onChange={(value) => value && finish({ ...draft, value })}
                  suggest={(typed, signal) => suggestValues(draft.key, typed, service, signal)}
                  suggestKey={`${draft.key} ${service}`}
                />
              </div>
            )}
          </div>
        )}
      </div>
    </fieldset>
  );
}

function signOf(comparison: Comparison): string {
  switch (comparison) {
    case "~":
      return text.contains;
    case "exists":
      return text.exists;
    case "absent":
      return text.absent;
    default:
      return SIGNS[comparison] ?? comparison;
  }
}

async function suggestKeys(_: string, signal: AbortSignal): Promise<string[]> {
  const { attributes } = await answer(
    api.GET("/api/v1/attributes", { params: { query: { limit: COMPLETIONS } }, signal }),
  );
  // Most keys are of spans, which are found without the scope.
  return [
    ...new Set(attributes.map(({ scope, key }) => keyText(scope === "span" ? "any" : scope, key))),
  ];
}

async function suggestValues(
  key: string,
  typed: string,
  service: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { values } = await answer(
    api.GET("/api/v1/attributes/{key}/values", {
      params: { path: { key }, query: { prefix: typed, ...(service && { service }) } },
      signal,
    }),
  );
  return values;
}
