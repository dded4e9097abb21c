/** The drawn graph on the page. The table has the same for those who do not see it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { theme } from "../../app/theme";
import { IconButton } from "../../components/button";
import { RefreshIcon } from "../../components/icons";
import { Loading } from "../../components/states";
import { ZOOM, ZoomButtons } from "../../components/zoom-buttons";
import { language } from "../../text/language";
import { messages } from "../../text/messages";
import type { Drawing } from "./drawing";
import style from "./graph.module.css";
import type { Point } from "./layout";
import type { Scene } from "./scene";
import { edgeSentence, nodeSentence } from "./sentences";
import type { Layout } from "./view";
import { isStep, walked } from "./walk";

const text = messages({
  label: { en: "Mesh graph", ja: "メッシュグラフ" },
  help: {
    en: "Arrow keys walk along calls, Enter selects, Enter again focuses, plus and minus zoom, 0 shows all. The table view has the same as text.",
    ja: "矢印キーで呼び出しをたどり、Enter で選択、もう一度 Enter でフォーカス、+ と − で拡大縮小、0 で全体表示。表ビューに同じ内容があります。",
  },
  again: { en: "Lay out anew", ja: "再レイアウト" },
  layingOut: { en: "Laying out the graph…", ja: "レイアウト中…" },
});

interface Props {
  scene: Scene;
  layout: Layout;
  /** As long as it is the same, what stands stays where it is. */
  arrangement: string;
  selected: string;
  isAnimated: boolean;
  onSelect: (id: string) => void;
  onFocus: (id: string) => void;
  /** Gets the drawing once it is there, for exports. */
  onDrawing: (drawing: Drawing | null) => void;
}

export function GraphCanvas(props: Props) {
  const { scene, layout, arrangement, selected, isAnimated } = props;
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const helpId = useId();
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [isDrawn, setDrawn] = useState(false);
  const [here, setHere] = useState("");
  const [hovered, setHovered] = useState<{ id: string; at: Point } | null>(null);
  const [turn, setTurn] = useState(0);
  const handlers = useRef(props);
  handlers.current = props;

  useEffect(() => {
    let made: Drawing | undefined;
    let isGone = false;
    void import("./drawing").then(({ Drawing }) => {
      if (!isGone && holder.current && canvas.current) {
        made = new Drawing(holder.current, canvas.current, {
          onSelect: (id) => handlers.current.onSelect(id),
          onFocus: (id) => handlers.current.onFocus(id),
          onHover: (id, at) => setHovered(at && { id, at }),
        });
        setDrawing(made);
        handlers.current.onDrawing(made);
      }
    });
    return () => {
      isGone = true;
      handlers.current.onDrawing(null);
      made?.stop();
    };
  }, []);

  useEffect(() => {
    let isGone = false;
    void drawing?.show(scene, layout, arrangement).then((isShown) => {
      if (isShown && !isGone) {
        setDrawn(true);
        drawing.select(handlers.current.selected);
      }
    });
    return () => {
      isGone = true;
    };
  }, [drawing, scene, layout, arrangement, turn]);
  useEffect(() => drawing?.select(selected), [drawing, selected]);
  useEffect(() => drawing?.animate(isAnimated), [drawing, isAnimated]);
  useEffect(() => drawing?.restyle(), [drawing, theme.value]);
  useEffect(() => drawing?.walkTo(here), [drawing, here]);

  function press(event: KeyboardEvent) {
    if (!drawing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (isStep(event.key)) {
      setHere(walked(here, event.key, scene, drawing.positions()));
    } else if (event.key === "Enter" && here) {
      if (here === selected) {
        props.onFocus(here);
      } else {
        props.onSelect(here);
      }
    } else if (event.key === "+" || event.key === "-") {
      drawing.view.zoomBy(event.key === "+" ? ZOOM : 1 / ZOOM);
    } else if (event.key === "0") {
      drawing.view.fit();
    } else {
      return;
    }
    event.preventDefault();
  }

  const node = scene.nodes.find(({ id }) => id === here);
  return (
    <div class={style.canvas}>
      <div
        ref={holder}
        class={style.drawing}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk in it
        tabIndex={0}
        aria-label={text.label}
        aria-describedby={helpId}
        data-drawn={isDrawn}
        onKeyDown={press}
        onFocus={() => here || !drawing || setHere(walked("", "", scene, drawing.positions()))}
        onBlur={() => setHere("")}
      />
      <canvas ref={canvas} class={style.overlay} />
      <p id={helpId} class="visually-hidden">
        {text.help}
      </p>
      <p class="visually-hidden" aria-live="polite" lang={language.value}>
        {node ? nodeSentence(node, scene) : ""}
      </p>
      {!isDrawn && (
        <div class={style.waiting}>
          <Loading label={text.layingOut} />
        </div>
      )}
      {hovered && <Tip scene={scene} width={holder.current?.clientWidth ?? 0} {...hovered} />}
      <ZoomButtons view={drawing?.view}>
        <IconButton
          label={text.again}
          onClick={() => {
            drawing?.forget();
            setTurn(turn + 1);
          }}
        >
          <RefreshIcon />
        </IconButton>
      </ZoomButtons>
    </div>
  );
}

interface TipProps {
  scene: Scene;
  /** Pixels of the drawing. */
  width: number;
  id: string;
  at: Point;
}

/** What the mouse is over, in a sentence: above all why it is not healthy. */
function Tip({ scene, width, id, at }: TipProps) {
  const node = scene.nodes.find((each) => each.id === id);
  const edge = scene.edges.find((each) => each.id === id);
  const told = node ? nodeSentence(node, scene) : edge ? edgeSentence(edge, scene) : "";
  // Towards the middle, so that it is never cut off.
  const side = at.x > width / 2 ? { right: `${width - at.x}px` } : { left: `${at.x}px` };
  return (
    told && (
      <div class={style.tip} style={{ ...side, top: `${at.y}px` }} aria-hidden="true">
        {told}
      </div>
    )
  );
}
