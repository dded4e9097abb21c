/** The view of the graph as the address holds it, and what it asks of the API. */
import type { Query } from "../../api/client";
import { lengthMs, timeOf } from "../../components/time-range-picker";
import type { TimeRange } from "../../routing/time-range";

export type GraphQuery = Query<"/api/v1/graph">;
export type GraphType = NonNullable<GraphQuery["type"]>;
export type BoxKind = NonNullable<GraphQuery["box"]>[number];
export type Direction = NonNullable<GraphQuery["direction"]>;

export const TYPES = ["app", "versioned_app", "workload", "service", "operation"] as const;
export const LABELS = ["rate", "share", "errors", "p50", "p95", "p99", "protocol"] as const;
export const BOXES = ["cluster", "namespace", "app"] as const;
export const DIRECTIONS = ["both", "upstream", "downstream"] as const;
export const LAYOUTS = ["layers", "force"] as const;
/** How long ago the other window of a comparison may end, beside the one just before. */
export const EARLIER = ["1h", "1d", "7d"] as const;

export type EdgeLabel = (typeof LABELS)[number];
export type Layout = (typeof LAYOUTS)[number];

export const DEFAULT_LAST = "15m";
const DEFAULT_TYPE = "versioned_app";
const DEFAULT_LABELS: readonly EdgeLabel[] = ["rate", "errors"];

export interface View {
  type: GraphType;
  namespaces: readonly string[];
  clusters: readonly string[];
  boxes: readonly BoxKind[];
  find: string;
  hide: string;
  focus: string;
  depth: number;
  direction: Direction;
  minRate: string;
  idle: boolean;
  passesGateways: boolean;
  drawsWaypoints: boolean;
  /** `previous`, one of EARLIER, or `FROM/TO`; empty for no comparison. */
  compare: string;
  /** `v1,v2` of `service`. */
  compareVersions: string;
  service: string;
  labels: readonly EdgeLabel[];
  /** Milliseconds of p95 beyond which an edge is slow; 0 for no threshold. */
  threshold: number;
  layout: Layout;
  isAnimated: boolean;
  isTable: boolean;
  hasLegend: boolean;
  hasPanel: boolean;
  /** Id of a node or an edge; empty for none. */
  selected: string;
  /** Order of the table. */
  order: string;
}

/** Return the view that the parameters of an address describe; what is not known is left out. */
export function viewOf(query: URLSearchParams): View {
  const text = (name: string) => query.get(name) ?? "";
  const labels = query.getAll("label");
  return {
    type: known(TYPES, [text("type")])[0] ?? DEFAULT_TYPE,
    namespaces: query.getAll("namespace"),
    clusters: query.getAll("cluster"),
    boxes: known(BOXES, query.getAll("box")),
    find: text("find"),
    hide: text("hide"),
    focus: text("focus"),
    depth: Math.min(100, Math.max(1, Math.trunc(Number(text("depth"))) || 1)),
    direction: known(DIRECTIONS, [text("direction")])[0] ?? "both",
    minRate: text("min_rate"),
    idle: text("idle") === "true",
    passesGateways: text("gateways") === "pass",
    drawsWaypoints: text("waypoints") === "node",
    compare: text("compare"),
    compareVersions: text("compare_versions"),
    service: text("service"),
    labels: labels.length ? known(LABELS, labels) : DEFAULT_LABELS,
    threshold: Math.max(0, Number(text("threshold")) || 0),
    layout: known(LAYOUTS, [text("layout")])[0] ?? "layers",
    isAnimated: text("animate") !== "off",
    isTable: text("view") === "table",
    hasLegend: text("legend") === "1",
    hasPanel: text("panel") !== "off",
    selected: text("select"),
    order: text("order"),
  };
}

export const isComparing = (view: View) => Boolean(view.compare || view.compareVersions);

/** Return the parameters that choose and shape the graph, without its window. */
export function shapeOf(view: View): GraphQuery {
  return {
    type: view.type,
    ...(view.namespaces.length && { namespace: [...view.namespaces] }),
    ...(view.clusters.length && { cluster: [...view.clusters] }),
    ...(view.boxes.length && { box: [...view.boxes] }),
    ...(view.find && { find: view.find }),
    ...(view.hide && { hide: view.hide }),
    ...(view.focus && { focus: view.focus, depth: view.depth, direction: view.direction }),
    ...(view.minRate && { min_rate: Number(view.minRate) }),
    ...(view.idle && { idle: true }),
    ...(view.passesGateways && { gateways: "pass" as const }),
    ...(view.drawsWaypoints && { waypoints: "node" as const }),
  };
}

/**
 * Return the question to the API.
 *
 * @param nowMs of windows that end now, when they are compared with one that ended earlier.
 */
export function questionOf(view: View, range: TimeRange, nowMs: number): GraphQuery {
  const question = { ...shapeOf(view), ...range };
  if (view.compareVersions) {
    return { ...question, compare_versions: view.compareVersions, service: view.service };
  }
  if (view.compare) {
    return { ...question, compare: otherWindow(view.compare, range, nowMs) };
  }
  return question;
}

function otherWindow(compare: string, range: TimeRange, nowMs: number): string {
  const earlierMs = EARLIER.some((length) => length === compare) ? lengthMs(compare) : 0;
  if (!earlierMs) {
    return compare;
  }
  const { fromMs, toMs } = windowOf(range, nowMs);
  return [fromMs, toMs].map((ms) => new Date(ms - earlierMs).toISOString()).join("/");
}

export interface Window {
  fromMs: number;
  toMs: number;
}

/** Return the window of a range, milliseconds since the epoch. */
export function windowOf(range: TimeRange, nowMs: number): Window {
  const toMs = range.to ? timeOf(range.to).getTime() : nowMs;
  const fromMs = range.from
    ? timeOf(range.from).getTime()
    : toMs - lengthMs(range.last ?? DEFAULT_LAST);
  return { fromMs, toMs };
}

function known<T extends string>(values: readonly T[], wanted: readonly string[]): T[] {
  return values.filter((value) => wanted.includes(value));
}
