/** A colour for each service, the same on every page and at every visit. */
import { theme } from "../app/theme";

const HUES = 24;
/** Steps between hues of neighbouring numbers, so that near hashes look apart. */
const STRIDE = 7;

/** Return a CSS colour that stands out from the surface; never the only sign of anything. */
export function serviceColour(name: string): string {
  const hash = hashOf(name);
  const hue = ((hash * STRIDE) % HUES) * (360 / HUES);
  const shade = (hash >>> 8) % 3;
  const [lightness, chroma] =
    theme.value === "dark" ? [0.66 + shade * 0.07, 0.12] : [0.48 + shade * 0.07, 0.13];
  return `oklch(${lightness.toFixed(2)} ${chroma} ${hue})`;
}

/** FNV-1a of the text, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
