/** The field that says one side: trace ids, or a search. */
import { useEffect, useState } from "preact/hooks";
import { TextField } from "../../components/field";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import style from "./compare.module.css";
import { readSide, type Side, type SideError, type SideName, sideText } from "./side";

const text = messages({
  a: { en: "A: before, or what is usual", ja: "A: 以前、または通常" },
  b: { en: "B: after, or what is odd", ja: "B: 以後、または異常" },
  placeholder: {
    en: "trace ids, or service=reviews.default last=1h",
    ja: "トレース ID、または service=reviews.default last=1h",
  },
  wrong: {
    en: (term: string, position: number) =>
      `“${term}” at character ${position} cannot be read. Write trace ids, or a search such as service=reviews.default last=1h.`,
    ja: (term: string, position: number) =>
      `${position} 文字目の「${term}」を解釈できません。トレース ID か、service=reviews.default last=1h のような検索条件を書いてください。`,
  },
  allowed: { en: " Here can stand: ", ja: " 使えるのは次のとおりです: " },
});

interface Props {
  name: SideName;
  side: Side;
}

export function SideField({ name, side }: Props) {
  const said = sideText(side);
  const [wrong, setWrong] = useState<{ draft: string; error: SideError } | null>(null);

  useEffect(() => setWrong(null), [said]);

  function change(draft: string) {
    const read = readSide(draft);
    if ("error" in read) {
      setWrong({ draft, error: read.error });
    } else {
      setWrong(null);
      changeQuery({ [name]: read.side, row: undefined, only: undefined });
    }
  }

  return (
    <div class={style.field}>
      <TextField
        label={text[name]}
        value={wrong?.draft ?? said}
        onChange={change}
        placeholder={text.placeholder}
        error={wrong ? errorText(wrong.error) : undefined}
      />
    </div>
  );
}

const errorText = ({ term, position, allowed }: SideError) =>
  text.wrong(term, position) + (allowed.length ? text.allowed + allowed.join("  ") : "");
