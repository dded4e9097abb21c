/** What stands at an edge. */
import { milliseconds, number, percent, rate } from "../../text/format";
import type { Change, GraphEdge } from "./scene";
import type { EdgeLabel } from "./view";

/** Return the label of an edge; a p95 beyond the threshold is told unasked. */
export function edgeLabel(
  edge: GraphEdge,
  labels: readonly EdgeLabel[],
  threshold: number,
): string {
  const latency = edge.client ?? edge.server ?? edge.lag;
  const parts = labels.map((label) => {
    switch (label) {
      case "rate":
        return rate(edge.rate);
      case "share":
        // Where all goes one way there is nothing to tell.
        return edge.share_percent < 99.95 ? percent(edge.share_percent) : "";
      case "errors":
        return edge.errors ? `✕ ${percent(edge.error_percent)}` : "";
      case "protocol":
        return edge.protocol === "unknown" ? "" : edge.protocol;
      default:
        return latency ? `${label} ${milliseconds(latency[`${label}_ms`])}` : "";
    }
  });
  if (threshold && latency && latency.p95_ms > threshold && !labels.includes("p95")) {
    parts.push(`p95 ${milliseconds(latency.p95_ms)}`);
  }
  return parts.filter(Boolean).join(" · ");
}

/** Smallest differences that are told: percentage points of errors, and share of p95. */
const TOLD_POINTS = 0.05;
/** Quantiles come from buckets 9 % apart, so that less is no change. */
const TOLD_SHARE = 0.1;

interface Compared {
  before: GraphEdge | null;
  after: GraphEdge | null;
  change: Change;
}

/** Return by how much an edge has changed: errors, p95, and the rate if nothing else has. */
export function changeLabel({ before, after, change }: Compared): string {
  const parts: string[] = [];
  if (before && after) {
    if (Math.abs(change.error_percent) >= TOLD_POINTS) {
      parts.push(`✕ ${signed(change.error_percent, 1)} pp`);
    }
    const p95 = (before.client ?? before.server ?? before.lag)?.p95_ms;
    if (p95 && change.p95_ms !== null && Math.abs(change.p95_ms) >= p95 * TOLD_SHARE) {
      parts.push(`p95 ${signed((change.p95_ms / p95) * 100)} %`);
    }
  }
  return parts.length ? parts.join(" · ") : signedRate(change.rate);
}

export const signedRate = (rate: number) => `${signed(rate, Math.abs(rate) < 0.01 ? 3 : 2)}/s`;

/** Return a number with its sign; nothing has the sign of nothing. */
export function signed(value: number, digits = 0): string {
  const text = number(Math.abs(value), digits);
  return text === "0" ? "±0" : `${value > 0 ? "+" : "−"}${text}`;
}
