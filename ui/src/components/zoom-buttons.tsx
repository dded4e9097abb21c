/** The buttons at the corner of a drawn graph. */
import type { ComponentChildren } from "preact";
import { messages } from "../text/messages";
import { IconButton } from "./button";
import type { GraphView } from "./graph-view";
import { FitIcon, MinusIcon, PlusIcon } from "./icons";
import style from "./zoom-buttons.module.css";

const text = messages({
  zoomIn: { en: "Zoom in", ja: "拡大" },
  zoomOut: { en: "Zoom out", ja: "縮小" },
  fit: { en: "Show all", ja: "全体を表示" },
});

/** How much a press of a button, or of a key, changes the size. */
export const ZOOM = 1.3;

interface Props {
  /** Absent until the graph is drawn. */
  view: GraphView | undefined;
  children?: ComponentChildren;
}

export function ZoomButtons({ view, children }: Props) {
  return (
    <div class={style.zoom}>
      <IconButton label={text.zoomIn} onClick={() => view?.zoomBy(ZOOM)}>
        <PlusIcon />
      </IconButton>
      <IconButton label={text.zoomOut} onClick={() => view?.zoomBy(1 / ZOOM)}>
        <MinusIcon />
      </IconButton>
      <IconButton label={text.fit} onClick={() => view?.fit()}>
        <FitIcon />
      </IconButton>
      {children}
    </div>
  );
}
