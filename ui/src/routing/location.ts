/** Where the user is: path and query of the address. The address holds the whole view state. */
import { computed, signal } from "@preact/signals";

const address = signal(new URL(window.location.href));

/** The path, such as `/trace/4bf92f3577b34da6a3ce929d0e0e4736`. */
export const path = computed(() => address.value.pathname);

/** The parameters of the query string. Do not change them: see `changeQuery`. */
export const query = computed(() => address.value.searchParams);

/** The fragment without its `#`. */
export const fragment = computed(() => address.value.hash.slice(1));

window.addEventListener("popstate", () => {
  address.value = new URL(window.location.href);
});

export interface NavigateOptions {
  /** Take the place of the current entry of the history: for what Back need not undo. */
  replace?: boolean;
}

/** Go to an address of this UI. Does nothing if it is the current one. */
export function navigate(href: string, { replace = false }: NavigateOptions = {}): void {
  const next = new URL(href, window.location.href);
  if (next.href === address.peek().href) {
    return;
  }
  if (replace) {
    window.history.replaceState(null, "", next);
  } else {
    window.history.pushState(null, "", next);
    if (next.pathname !== address.peek().pathname) {
      window.scrollTo(0, 0);
    }
  }
  address.value = next;
}

/** What a parameter of the query becomes: absent, a text, or one for each of several. */
export type QueryValue = string | readonly string[] | undefined;

/** Return `path` with a query of what is given; empty texts and undefined are left out. */
export function withQuery(path: string, values: Record<string, QueryValue>): string {
  const text = changed(new URLSearchParams(), values).toString();
  return text ? `${path}?${text}` : path;
}

/** Set or, with undefined or "", remove parameters of the current address; keep all others. */
export function changeQuery(
  changes: Record<string, QueryValue>,
  options: NavigateOptions = {},
): void {
  const text = changed(new URLSearchParams(query.peek()), changes).toString();
  navigate(`${path.peek()}${text ? `?${text}` : ""}${address.peek().hash}`, options);
}

function changed(parameters: URLSearchParams, changes: Record<string, QueryValue>) {
  for (const [name, value] of Object.entries(changes)) {
    parameters.delete(name);
    for (const each of typeof value === "string" ? [value] : (value ?? [])) {
      if (each) {
        parameters.append(name, each);
      }
    }
  }
  return parameters;
}
