/** The language of the UI: as chosen, else as the browser prefers. */
import { effect, signal } from "@preact/signals";
import { remember, remembered } from "../app/preferences";

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

const isLanguage = (text: string | null | undefined): text is Language =>
  LANGUAGES.some((known) => known === text);

function preferred(): Language {
  const chosen = remembered("language");
  if (isLanguage(chosen)) {
    return chosen;
  }
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en";
}

export const language = signal<Language>(preferred());

/** Choose a language, for this browser from now on. */
export function speak(chosen: Language): void {
  remember("language", chosen);
  language.value = chosen;
}

effect(() => {
  document.documentElement.lang = language.value;
});
