/** The graph of a trace: who calls whom in it, how often, for how long, with which outcome. */
import type { Span, Trace } from "../view";

export const NODE_KINDS = ["services", "operations"] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export interface CallNode {
  id: string;
  service: string;
  /** Empty if the node is a whole service. */
  operation: string;
  /** Whether its spans are not stored. */
  isMissing: boolean;
  /** Indexes in `trace.spans`. */
  spans: number[];
  /** Of the span that is nearest to a root. */
  depth: number;
  /** Nanoseconds that its spans took themselves, and the part of all in the trace. */
  own: number;
  ownShare: number;
  errors: number;
}

export interface CallEdge {
  id: string;
  source: string;
  target: string;
  /** Indexes of the spans that were called. */
  spans: number[];
  /** Nanoseconds of these spans together. */
  total: number;
  errors: number;
}

export interface Calls {
  nodes: readonly CallNode[];
  edges: readonly CallEdge[];
}

/** Return the graph. Services have edges between them only; operations may call themselves. */
export function callsOf({ spans }: Pick<Trace, "spans">, kind: NodeKind): Calls {
  const nodes = new Map<string, CallNode>();
  const edges = new Map<string, CallEdge>();
  const ids = spans.map(({ missing, service_name, name }) =>
    JSON.stringify(missing ? null : kind === "services" ? service_name : [service_name, name]),
  );
  const whole = spans.reduce((all, { self_time_nano }) => all + Number(self_time_nano), 0) || 1;
  for (const [index, span] of spans.entries()) {
    const id = ids[index] ?? "";
    const node = nodes.get(id) ?? {
      id,
      service: span.service_name,
      operation: kind === "operations" ? span.name : "",
      isMissing: span.missing,
      spans: [],
      depth: span.depth,
      own: 0,
      ownShare: 0,
      errors: 0,
    };
    nodes.set(id, node);
    node.spans.push(index);
    node.depth = Math.min(node.depth, span.depth);
    node.own += Number(span.self_time_nano);
    node.ownShare = node.own / whole;
    node.errors += Number(span.error);
    const source = span.parent_index === null ? undefined : ids[span.parent_index];
    if (source !== undefined && (source !== id || kind === "operations")) {
      const edgeId = `${source} ${id}`;
      const edge = edges.get(edgeId) ?? {
        id: edgeId,
        source,
        target: id,
        spans: [],
        total: 0,
        errors: 0,
      };
      edges.set(edgeId, edge);
      edge.spans.push(index);
      edge.total += Number(span.duration_nano);
      edge.errors += Number(span.error);
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

export interface Point {
  x: number;
  y: number;
}

/** Return places of the nodes in columns by their depth, for graphs too dense to be laid out well. */
export function columnsOf(
  { nodes }: Pick<Calls, "nodes">,
  { across, down }: { across: number; down: number },
): Map<string, Point> {
  const columns = new Map<number, CallNode[]>();
  for (const node of nodes) {
    columns.set(node.depth, [...(columns.get(node.depth) ?? []), node]);
  }
  return new Map(
    [...columns].flatMap(([depth, column]) =>
      column.map(({ id }, index): [string, Point] => [
        id,
        { x: depth * across, y: (index - (column.length - 1) / 2) * down },
      ]),
    ),
  );
}

/** Return the longest of the spans: of several the one to look at. */
export const slowestOf = (spans: readonly Span[], indexes: readonly number[]) =>
  indexes.reduce<number | null>(
    (slowest, index) =>
      slowest !== null &&
      Number(spans[slowest]?.duration_nano) >= Number(spans[index]?.duration_nano)
        ? slowest
        : index,
    null,
  );
