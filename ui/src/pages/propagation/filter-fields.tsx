/** The conditions on findings, which the address keeps. */
import type { Schema } from "../../api/client";
import { Button } from "../../components/button";
import { SelectField } from "../../components/field";
import { confidenceWord } from "../../components/finding";
import { SIGNS, signMeaning, signName } from "../../components/signs";
import { changeQuery } from "../../routing/location";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import { CONFIDENCES, type Filter, valuesOf } from "./filter";
import style from "./propagation.module.css";

const text = messages({
  service: { en: "Service", ja: "サービス" },
  namespace: { en: "Namespace", ja: "名前空間" },
  cluster: { en: "Cluster", ja: "クラスター" },
  confidence: { en: "Confidence", ja: "確度" },
  signs: { en: "Signs", ja: "兆候" },
  all: { en: "All", ja: "すべて" },
  atLeast: {
    en: (word: string) => `At least ${word}`,
    ja: (word: string) => `${word} 以上`,
  },
});

const FIELDS = [
  ["service", "name"],
  ["namespace", "namespace"],
  ["cluster", "cluster"],
] as const;

interface Props {
  filter: Filter;
  answer: Schema<"Propagation">;
  /** Those that meet the other conditions, for the numbers of the signs. */
  findings: readonly Schema<"Finding">[];
}

export function FilterFields({ filter, answer, findings }: Props) {
  const all = { value: "", label: text.all };
  return (
    <div class={style.filter}>
      <div class={style.fields}>
        {FIELDS.map(([parameter, field]) => (
          <SelectField
            key={parameter}
            label={text[parameter]}
            value={filter[parameter]}
            onChange={(value) => changeQuery({ [parameter]: value })}
            options={[all, ...options(valuesOf(answer, field), filter[parameter])]}
          />
        ))}
        <SelectField
          label={text.confidence}
          value={filter.confidence}
          onChange={(confidence) => changeQuery({ confidence })}
          options={[
            all,
            ...CONFIDENCES.slice(1).map((value) => ({
              value,
              label:
                value === "certain" ? confidenceWord(value) : text.atLeast(confidenceWord(value)),
            })),
          ]}
        />
      </div>
      <Signs chosen={filter.signs} findings={findings} />
      {SIGNS.filter((sign) => filter.signs.includes(sign)).map((sign) => (
        <p key={sign} class={style.meaning}>
          <strong>{sign}</strong> {signMeaning(sign)}
        </p>
      ))}
    </div>
  );
}

/** Return the values to choose from, also the one of the address if nothing has it now. */
function options(values: readonly string[], chosen: string) {
  const known = chosen && !values.includes(chosen) ? [chosen, ...values] : values;
  return known.map((value) => ({ value, label: value }));
}

interface SignsProps {
  chosen: readonly string[];
  findings: readonly Schema<"Finding">[];
}

/** Every sign with its meaning and how often it was found; each chooses those findings. */
function Signs({ chosen, findings }: SignsProps) {
  const toggled = (sign: string) =>
    chosen.includes(sign) ? chosen.filter((each) => each !== sign) : [...chosen, sign];
  return (
    <fieldset class={style.signs} aria-label={text.signs}>
      {SIGNS.map((sign) => {
        const count = findings.filter((finding) => finding.sign === sign).length;
        return (
          <Button
            key={sign}
            pressed={chosen.includes(sign)}
            title={signMeaning(sign)}
            onClick={() => changeQuery({ sign: toggled(sign) })}
          >
            <span class={count ? style.found : style.absent}>{number(count)}</span>
            <span>
              {sign} · {signName(sign)}
            </span>
          </Button>
        );
      })}
    </fieldset>
  );
}
