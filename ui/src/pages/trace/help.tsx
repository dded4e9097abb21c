/** The keys of the page and the signs of the timeline. */
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../../components/button";
import { CloseIcon } from "../../components/icons";
import { messages } from "../../text/messages";
import style from "./help.module.css";

const text = messages({
  title: { en: "Keys and signs", ja: "キー操作と記号" },
  close: { en: "Close", ja: "閉じる" },
  rows: { en: "Next, previous row", ja: "次・前の行" },
  page: { en: "A screen on, back", ja: "1 画面先・前" },
  scroll: { en: "Scroll down, up", ja: "下・上へスクロール" },
  ends: { en: "First, last row", ja: "先頭・末尾の行" },
  fold: { en: "Fold or go to the parent; unfold", ja: "折りたたみ・親へ、展開" },
  level: { en: "Collapse, expand one level", ja: "1 段折りたたむ・展開" },
  all: { en: "Collapse, expand all", ja: "すべて折りたたむ・展開" },
  details: { en: "Details; close them", ja: "詳細、閉じる" },
  match: { en: "Next, previous match, else error", ja: "次・前の一致（なければエラー）" },
  find: { en: "Find in trace", ja: "トレース内を検索" },
  pan: { en: "Earlier, later (Shift: far)", ja: "前・後へ移動（Shift で大きく）" },
  zoom: { en: "Zoom in, out; whole trace", ja: "拡大・縮小、全体" },
  own: { en: "own time of the span", ja: "スパン自身の時間" },
  children: { en: "time in spans below it", ja: "子スパンの時間" },
  way: { en: "network and proxies of a call", ja: "呼び出しのネットワークとプロキシ" },
  critical: { en: "critical path", ja: "クリティカルパス" },
  event: { en: "event", ja: "イベント" },
  error: { en: "error", ja: "エラー" },
  missing: { en: "parent that is not stored", ja: "保存されていない親" },
  bracket: { en: "spans of the proxies of one call", ja: "1 つの呼び出しのプロキシのスパン" },
});

const KEYS = [
  [["j", "k", "↓", "↑"], "rows"],
  [["f", "b"], "page"],
  [["s", "w"], "scroll"],
  [["Home", "End"], "ends"],
  [["←", "→"], "fold"],
  [["p", "o"], "level"],
  [["]", "["], "all"],
  [["Enter", "Esc"], "details"],
  [["n", "N"], "match"],
  [["Ctrl+B"], "find"],
  [["a", "d"], "pan"],
  [["+", "-", "0"], "zoom"],
] as const;

const SIGNS = [
  "own",
  "children",
  "way",
  "critical",
  "event",
  "error",
  "missing",
  "bracket",
] as const;

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class={style.dialog} aria-label={text.title} onClose={onClose}>
      <header>
        <h2>{text.title}</h2>
        <IconButton label={text.close} onClick={() => dialog.current?.close()}>
          <CloseIcon />
        </IconButton>
      </header>
      <div class={style.columns}>
        <dl class={style.keys}>
          {KEYS.map(([keys, what]) => (
            <div key={what}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{text[what]}</dd>
            </div>
          ))}
        </dl>
        <ul class={style.signs}>
          {SIGNS.map((sign) => (
            <li key={sign}>
              <span class={`${style.sign} ${style[sign]}`} aria-hidden="true" />
              {text[sign]}
            </li>
          ))}
        </ul>
      </div>
    </dialog>
  );
}
