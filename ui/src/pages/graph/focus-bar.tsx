/** What the graph is focused on, how far around it, and the way back to all. */
import { Button } from "../../components/button";
import fieldStyle from "../../components/field.module.css";
import { CloseIcon } from "../../components/icons";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import style from "./graph.module.css";
import type { Scene } from "./scene";
import { nameOf } from "./sentences";
import { DIRECTIONS, type View } from "./view";

const text = messages({
  focus: { en: "Focus", ja: "フォーカス" },
  depth: { en: "Calls away", ja: "距離" },
  direction: { en: "Direction", ja: "方向" },
  both: { en: "callers and callees", ja: "呼び出し元と先" },
  upstream: { en: "callers", ja: "呼び出し元" },
  downstream: { en: "callees", ja: "呼び出し先" },
  away: { en: (depth: number) => `up to ${depth} away`, ja: (depth: number) => `${depth} 段まで` },
  all: { en: "Whole mesh", ja: "メッシュ全体" },
});

const DEPTHS = [1, 2, 3, 5, 10];

export function FocusBar({ view, scene }: { view: View; scene: Scene | undefined }) {
  const depths = DEPTHS.includes(view.depth) ? DEPTHS : [...DEPTHS, view.depth];
  return (
    <div class={style.focusBar}>
      <span>
        {text.focus}: <strong>{scene ? nameOf(view.focus, scene) : view.focus}</strong>
      </span>
      <select
        class={fieldStyle.control}
        aria-label={text.direction}
        value={view.direction}
        onChange={(event) => changeQuery({ direction: event.currentTarget.value })}
      >
        {DIRECTIONS.map((each) => (
          <option key={each} value={each}>
            {text[each]}
          </option>
        ))}
      </select>
      <select
        class={fieldStyle.control}
        aria-label={text.depth}
        value={String(view.depth)}
        onChange={(event) => changeQuery({ depth: event.currentTarget.value })}
      >
        {depths.map((each) => (
          <option key={each} value={String(each)}>
            {text.away(each)}
          </option>
        ))}
      </select>
      <Button
        kind="quiet"
        onClick={() => changeQuery({ focus: undefined, depth: undefined, direction: undefined })}
      >
        <CloseIcon /> {text.all}
      </Button>
    </div>
  );
}
