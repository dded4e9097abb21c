/** Addresses of the pages, and the links between them. */
import { navigate, type QueryValue, withQuery } from "./location";

export const searchLink = (parameters: Record<string, QueryValue> = {}) =>
  withQuery("/search", parameters);

/**
 * `span` is the id of the span to select and scroll to; `uploaded` is "1" for a trace that the user
 * uploaded.
 */
export const traceLink = (
  traceId: string,
  parameters: { span?: string; view?: string; uploaded?: string } = {},
) => withQuery(`/trace/${encodeURIComponent(traceId)}`, parameters);

/** All traces of one mesh request, read as one. */
export const requestLink = (requestId: string, parameters: { span?: string } = {}) =>
  withQuery(`/request/${encodeURIComponent(requestId)}`, parameters);

export const graphLink = (parameters: Record<string, QueryValue> = {}) =>
  withQuery("/graph", parameters);

export const servicesLink = (parameters: Record<string, QueryValue> = {}) =>
  withQuery("/services", parameters);

/** `name` is the service in any of its forms, best the `name` of a graph's node. */
export const serviceLink = (name: string, parameters: Record<string, QueryValue> = {}) =>
  withQuery(`/services/${encodeURIComponent(name)}`, parameters);

/** `a` and `b`: trace ids, or searches as query strings. */
export const compareLink = (a: QueryValue, b: QueryValue = undefined) =>
  withQuery("/compare", { a, b });

export const propagationLink = (parameters: Record<string, QueryValue> = {}) =>
  withQuery("/propagation", parameters);

export const systemLink = () => "/system";

/** Follow clicks on links of this UI without loading a page anew. Call once. */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || isModified(event)) {
      return;
    }
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download") || link.rel === "external") {
      return;
    }
    const target = new URL(link.href);
    const isPage = target.origin === window.location.origin && !OTHERS.test(target.pathname);
    if (isPage && !(link.getAttribute("href") ?? "").startsWith("#")) {
      event.preventDefault();
      navigate(link.href);
    }
  });
}

/** Paths of this origin that are not pages of this UI. */
const OTHERS = /^\/(api|jaeger|kiali|metrics|servicegraph|ui|vizceral)(\/|$)/;

function isModified(event: MouseEvent): boolean {
  return event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}
