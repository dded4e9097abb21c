/** Whose word on the latency of calls is shown. */
import type { Schema } from "./client";

/** Return the caller's, else the callee's, else that of messages. */
export const shownLatency = (
  traffic: Pick<Schema<"GraphEdge">, "client" | "server" | "lag"> | null,
) => traffic && (traffic.client ?? traffic.server ?? traffic.lag);
