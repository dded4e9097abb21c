/** uPlot with the looks of the UI. Loaded by chart.tsx only, when there is a chart to draw. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { resolvedColour, tokenColour } from "../app/theme";
import { secondsToNano } from "../routing/time-range";
import { axisTime, time } from "../text/format";
import { messages } from "../text/messages";
import { canvasColour, type Series } from "./chart";

const text = messages({ time: { en: "Time", ja: "時刻" } });

interface Handlers {
  current: {
    onBrush?: ((from: number, to: number) => void) | undefined;
    onPick?: ((index: number) => void) | undefined;
  };
}

/** Pixels that a brush must cover; less is a click. */
const BRUSH_PX = 4;

export function draw(
  element: HTMLElement,
  times: readonly number[],
  series: readonly Series[],
  height: number,
  handlers: Handlers,
): uPlot {
  const muted = tokenColour("--text-muted");
  const grid = { stroke: tokenColour("--border"), width: 1 };
  const axis = { stroke: muted, grid, ticks: grid, font: "11px system-ui, sans-serif" };
  const [first] = series;
  const length = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      legend: { show: true, live: true },
      cursor: { drag: { x: Boolean(handlers.current.onBrush), y: false, setScale: false } },
      scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [
        {
          ...axis,
          size: 30,
          values: (_, splits) => splits.map((value) => axisTime(value, length)),
        },
        {
          ...axis,
          size: 64,
          values: (_, splits) => splits.map((value) => first?.format(value) ?? String(value)),
        },
      ],
      series: [
        {
          label: text.time,
          value: (_, value) => (value == null ? "–" : time(secondsToNano(value))),
        },
        ...series.map(drawnSeries),
      ],
      hooks: {
        setSelect: [
          (chart) => {
            const { left, width } = chart.select;
            if (width >= BRUSH_PX) {
              handlers.current.onBrush?.(
                chart.posToVal(left, "x"),
                chart.posToVal(left + width, "x"),
              );
              chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            }
          },
        ],
        ready: [
          (chart) => {
            let pressedAt = 0;
            chart.over.addEventListener("mousedown", (event) => {
              pressedAt = event.clientX;
            });
            chart.over.addEventListener("mouseup", (event) => {
              const { idx } = chart.cursor;
              if (Math.abs(event.clientX - pressedAt) < BRUSH_PX && idx != null) {
                handlers.current.onPick?.(idx);
              }
            });
          },
        ],
      },
    },
    [[...times], ...series.map((each) => [...each.values])],
    element,
  );
}

function drawnSeries(series: Series): uPlot.Series {
  const stroke = canvasColour(series.colour);
  const base: uPlot.Series = {
    label: series.label,
    stroke,
    width: 1.5,
    points: { show: false },
    value: (_, value) => series.format(value),
  };
  if (series.drawn === "bars" && uPlot.paths.bars) {
    return { ...base, fill: stroke, width: 0, paths: uPlot.paths.bars({ size: [0.9, 24] }) };
  }
  if (series.drawn === "area") {
    return { ...base, fill: resolvedColour(`color-mix(in srgb, ${stroke} 18%, transparent)`) };
  }
  return base;
}
