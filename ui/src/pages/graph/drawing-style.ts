/** Looks of the drawing for cytoscape, in the colours of the current theme. */
import type cytoscape from "cytoscape";
import { tokenColour } from "../../app/theme";
import { LOOK_COLOUR, type Look, NODE_SIZE, SHAPES } from "./looks";
import type { Palette } from "./svg";

const FONT = "system-ui, sans-serif";

export const lookColour = (look: Look) => tokenColour(LOOK_COLOUR[look]);

/** Return a tint of the look for a surface. */
export const lookSurface = (look: Look) => onSurface(LOOK_COLOUR[look], 0.16);

/** Return the colour of an edge: what is well stays behind what is not. */
export const edgeColour = (look: Look) =>
  look === "healthy" ? onSurface(LOOK_COLOUR.healthy, 0.62) : lookColour(look);

/** Return a share of a colour mixed into the surface, in the only notation cytoscape reads. */
function onSurface(token: `--${string}`, share: number): string {
  const [colour, surface] = [token, "--surface" as const].map((each) =>
    (tokenColour(each).match(/[\d.]+/g) ?? []).slice(0, 3).map(Number),
  );
  const mixed = (colour ?? []).map((part, index) =>
    Math.round(part * share + (surface?.[index] ?? 0) * (1 - share)),
  );
  return `rgb(${mixed.join(", ")})`;
}

/** Return the width of a line in pixels: as rates differ by orders of magnitude, so do lines. */
export const edgeWidth = (rate: number, look: Look) =>
  Math.min(5, 1.2 + Math.log10(1 + 10 * rate)) + (look === "failure" ? 1 : 0);

/** Return the colours of an exported picture. */
export const palette = (): Palette => ({
  surface: tokenColour("--surface"),
  sunken: tokenColour("--surface-sunken"),
  border: tokenColour("--border"),
  text: tokenColour("--text"),
  muted: tokenColour("--text-muted"),
  line: edgeColour,
  fill: lookSurface,
  sign: lookColour,
  width: edgeWidth,
});

/** The types that cytoscape has know no underlays. */
interface Block {
  selector: string;
  style: Record<string, string | number>;
}

export const drawingStyle = () => blocks() as cytoscape.StylesheetJson;

function blocks(): Block[] {
  const text = tokenColour("--text");
  const surface = tokenColour("--surface");
  const accent = tokenColour("--accent");
  const label = {
    "font-family": FONT,
    color: text,
    "text-background-color": surface,
    "text-background-opacity": 0.86,
    "text-background-padding": "2px",
    "text-background-shape": "roundrectangle",
    "min-zoomed-font-size": 6,
  };
  const looks = Object.keys(LOOK_COLOUR) as Look[];
  return [
    {
      selector: "node",
      style: {
        ...label,
        width: NODE_SIZE,
        height: NODE_SIZE,
        label: "data(label)",
        "font-size": 12,
        "text-wrap": "wrap",
        "text-max-width": "160px",
        "text-valign": "bottom",
        "text-margin-y": 4,
        "border-width": 2,
        "overlay-opacity": 0,
      },
    },
    ...Object.entries(SHAPES).map(
      ([kind, corners]): Block => ({
        selector: `node[kind = "${kind}"]`,
        style: corners.length
          ? { shape: "polygon", "shape-polygon-points": corners.flat().join(" ") }
          : { shape: "ellipse" },
      }),
    ),
    ...looks.map((look) => ({
      selector: `node[look = "${look}"]`,
      style: {
        "border-color": lookColour(look),
        "background-color": lookSurface(look),
        "border-width": look === "failure" || look === "much_worse" ? 3 : 2,
      },
    })),
    { selector: "node[?isIdle]", style: { "border-style": "dashed", opacity: 0.6 } },
    {
      selector: "node[?isBox]",
      style: {
        shape: "roundrectangle",
        "background-color": tokenColour("--surface-sunken"),
        "background-opacity": 0.55,
        "border-width": 1,
        "border-color": tokenColour("--border"),
        "font-weight": 600,
        color: tokenColour("--text-muted"),
        "text-valign": "top",
        "text-margin-y": -2,
        "text-background-opacity": 0,
        padding: "18px",
        events: "no",
      },
    },
    {
      selector: "edge",
      style: {
        ...label,
        width: "data(width)",
        label: "data(label)",
        "font-size": 10,
        // Above the line, which is where traffic moves.
        "text-margin-y": -8,
        "curve-style": "bezier",
        "control-point-step-size": 46,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.9,
        "overlay-opacity": 0,
        "loop-direction": "-45deg",
      },
    },
    ...looks.map((look) => ({
      selector: `edge[look = "${look}"]`,
      style: { "line-color": edgeColour(look), "target-arrow-color": edgeColour(look) },
    })),
    // What is wrong lies above what is not.
    { selector: 'edge[look = "degraded"], edge[look = "worse"]', style: { "z-index": 2 } },
    { selector: 'edge[look = "failure"], edge[look = "much_worse"]', style: { "z-index": 3 } },
    { selector: "edge[?isAsynchronous]", style: { "line-style": "dashed" } },
    { selector: 'edge[?isInferred], edge[look = "gone"]', style: { "line-style": "dotted" } },
    {
      selector: ".found",
      style: {
        "underlay-color": tokenColour("--info"),
        "underlay-opacity": 0.35,
        "underlay-padding": 7,
        "underlay-shape": "ellipse",
      },
    },
    { selector: "edge.found", style: { "underlay-padding": 4 } },
    { selector: ".behind", style: { opacity: 0.22 } },
    {
      selector: ".walked",
      style: {
        "underlay-color": accent,
        "underlay-opacity": 0.25,
        "underlay-padding": 9,
        "underlay-shape": "ellipse",
      },
    },
    {
      selector: ".selected",
      style: {
        "underlay-color": accent,
        "underlay-opacity": 0.4,
        "underlay-padding": 8,
        "underlay-shape": "ellipse",
      },
    },
    { selector: "edge.selected", style: { "underlay-padding": 4, "z-index": 9 } },
  ];
}
