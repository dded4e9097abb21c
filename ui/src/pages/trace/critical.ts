/** Who holds the critical path of a trace. */
import type { Trace } from "./view";

export interface Holder {
  service: string;
  /** Of the path's time. */
  share: number;
  /** Index of the service's span that holds most of it. */
  longest: number;
}

/** Return the services on the critical path, those that hold most of it first. */
export function holdersOf({ spans, critical_path }: Trace): Holder[] {
  const held = new Map<string, { sum: number; bySpan: Map<number, number> }>();
  let total = 0;
  for (const { span_index, duration_nano } of critical_path) {
    const service = spans[span_index]?.service_name;
    if (service) {
      const time = Number(duration_nano);
      total += time;
      const holder = held.get(service) ?? { sum: 0, bySpan: new Map() };
      holder.sum += time;
      holder.bySpan.set(span_index, (holder.bySpan.get(span_index) ?? 0) + time);
      held.set(service, holder);
    }
  }
  return [...held]
    .map(([service, { sum, bySpan }]) => ({
      service,
      share: total ? sum / total : 0,
      longest: [...bySpan].reduce((most, each) => (each[1] > most[1] ? each : most))[0],
    }))
    .toSorted((a, b) => b.share - a.share);
}
