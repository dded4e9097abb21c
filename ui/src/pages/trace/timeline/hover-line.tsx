/** A line under the pointer, with its time. It is moved without drawing the timeline anew. */
import { useEffect, useRef } from "preact/hooks";
import { duration } from "../../../text/format";
import type { ViewRange } from "../view-range";
import style from "./timeline.module.css";

interface Props {
  range: ViewRange;
  /** Nanoseconds of the whole trace. */
  length: number;
}

export function HoverLine({ range, length }: Props) {
  const line = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = line.current;
    const timeline = element?.parentElement;
    if (!element || !timeline) {
      return;
    }
    const move = (event: PointerEvent) => {
      const time = timeline.querySelector("[data-time]")?.getBoundingClientRect();
      const part = time ? (event.clientX - time.left) / time.width : -1;
      const isThere = part >= 0 && part <= 1;
      element.hidden = !isThere;
      if (isThere) {
        const left = event.clientX - timeline.getBoundingClientRect().left;
        element.style.transform = `translateX(${left}px)`;
        element.dataset.at = duration((range.start + part * (range.end - range.start)) * length);
        element.toggleAttribute("data-left", part > 0.9);
      }
    };
    const leave = () => {
      element.hidden = true;
    };
    timeline.addEventListener("pointermove", move, { passive: true });
    timeline.addEventListener("pointerleave", leave);
    return () => {
      timeline.removeEventListener("pointermove", move);
      timeline.removeEventListener("pointerleave", leave);
    };
  }, [range, length]);

  return <div ref={line} class={style.hoverLine} aria-hidden="true" hidden />;
}
