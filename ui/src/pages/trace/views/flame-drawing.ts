/** Draws the frames of a flame graph that are in sight on a canvas. */
import { resolvedColour, tokenColour } from "../../../app/theme";
import { serviceColour } from "../../../components/service-colour";
import type { Span } from "../view";
import { serviceOf } from "../words";
import { type Flame, type Frame, isWithin } from "./frames";

export const FRAME_HEIGHT = 22;
const GAP = 1;
/** Pixels below which a frame is not worth drawing on its own. */
const LEAST_WIDTH = 0.6;
/** Pixels that a text needs, and the room beside it. */
const LEAST_TEXT = 28;
const PADDING = 5;

export interface Scene {
  spans: readonly Span[];
  flame: Flame;
  /** Frame that fills the width; null for all. */
  zoom: number | null;
  /** Frames that hold a span that was found; null if nothing is sought. */
  found: ReadonlySet<number> | null;
  /** Frame of the selected span. */
  selected: number | null;
}

/** What of the drawing is in sight, pixels. */
export interface Sight {
  width: number;
  height: number;
  /** How far it is scrolled down. */
  top: number;
}

/** Where a frame is drawn: pixels from the upper left of the whole drawing. */
export interface Box {
  left: number;
  top: number;
  width: number;
}

/** Return where a frame is drawn; undefined if zooming put it out of sight. */
export function boxOf({ flame, zoom }: Scene, index: number, width: number): Box | undefined {
  const frame = flame.frames[index];
  if (!frame || !isWithin(flame, index, zoom)) {
    return undefined;
  }
  const whole = zoom === null ? undefined : flame.frames[zoom];
  const from = whole?.start ?? 0;
  const scale = width / ((whole?.end ?? 1) - from);
  const left = Math.max(0, (frame.start - from) * scale);
  const right = Math.min(width, (frame.end - from) * scale);
  return { left, top: frame.level * FRAME_HEIGHT, width: right - left };
}

/** Return the part of all frames' width that a pixel is at. */
export function partAt({ flame, zoom }: Scene, x: number, width: number): number {
  const whole = zoom === null ? undefined : flame.frames[zoom];
  const from = whole?.start ?? 0;
  return from + (x / width) * ((whole?.end ?? 1) - from);
}

export function draw(canvas: HTMLCanvasElement, scene: Scene, { width, height, top }: Sight): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context) {
    return;
  }
  context.scale(ratio, ratio);
  context.translate(0, -top);
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  context.textBaseline = "middle";
  const paint = painter(context, scene);
  const { levels } = scene.flame;
  const last = Math.min(levels.length, Math.ceil((top + height) / FRAME_HEIGHT));
  for (let level = Math.floor(top / FRAME_HEIGHT); level < last; level++) {
    for (const index of levels[level] ?? []) {
      const box = boxOf(scene, index, width);
      if (box && box.width >= LEAST_WIDTH) {
        paint(index, box);
      }
    }
  }
}

function painter(
  context: CanvasRenderingContext2D,
  { spans, flame, zoom, found, selected }: Scene,
) {
  const texts = { ink: tokenColour("--text"), error: tokenColour("--error") };
  const fills = new Map<string, string>();
  const fillOf = (service: string, strength: number) => {
    const key = `${strength} ${service}`;
    let fill = fills.get(key);
    if (fill === undefined) {
      const colour = service ? serviceColour(service) : "var(--border-strong)";
      fill = resolvedColour(`color-mix(in oklab, ${colour} ${strength}%, var(--surface))`);
      fills.set(key, fill);
    }
    return fill;
  };
  const above = new Set<number>();
  for (let at = flame.frames[zoom ?? -1]?.parent ?? null; at !== null; ) {
    above.add(at);
    at = flame.frames[at]?.parent ?? null;
  }

  return (index: number, { left, top, width }: Box) => {
    const frame = flame.frames[index] as Frame;
    const span = spans[frame.spans[0] ?? -1];
    if (!span) {
      return;
    }
    const isBehind = above.has(index) || (found !== null && !found.has(index));
    const inner = Math.max(LEAST_WIDTH, width - GAP);
    context.fillStyle = fillOf(span.missing ? "" : span.service_name, isBehind ? 14 : 42);
    context.fillRect(left, top, inner, FRAME_HEIGHT - GAP);
    if (frame.spans.some((each) => spans[each]?.error)) {
      context.fillStyle = texts.error;
      context.fillRect(left, top + FRAME_HEIGHT - GAP - 3, inner, 3);
    }
    if (found?.has(index) && inner > 3) {
      outline(context, tokenColour("--warning"), left, top, inner);
    }
    if (index === selected) {
      outline(context, tokenColour("--accent"), left, top, inner);
    }
    if (inner >= LEAST_TEXT) {
      context.fillStyle = texts.ink;
      context.fillText(
        shortened(context, label(span, frame), inner - 2 * PADDING),
        left + PADDING,
        top + FRAME_HEIGHT / 2,
      );
    }
  };
}

function outline(
  context: CanvasRenderingContext2D,
  colour: string,
  left: number,
  top: number,
  width: number,
) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(left + 1, top + 1, Math.max(1, width - 2), FRAME_HEIGHT - GAP - 2);
}

const label = (span: Span, { spans }: Frame) =>
  `${serviceOf(span)}  ${span.name}${spans.length > 1 ? `  ×${spans.length}` : ""}`;

/** Return the text, cut where it would be wider than so many pixels. */
function shortened(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) {
    return text;
  }
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low > 1 ? `${text.slice(0, low)}…` : "";
}
