/** The versions of a service, from the graph and the series of them. */
import type { Schema } from "../../api/client";
import { shownLatency } from "../../api/latency";

export interface Version {
  id: string;
  label: string;
  version: string;
  cluster: string;
  /** Empty for calls that reached no instance. */
  workload: string;
  health: Schema<"Health">;
  calls: number;
  errors: number;
  /** Calls a second. */
  rate: number;
  errorPercent: number;
  /** Of the requests of all versions, from 0 to 1. */
  share: number;
  latency: Schema<"Latency">;
  rates: readonly number[];
  errorsByStep: readonly number[];
  slowest: Schema<"Exemplars">["slowest"];
}

/** Return what received requests, the busiest first. */
export function versionsOf(
  nodes: readonly Schema<"GraphNode">[],
  series: Schema<"MetricSeries">["series"],
): Version[] {
  const all = nodes.reduce((sum, { inbound }) => sum + (inbound?.rate ?? 0), 0);
  const seriesOf = new Map(series.map((each) => [each.labels.node?.id, each]));
  return nodes
    .flatMap((node) => {
      const { inbound } = node;
      return inbound
        ? [
            {
              id: node.id,
              label: node.label,
              version: node.version,
              cluster: node.cluster,
              workload: node.workload,
              health: node.health,
              calls: inbound.calls,
              errors: inbound.errors,
              rate: inbound.rate,
              errorPercent: inbound.error_percent,
              share: all ? inbound.rate / all : 0,
              latency: shownLatency(inbound),
              rates: seriesOf.get(node.id)?.rate ?? [],
              errorsByStep: seriesOf.get(node.id)?.errors ?? [],
              slowest: inbound.exemplars.slowest,
            },
          ]
        : [];
    })
    .toSorted((a, b) => b.rate - a.rate);
}

/** Return the version to compare one with: the busiest other; undefined if there is none. */
export const comparedWith = (rows: readonly Version[], row: Version): string | undefined =>
  row.version ? rows.find(({ version }) => version && version !== row.version)?.version : undefined;
