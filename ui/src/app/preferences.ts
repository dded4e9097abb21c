/** What this browser remembers of its user: looks only, never what is looked at. */

type Preference = "language" | "theme";

const keyOf = (preference: Preference) => `spanloom.${preference}`;

/** Return what was remembered; null if nothing was, or if the browser remembers nothing. */
export function remembered(preference: Preference): string | null {
  try {
    return window.localStorage.getItem(keyOf(preference));
  } catch {
    return null; // storage is switched off: every visit begins with the defaults
  }
}

/** Remember a preference, where the browser allows it. */
export function remember(preference: Preference, value: string): void {
  try {
    window.localStorage.setItem(keyOf(preference), value);
  } catch {
    // As above: the preference holds until the page is left.
  }
}
