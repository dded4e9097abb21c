/** The texts of the UI in every language it speaks, side by side where they are used. */
import { type Language, language } from "./language";

// biome-ignore lint/suspicious/noExplicitAny: any parameters; `Spoken` keeps their types
type Phrase = string | ((...parameters: any[]) => string);
type Translations<P extends Phrase> = P extends string
  ? Record<Language, string>
  : Record<Language, P>;
type Catalogue = Record<string, Translations<Phrase>>;
type Spoken<C extends Catalogue> = { readonly [K in keyof C]: C[K]["en"] };

/**
 * Return the texts in the current language, followed by what reads them.
 *
 * ```ts
 * const text = messages({
 *   title: { en: "Search", ja: "検索" },
 *   found: { en: (n: number) => `${n} traces`, ja: (n: number) => `${n} 件のトレース` },
 * });
 * text.title; text.found(3);
 * ```
 */
export function messages<const C extends Catalogue>(catalogue: C): Spoken<C> {
  const spoken = {} as Record<string, Phrase>;
  for (const [key, translations] of Object.entries(catalogue)) {
    Object.defineProperty(spoken, key, {
      enumerable: true,
      get: () => (translations as Record<Language, Phrase>)[language.value],
    });
  }
  return spoken as Spoken<C>;
}
