/** The rows of the list of services: what the graph, the series and the catalogue know of each. */
import type { Schema } from "../../api/client";
import { shownLatency } from "../../api/latency";

type Latency = Schema<"Latency">;

export interface ServiceRow {
  key: string;
  /** By which its traces are found. */
  name: string;
  label: string;
  kind: Schema<"PlaceKind">;
  namespace: string;
  cluster: string;
  health: Schema<"Health">;
  /** Received in the window; 0 for one that was silent. */
  calls: number;
  errors: number;
  /** Calls a second. */
  rate: number;
  errorPercent: number;
  latency: Latency;
  /** Calls a second by step; empty if no series is known. */
  rates: readonly number[];
  errorsByStep: readonly number[];
  /** When a silent one sent its last span, nanoseconds since the epoch; empty if not known. */
  lastSeen: string;
}

/** What stands before the mesh, or is nobody: not something that one looks after. */
const NOBODY: readonly Schema<"PlaceKind">[] = ["ingress", "unknown"];

/** Return the rows, most calls first, those that are silent last. */
export function rowsOf(
  graph: Schema<"Graph">,
  series: Schema<"MetricSeries">["series"],
  catalogue: Schema<"Services">["services"],
): ServiceRow[] {
  const seriesOf = new Map(series.map((each) => [each.labels.node?.id, each]));
  const lastSeenOf = new Map(catalogue.map((each) => [placeOf(each), each.last_seen_unix_nano]));
  const rows = graph.nodes
    .filter((node) => !NOBODY.includes(node.kind))
    .map((node): ServiceRow => {
      const { inbound } = node;
      const known = seriesOf.get(node.id);
      return {
        key: node.id,
        name: node.name,
        label: node.label,
        kind: node.kind,
        namespace: node.namespace,
        cluster: node.cluster,
        health: node.health,
        calls: inbound?.calls ?? 0,
        errors: inbound?.errors ?? 0,
        rate: inbound?.rate ?? 0,
        errorPercent: inbound?.error_percent ?? 0,
        latency: shownLatency(inbound),
        rates: known?.rate ?? [],
        errorsByStep: known?.errors ?? [],
        lastSeen: node.is_idle ? (lastSeenOf.get(placeOf(node)) ?? "") : "",
      };
    });
  const present = new Set(graph.nodes.map(placeOf));
  const absent = catalogue.filter((each) => !present.has(placeOf(each)));
  return [...rows.toSorted((a, b) => b.rate - a.rate), ...absent.map(silentRow)];
}

/** Return a row for a service that has been silent for longer than the graph remembers. */
function silentRow(service: Schema<"Services">["services"][number]): ServiceRow {
  return {
    key: placeOf(service),
    name: service.name,
    label: service.service,
    kind: "workload",
    namespace: service.namespace,
    cluster: service.cluster,
    health: { status: "na", reason: "" },
    calls: 0,
    errors: 0,
    rate: 0,
    errorPercent: 0,
    latency: null,
    rates: [],
    errorsByStep: [],
    lastSeen: service.last_seen_unix_nano,
  };
}

const placeOf = (place: { cluster: string; namespace: string; service: string }) =>
  JSON.stringify([place.cluster, place.namespace, place.service]);

export const GROUPS = ["services", "gateways", "backends"] as const;
export type Group = (typeof GROUPS)[number];

const GROUP_OF: Partial<Record<Schema<"PlaceKind">, Group>> = {
  gateway: "gateways",
  waypoint: "gateways",
  database: "backends",
  messaging: "backends",
  external: "backends",
};

export const groupOf = (row: ServiceRow): Group => GROUP_OF[row.kind] ?? "services";

export interface Filter {
  /** Part of a name, in any case. */
  name: string;
  namespace: string;
  cluster: string;
  /** A state of health, or a group. */
  health: string;
  group: string;
}

/** Return the rows that meet all conditions; an empty text is none. */
export function filtered(rows: readonly ServiceRow[], filter: Filter): ServiceRow[] {
  const wanted = filter.name.toLowerCase();
  const meets = (condition: string, value: string) => !condition || condition === value;
  return rows.filter(
    (row) =>
      `${row.label}\n${row.name}`.toLowerCase().includes(wanted) &&
      meets(filter.namespace, row.namespace) &&
      meets(filter.cluster, row.cluster) &&
      meets(filter.health, row.health.status) &&
      meets(filter.group, groupOf(row)),
  );
}

/** Return the values of a field that occur, in order, without the empty one. */
export const valuesOf = (rows: readonly ServiceRow[], field: "namespace" | "cluster") =>
  [...new Set(rows.map((row) => row[field]))].filter(Boolean).sort();
