/** The pages and their paths. Each page is loaded when it is opened first. */
import type { ComponentType } from "preact";
import { messages } from "../text/messages";

const text = messages({
  search: { en: "Traces", ja: "トレース" },
  trace: { en: "Trace", ja: "トレース" },
  request: { en: "Request", ja: "リクエスト" },
  graph: { en: "Mesh graph", ja: "メッシュグラフ" },
  services: { en: "Services", ja: "サービス" },
  service: { en: "Service", ja: "サービス" },
  compare: { en: "Compare", ja: "比較" },
  propagation: { en: "Propagation", ja: "伝播診断" },
  system: { en: "System", ja: "システム" },
});

/** What a page gets: the parts of its path that are in braces, decoded. */
export interface PageProps {
  parameters: Readonly<Record<string, string>>;
}

export interface Page {
  /** Begins with a slash; `{name}` stands for one part. */
  path: string;
  title: () => string;
  load: () => Promise<{ default: ComponentType<PageProps> }>;
  /** Whether it is in the navigation. */
  isListed?: boolean;
}

export const HOME = "/search";

export const PAGES: readonly Page[] = [
  {
    path: "/search",
    title: () => text.search,
    load: () => import("../pages/search"),
    isListed: true,
  },
  {
    path: "/graph",
    title: () => text.graph,
    load: () => import("../pages/graph"),
    isListed: true,
  },
  {
    path: "/services",
    title: () => text.services,
    load: () => import("../pages/services"),
    isListed: true,
  },
  {
    path: "/services/{name}",
    title: () => text.service,
    load: () => import("../pages/service"),
  },
  {
    path: "/compare",
    title: () => text.compare,
    load: () => import("../pages/compare"),
    isListed: true,
  },
  {
    path: "/propagation",
    title: () => text.propagation,
    load: () => import("../pages/propagation"),
    isListed: true,
  },
  {
    path: "/system",
    title: () => text.system,
    load: () => import("../pages/system"),
    isListed: true,
  },
  {
    path: "/trace/{trace_id}",
    title: () => text.trace,
    load: () => import("../pages/trace"),
  },
  {
    path: "/request/{x_request_id}",
    title: () => text.request,
    load: () => import("../pages/trace"),
  },
];

/** Return the page of a path with the parts in its braces; undefined if there is none. */
export function pageOf(
  path: string,
): { page: Page; parameters: Record<string, string> } | undefined {
  const wanted = path === "/" ? HOME : path.replace(/\/$/, "");
  for (const page of PAGES) {
    const parameters = matched(page.path.split("/"), wanted.split("/"));
    if (parameters) {
      return { page, parameters };
    }
  }
  return undefined;
}

function matched(pattern: string[], parts: string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) {
    return undefined;
  }
  const parameters: Record<string, string> = {};
  for (const [index, piece] of pattern.entries()) {
    const part = parts[index] ?? "";
    if (piece.startsWith("{")) {
      parameters[piece.slice(1, -1)] = decoded(part);
    } else if (piece !== part) {
      return undefined;
    }
  }
  return parameters;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone percent sign stands for itself
  }
}
