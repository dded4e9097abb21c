/** Light or dark: as chosen, else as the system prefers. */
import { computed, effect, signal } from "@preact/signals";
import { remember, remembered } from "./preferences";

export type Theme = "light" | "dark";

const isTheme = (text: string | null): text is Theme => text === "light" || text === "dark";

const darkPreferred = window.matchMedia("(prefers-color-scheme: dark)");
const system = signal<Theme>(darkPreferred.matches ? "dark" : "light");
darkPreferred.addEventListener("change", (event) => {
  system.value = event.matches ? "dark" : "light";
});

const saved = remembered("theme");
const chosen = signal<Theme | null>(isTheme(saved) ? saved : null);

/** What is shown. Drawings on a canvas read it, to be drawn anew when it changes. */
export const theme = computed(() => chosen.value ?? system.value);

export function chooseTheme(next: Theme): void {
  remember("theme", next);
  chosen.value = next;
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

/** Return a token's colour in the current theme, such as `tokenColour("--error")`, for a canvas. */
export function tokenColour(token: `--${string}`): string {
  return resolvedColour(`var(${token})`);
}

/** Return any CSS colour as every canvas library understands it: `rgb(…)` or `rgba(…)`. */
export function resolvedColour(colour: string): string {
  const key = `${theme.value} ${colour}`;
  let resolved = resolvedColours.get(key);
  if (resolved === undefined) {
    const probe = document.createElement("span");
    probe.style.color = colour;
    document.body.append(probe);
    resolved = asRgb(getComputedStyle(probe).color);
    probe.remove();
    resolvedColours.set(key, resolved);
  }
  return resolved;
}

const resolvedColours = new Map<string, string>();

const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Return what a pixel of a colour, such as `oklch(…)`, has. */
function asRgb(colour: string): string {
  if (!pixel || colour.startsWith("rgb")) {
    return colour;
  }
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = pixel.getImageData(0, 0, 1, 1).data;
  return alpha === 255
    ? `rgb(${red}, ${green}, ${blue})`
    : `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`;
}
