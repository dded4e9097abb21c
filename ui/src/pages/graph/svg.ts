/** The graph as an SVG document, drawn from the same positions, shapes and signs. */
import type { Point, Positions } from "./layout";
import { type Look, NODE_SIZE, SHAPES } from "./looks";
import { type Mark, SIGNS } from "./marks";
import { lengthOf, type Path, pointAt } from "./paths";
import type { Scene, SceneEdge } from "./scene";

export interface Frame {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface Geometry {
  positions: Positions;
  paths: Record<string, Path>;
  frames: Record<string, Frame>;
  marks: readonly Mark[];
}

/** Colours that a file can hold, which knows no tokens. */
export interface Palette {
  surface: string;
  sunken: string;
  border: string;
  text: string;
  muted: string;
  line: (look: Look) => string;
  fill: (look: Look) => string;
  sign: (look: Look) => string;
  width: (rate: number, look: Look) => number;
}

const MARGIN = 60;
const LABEL_LINE = 13;
const HALF = NODE_SIZE / 2;

/** Return the document; `title` says what it shows. */
export function svgOf(scene: Scene, geometry: Geometry, palette: Palette, title: string): string {
  const { x1, y1, x2, y2 } = extent(geometry);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${at(x1, y1)} ${at(x2 - x1, y2 - y1)}" width="${r(x2 - x1)}" height="${r(y2 - y1)}" font-family="system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="${r(x1)}" y="${r(y1)}" width="100%" height="100%" fill="${palette.surface}"/>`,
    ...scene.boxes.map(({ id, label }) => box(geometry.frames[id], label, palette)),
    ...scene.edges.map((edge) => line(edge, geometry.paths[edge.id], palette)),
    ...scene.nodes.map(({ id, kind, look, label }) => {
      const position = geometry.positions[id];
      return position
        ? `<g fill="${palette.fill(look)}" stroke="${palette.line(look)}" stroke-width="2">${shape(SHAPES[kind], position)}</g>${caption(label, { x: position.x, y: position.y + HALF + 14 }, 11, palette)}`
        : "";
    }),
    ...scene.edges.map(({ id, label }) => {
      const path = geometry.paths[id];
      return path && label ? caption(label, pointAt(path, 0.5), 10, palette) : "";
    }),
    ...geometry.marks.map((mark) => sign(mark, palette)),
    "</svg>",
  ];
  return parts.filter(Boolean).join("\n");
}

function extent({ positions, frames }: Geometry): Frame {
  const corners = [
    ...Object.values(positions),
    ...Object.values(frames).flatMap(({ x1, y1, x2, y2 }) => [
      { x: x1, y: y1 },
      { x: x2, y: y2 },
    ]),
  ];
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  return {
    x1: Math.min(0, ...xs) - MARGIN,
    y1: Math.min(0, ...ys) - MARGIN,
    x2: Math.max(0, ...xs) + MARGIN,
    y2: Math.max(0, ...ys) + MARGIN,
  };
}

function box(frame: Frame | undefined, label: string, palette: Palette): string {
  if (!frame) {
    return "";
  }
  const { x1, y1, x2, y2 } = frame;
  return `<rect x="${r(x1)}" y="${r(y1)}" width="${r(x2 - x1)}" height="${r(y2 - y1)}" rx="8" fill="${palette.sunken}" stroke="${palette.border}"/><text x="${r((x1 + x2) / 2)}" y="${r(y1 - 4)}" text-anchor="middle" font-size="11" font-weight="600" fill="${palette.muted}">${escaped(label)}</text>`;
}

function line({ edge, look }: SceneEdge, path: Path | undefined, palette: Palette): string {
  if (!path) {
    return "";
  }
  const colour = palette.line(look);
  const dash = edge.asynchronous ? "6 4" : edge.inferred || look === "gone" ? "2 3" : "";
  const points = path.points.map(({ x, y }) => at(x, y)).join(" ");
  return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="${r(palette.width(edge.rate, look))}"${dash && ` stroke-dasharray="${dash}"`}/>${arrow(path, colour)}`;
}

const ARROW = 9;

function arrow(path: Path, colour: string): string {
  const tip = pointAt(path, 1);
  const back = pointAt(path, 1 - ARROW / Math.max(ARROW, lengthOf(path)));
  const [x, y] = [(tip.x - back.x) * 0.45, (tip.y - back.y) * 0.45];
  const corners = [tip, { x: back.x - y, y: back.y + x }, { x: back.x + y, y: back.y - x }];
  return `<polygon points="${corners.map((corner) => at(corner.x, corner.y)).join(" ")}" fill="${colour}"/>`;
}

function shape(corners: readonly (readonly [number, number])[], { x, y }: Point): string {
  const points = corners.map(([left, top]) => at(x + left * HALF, y + top * HALF)).join(" ");
  return points
    ? `<polygon points="${points}"/>`
    : `<circle cx="${r(x)}" cy="${r(y)}" r="${HALF}"/>`;
}

function caption(label: string, { x, y }: Point, size: number, palette: Palette): string {
  const lines = label.split("\n");
  const spans = lines.map(
    (each, index) => `<tspan x="${r(x)}" dy="${index ? LABEL_LINE : 0}">${escaped(each)}</tspan>`,
  );
  return `<text y="${r(y)}" text-anchor="middle" font-size="${size}" fill="${palette.text}" stroke="${palette.surface}" stroke-width="3" paint-order="stroke">${spans.join("")}</text>`;
}

function sign({ sign: name, look, x, y }: Mark, palette: Palette): string {
  const { body, strokes } = SIGNS[name];
  const [fill, stroke] =
    name === "lock" ? [palette.muted, palette.muted] : [palette.sign(look), palette.surface];
  return `<g transform="translate(${at(x, y)})"><path d="${body}" fill="${fill}"/><path d="${strokes}" fill="none" stroke="${stroke}" stroke-width="1.4"/></g>`;
}

const r = (value: number) => String(Math.round(value * 10) / 10);
const at = (x: number, y: number) => `${r(x)} ${r(y)}`;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string) =>
  text
    // XML allows none of these, in no spelling.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd")
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
