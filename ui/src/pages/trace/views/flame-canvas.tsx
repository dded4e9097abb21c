/** The drawn flame graph, and the mouse and the keyboard on it. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { theme } from "../../../app/theme";
import { messages } from "../../../text/messages";
import { boxOf, draw, FRAME_HEIGHT, partAt, type Scene } from "./flame-drawing";
import style from "./flame-graph.module.css";
import { FrameTip, frameSentence } from "./frame-tip";
import { frameAt, walkedFrame } from "./frames";

const text = messages({
  label: { en: "Flame graph", ja: "フレームグラフ" },
  help: {
    en: "Arrow keys walk through the calls, Enter selects the slowest span, plus zooms into a call, minus out of it, 0 shows all. The table of spans has the same as text.",
    ja: "矢印キーで呼び出しを移動、Enter で最も遅いスパンを選択、+ で拡大、- で縮小、0 で全体表示。スパン一覧に同じ内容があります。",
  },
});

/** Pixels between the mouse and what is told about the frame, and its width. */
const TIP_OFFSET = 14;
const TIP_WIDTH = 340;

interface Props {
  scene: Scene;
  onSelect: (frame: number) => void;
  onZoom: (frame: number | null) => void;
}

interface Hover {
  frame: number;
  x: number;
  y: number;
}

export function FlameCanvas({ scene, onSelect, onZoom }: Props) {
  const helpId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [hover, setHover] = useState<Hover | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const { flame, zoom, selected } = scene;
  const height = flame.levels.length * FRAME_HEIGHT;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) {
      return;
    }
    const look = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    const resized = new ResizeObserver(look);
    resized.observe(element);
    look();
    return () => resized.disconnect();
  }, []);

  const isDark = theme.value;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || size.width === 0) {
      return;
    }
    const paint = () => {
      if (canvas.current) {
        draw(canvas.current, scene, { ...size, top: element.scrollTop });
      }
    };
    paint();
    element.addEventListener("scroll", paint, { passive: true });
    return () => element.removeEventListener("scroll", paint);
  }, [scene, size, isDark]);

  useEffect(() => {
    if (selected !== null) {
      show(selected);
    }
  }, [selected]);

  function show(frame: number) {
    const element = scroller.current;
    const top = (flame.frames[frame]?.level ?? 0) * FRAME_HEIGHT;
    if (
      element &&
      (top < element.scrollTop || top + FRAME_HEIGHT > element.scrollTop + size.height)
    ) {
      element.scrollTop = Math.max(0, top - size.height / 2);
    }
  }

  function frameUnder(event: MouseEvent): Hover | null {
    const box = scroller.current?.getBoundingClientRect();
    if (!box || !scroller.current) {
      return null;
    }
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const level = Math.floor((y + scroller.current.scrollTop) / FRAME_HEIGHT);
    const frame = frameAt(flame, level, partAt(scene, x, size.width));
    return frame === undefined ? null : { frame, x, y };
  }

  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const here = cursor ?? selected ?? zoom ?? 0;
    if (event.key.startsWith("Arrow")) {
      const next = cursor === null ? here : walkedFrame(flame, here, event.key, zoom);
      setCursor(next);
      show(next);
    } else if (event.key === "Enter") {
      onSelect(here);
    } else if (event.key === "+" || event.key === "=") {
      onZoom(here);
    } else if (event.key === "-") {
      onZoom(zoom === null ? null : (flame.frames[zoom]?.parent ?? null));
    } else if (event.key === "0") {
      onZoom(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  const outlined = hover?.frame ?? cursor;
  const outline = outlined === null ? undefined : boxOf(scene, outlined, size.width);
  return (
    <div class={style.holder}>
      <div
        ref={scroller}
        class={style.scroller}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk in it
        tabIndex={0}
        aria-label={text.label}
        aria-describedby={helpId}
        onKeyDown={press}
        onBlur={() => setCursor(null)}
        onMouseMove={(event) => setHover(frameUnder(event))}
        onMouseLeave={() => setHover(null)}
        onClick={(event) => {
          const under = frameUnder(event);
          if (under) {
            onSelect(under.frame);
          }
        }}
        onDblClick={(event) => {
          const under = frameUnder(event);
          if (under) {
            onZoom(under.frame);
          }
        }}
      >
        <div style={{ height: `${Math.max(height, size.height)}px` }}>
          <canvas
            ref={canvas}
            class={style.canvas}
            style={{ width: `${size.width}px`, height: `${size.height}px` }}
          />
          {outline && (
            <span
              class={style.outline}
              data-by={hover ? "mouse" : "keyboard"}
              style={{
                left: `${outline.left}px`,
                top: `${outline.top}px`,
                width: `${Math.max(2, outline.width)}px`,
                height: `${FRAME_HEIGHT - 1}px`,
              }}
            />
          )}
        </div>
      </div>
      <p id={helpId} class="visually-hidden">
        {text.help}
      </p>
      <p class="visually-hidden" aria-live="polite">
        {cursor === null ? "" : frameSentence(scene, cursor)}
      </p>
      {hover && (
        <div class={style.tip} style={tipPlace(hover, size)} aria-hidden="true">
          <FrameTip scene={scene} index={hover.frame} />
        </div>
      )}
    </div>
  );
}

/** Beside the mouse, on the side with room. */
function tipPlace({ x, y }: Hover, { width, height }: { width: number; height: number }) {
  return {
    maxWidth: `${TIP_WIDTH}px`,
    ...(x + TIP_WIDTH + TIP_OFFSET < width
      ? { left: `${x + TIP_OFFSET}px` }
      : { right: `${width - x + TIP_OFFSET}px` }),
    ...(y < height / 2
      ? { top: `${y + TIP_OFFSET}px` }
      : { bottom: `${height - y + TIP_OFFSET}px` }),
  };
}
