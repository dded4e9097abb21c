/** Between the names and the times: drag it, or move it by the arrows. */
import { messages } from "../../../text/messages";
import style from "./timeline.module.css";

const text = messages({ width: { en: "Width of the names", ja: "名前列の幅" } });

const KEY_STEP = 2;

interface Props {
  /** Of the timeline's width. */
  percent: number;
  onChange: (percent: number) => void;
}

export function Divider({ percent, onChange }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is no <hr>
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={text.width}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      tabIndex={0}
      class={style.divider}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const head = event.currentTarget.parentElement;
        if (head && event.currentTarget.hasPointerCapture(event.pointerId)) {
          const { left, width } = head.getBoundingClientRect();
          onChange((100 * (event.clientX - left)) / width);
        }
      }}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key];
        if (step !== undefined) {
          event.preventDefault();
          onChange(percent + step);
        }
      }}
    />
  );
}
