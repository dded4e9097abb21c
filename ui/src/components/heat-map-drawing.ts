/** The heat map on a canvas. */
import { resolvedColour, tokenColour } from "../app/theme";
import { axisTime, milliseconds } from "../text/format";
import { type Cells, clamped, type Grid, rowCount, single } from "./heat-map-grid";

/** Pixels around the cells, for what is written at the axes. */
const LEFT = 64;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 22;
const FONT = "11px system-ui, sans-serif";
/** Pixels that a time at the axis has for itself. */
const TIME_WIDTH = 90;
const GAP = 1;

/** Shades of cells with calls, of which legends show some. */
export const shade = (share: number) => 0.12 + 0.88 * share;

interface Size {
  width: number;
  height: number;
}

/** Return the cell at a place in pixels; the nearest one if it is beside them. */
export function cellAt(grid: Grid, { width, height }: Size, x: number, y: number): Cells {
  const column = ((x - LEFT) / (width - LEFT - RIGHT)) * grid.starts.length;
  const row = ((height - BOTTOM - y) / (height - TOP - BOTTOM)) * rowCount(grid);
  return single(clamped(column, grid.starts.length), clamped(row, rowCount(grid)));
}

/** Return where cells are, in pixels. */
export function boxOf(grid: Grid, { width, height }: Size, cells: Cells) {
  const columnWidth = (width - LEFT - RIGHT) / grid.starts.length;
  const rowHeight = (height - TOP - BOTTOM) / rowCount(grid);
  return {
    left: LEFT + cells.fromColumn * columnWidth,
    top: height - BOTTOM - (cells.toRow + 1) * rowHeight,
    width: (cells.toColumn - cells.fromColumn + 1) * columnWidth,
    height: (cells.toRow - cells.fromRow + 1) * rowHeight,
  };
}

export function draw(canvas: HTMLCanvasElement, grid: Grid, size: Size, chosen: Cells | null) {
  const context = canvas.getContext("2d");
  if (!context) {
    return;
  }
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(size.width * scale);
  canvas.height = Math.round(size.height * scale);
  context.scale(scale, scale);
  drawAxes(context, grid, size);
  drawCells(context, grid, size);
  if (chosen) {
    const { left, top, width, height } = boxOf(grid, size, chosen);
    context.strokeStyle = tokenColour("--text");
    context.lineWidth = 2;
    context.strokeRect(left, top, width - GAP, height - GAP);
  }
}

function drawCells(context: CanvasRenderingContext2D, grid: Grid, size: Size) {
  const most = Math.log1p(grid.highest);
  const shades = new Map<number, string>();
  for (const [column, counts] of grid.counts.entries()) {
    for (const [row, count] of counts.entries()) {
      if (count > 0) {
        const percent = Math.round(100 * shade(Math.log1p(count) / most));
        const colour =
          shades.get(percent) ??
          resolvedColour(`color-mix(in srgb, var(--accent) ${percent}%, transparent)`);
        shades.set(percent, colour);
        const box = boxOf(grid, size, single(column, row));
        context.fillStyle = colour;
        context.fillRect(box.left, box.top, box.width - GAP, box.height - GAP);
      }
    }
  }
}

function drawAxes(context: CanvasRenderingContext2D, grid: Grid, { width, height }: Size) {
  const foot = height - BOTTOM;
  context.font = FONT;
  context.fillStyle = tokenColour("--text-muted");
  context.strokeStyle = tokenColour("--border");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const lowest = Math.log(grid.edges[0] ?? 1);
  const highest = Math.log(grid.edges.at(-1) ?? 1);
  for (const tick of durationTicks(grid)) {
    const share = (Math.log(tick) - lowest) / (highest - lowest);
    const y = Math.round(foot - share * (foot - TOP)) + 0.5;
    context.fillText(milliseconds(tick), LEFT - 8, y);
    line(context, LEFT, y, width - RIGHT, y);
  }
  line(context, LEFT, foot + 0.5, width - RIGHT, foot + 0.5);
  context.textAlign = "center";
  context.textBaseline = "top";
  const columnWidth = (width - LEFT - RIGHT) / grid.starts.length;
  const length = grid.end - (grid.starts[0] ?? grid.end);
  const every = Math.max(1, Math.ceil(TIME_WIDTH / columnWidth));
  for (let column = 0; column < grid.starts.length; column += every) {
    const x = LEFT + column * columnWidth;
    // A time at the very edge would leave the canvas.
    if (x + TIME_WIDTH / 3 < width) {
      line(context, x + 0.5, foot, x + 0.5, foot + 4);
      context.fillText(axisTime(grid.starts[column] ?? 0, length), x, foot + 7);
    }
  }
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** Return round durations inside of the grid, not more than the axis has room for. */
export function durationTicks(grid: Grid): number[] {
  const [lowest = 1] = grid.edges;
  const highest = grid.edges.at(-1) ?? lowest;
  const decades = Math.log10(highest / lowest);
  const steps = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(lowest)); 10 ** power <= highest; power++) {
    ticks.push(...steps.map((step) => step * 10 ** power));
  }
  return ticks.filter((tick) => tick >= lowest && tick <= highest);
}
