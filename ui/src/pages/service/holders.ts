/** Who holds the time of requests: hops of critical paths, or all hops of a service together. */
import type { Schema } from "../../api/client";

export interface Share {
  /** Of the end-to-end time, from 0 to 1. */
  share: number;
  /** Of a trace, nanoseconds. */
  meanNano: number;
}

export interface Holder {
  key: string;
  service: string;
  /** Empty if it stands for all of the service. */
  operation: string;
  hop: string;
  typical: Share;
  slowest: Share;
}

/** Return the holders, by their share in the slowest traces, greatest first. */
export function holdersOf(hops: Schema<"CriticalSide">["hops"], isByOperation: boolean): Holder[] {
  const holders = new Map<string, Holder>();
  for (const hop of hops) {
    const key = JSON.stringify(
      isByOperation ? [hop.service, hop.operation, hop.hop, hop.kind] : [hop.service],
    );
    const known = holders.get(key);
    holders.set(key, {
      key,
      service: hop.service,
      operation: isByOperation ? hop.operation : "",
      hop: isByOperation ? hop.hop : "",
      typical: sum(known?.typical, hop.typical),
      slowest: sum(known?.slowest, hop.slowest),
    });
  }
  return [...holders.values()].toSorted((a, b) => b.slowest.share - a.slowest.share);
}

const sum = (known: Share | undefined, more: Schema<"CriticalShare">): Share => ({
  share: (known?.share ?? 0) + more.share,
  meanNano: (known?.meanNano ?? 0) + Number(more.mean_nano),
});
