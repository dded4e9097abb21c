/** Folds the tree: all of it, a level, or the proxies of each call into one row. */
import { Button, IconButton } from "../../../components/button";
import { changeQuery } from "../../../routing/location";
import { messages } from "../../../text/messages";
import { ALL_LEVELS, type Folding } from "../rows";
import { fewer, more } from "./keys";
import style from "./timeline.module.css";

const text = messages({
  collapseAll: { en: "Collapse all  ]", ja: "すべて折りたたむ  ]" },
  collapseOne: { en: "Collapse one level  p", ja: "1 段折りたたむ  p" },
  expandOne: { en: "Expand one level  o", ja: "1 段展開  o" },
  expandAll: { en: "Expand all  [", ja: "すべて展開  [" },
  hops: { en: "Calls as one row", ja: "呼び出しを 1 行に" },
  hopsTip: {
    en: "Fold the proxies' spans of each call into one row; what is hatched was spent on the network and in proxies",
    ja: "各呼び出しのプロキシのスパンを 1 行にまとめます。斜線はネットワークとプロキシの時間です",
  },
  help: { en: "Keys and signs  ?", ja: "キー操作と記号  ?" },
});

interface Props {
  folding: Folding;
  maxDepth: number;
  hasHops: boolean;
  setFolding: (levels: number, toggled: Iterable<number>) => void;
  onHelp: () => void;
}

export function FoldButtons({ folding, maxDepth, hasHops, setFolding, onHelp }: Props) {
  const buttons = [
    ["⟪", text.collapseAll, 0],
    ["⟨", text.collapseOne, fewer(folding.levels, maxDepth)],
    ["⟩", text.expandOne, more(folding.levels, maxDepth)],
    ["⟫", text.expandAll, ALL_LEVELS],
  ] as const;
  return (
    <div class={style.buttons}>
      {buttons.map(([sign, label, levels]) => (
        <IconButton key={sign} label={label} onClick={() => setFolding(levels, [])}>
          <span class={style.sign} aria-hidden="true">
            {sign}
          </span>
        </IconButton>
      ))}
      {hasHops && (
        <Button
          kind="quiet"
          pressed={folding.foldsHops}
          title={text.hopsTip}
          onClick={() => changeQuery({ hops: folding.foldsHops ? undefined : "folded" })}
        >
          {text.hops}
        </Button>
      )}
      <IconButton label={text.help} onClick={onHelp}>
        ?
      </IconButton>
    </div>
  );
}
