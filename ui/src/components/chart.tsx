/** Lines and bars over time, drawn by uPlot, which is loaded when the first chart is. */
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { theme, tokenColour } from "../app/theme";
import { language } from "../text/language";
import style from "./chart.module.css";

export interface Series {
  label: string;
  /** One value a time; null leaves a gap. */
  values: readonly (number | null)[];
  /** A CSS colour or, for a token, its name such as `--error`. */
  colour: string;
  /** How the line's values read, such as `milliseconds` of text/format. */
  format: (value: number | null) => string;
  drawn?: "line" | "area" | "bars";
}

interface Props {
  /** What the chart shows, for those who do not see it. */
  label: string;
  /** Seconds since the epoch, rising. */
  times: readonly number[];
  series: readonly Series[];
  /** Pixels. */
  height?: number;
  /** Called with a stretch of time that was brushed, in seconds since the epoch. */
  onBrush?: (from: number, to: number) => void;
  /** Called with the index of the time that was clicked. */
  onPick?: (index: number) => void;
}

export function Chart({ label, times, series, height = 160, onBrush, onPick }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const handlers = useRef({ onBrush, onPick });
  handlers.current = { onBrush, onPick };
  // Strings, so that an equal chart is not drawn anew when its page renders.
  const shape = JSON.stringify([
    times,
    series.map((each) => [each.label, each.values, each.colour, each.drawn]),
  ]);
  const looks = `${theme.value} ${language.value}`;

  useEffect(() => {
    const element = holder.current;
    if (!element) {
      return;
    }
    let chart: uPlot | undefined;
    let isGone = false;
    const resized = new ResizeObserver(() =>
      chart?.setSize({ width: element.clientWidth, height }),
    );
    void import("./chart-drawing").then(({ draw }) => {
      if (!isGone) {
        chart = draw(element, times, series, height, handlers);
        resized.observe(element);
      }
    });
    return () => {
      isGone = true;
      resized.disconnect();
      chart?.destroy();
    };
  }, [shape, looks, height]);

  return (
    <div
      ref={holder}
      class={style.chart}
      style={{ minHeight: `${height}px` }}
      role="img"
      aria-label={label}
    />
  );
}

/** Return what a canvas can use: a token's colour, or the CSS colour itself. */
export const canvasColour = (colour: string) =>
  colour.startsWith("--") ? tokenColour(colour as `--${string}`) : colour;
