/** Where the trace of the page comes from, and the way it is asked for. */
import { ApiError, answer, api, type Schema } from "../../api/client";
import type { Trace } from "./view";

/** A trace by its id, all traces of a request, or what the user uploaded. */
export type Source =
  | { kind: "trace"; id: string; adjusts: boolean }
  | { kind: "request"; id: string; adjusts: boolean }
  | { kind: "uploaded"; id: string };

export interface Loaded {
  trace: Trace;
  /** Of a request: the traces in it and how they were linked; null for a single trace. */
  stitched: Pick<Schema<"Stitched">, "trace_ids" | "inferred_links"> | null;
  /** Traces of the request that are not in `trace`. */
  left: readonly Schema<"TraceSummary">[];
}

export async function load(source: Source, signal: AbortSignal): Promise<Loaded> {
  switch (source.kind) {
    case "trace":
      return { trace: await traceOf(source.id, source.adjusts, signal), stitched: null, left: [] };
    case "request":
      return requestOf(source.id, source.adjusts, signal);
    case "uploaded":
      return { trace: await uploadedOf(source.id), stitched: null, left: [] };
  }
}

async function traceOf(id: string, adjusts: boolean, signal: AbortSignal): Promise<Trace> {
  const got = await answer(
    api.GET("/api/v1/traces/{trace_id}", {
      params: { path: { trace_id: id }, query: corrected(adjusts) },
      signal,
    }),
  );
  if (!("trace_id" in got)) {
    throw new ApiError(200, "unexpected_answer", "not a trace", undefined, undefined);
  }
  return got;
}

async function requestOf(id: string, adjusts: boolean, signal: AbortSignal): Promise<Loaded> {
  const { stitched, traces, not_assembled } = await answer(
    api.GET("/api/v1/requests/{x_request_id}", {
      params: {
        path: { x_request_id: id },
        query: { stitch: "1", ...corrected(adjusts) },
      },
      signal,
    }),
  );
  const [first] = traces;
  const trace = stitched?.trace ?? first;
  if (!trace) {
    throw notFound("request_not_found", `no trace of request ${id} is small enough to be shown`);
  }
  const left = [...(stitched ? traces : traces.slice(1)).map(({ summary }) => summary)];
  return { trace, stitched, left: [...left, ...not_assembled] };
}

const corrected = (adjusts: boolean) => (adjusts ? { adjust_clock_skew: true } : {});

async function uploadedOf(id: string): Promise<Trace> {
  const { uploadedTrace } = await import("../../api/uploaded");
  const trace = uploadedTrace(id);
  if (!trace) {
    throw notFound("upload_gone", `trace ${id} is not among the uploaded ones`);
  }
  return trace;
}

const notFound = (code: string, message: string) =>
  new ApiError(404, code, message, undefined, undefined);

/** How often a trace that is not there is asked for, and how far apart, milliseconds. */
const TRIES = 5;
const APART_MS = 2000;

/**
 * Return what `ask` answers; while it is not found, ask a few more times: spans of a request that
 * has just ended are on their way.
 *
 * @param onMissing called each time that it is not found, with whether it will be asked again.
 */
export async function arrived<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onMissing: (willAskAgain: boolean) => void,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const isMissing = error instanceof ApiError && error.status === 404;
      if (!isMissing || error.code === "upload_gone" || signal.aborted) {
        throw error;
      }
      onMissing(tries < TRIES);
      if (tries === TRIES) {
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
  }
}

const HOUR_NANO = 3_600_000_000_000n;

/** Return how many traces besides this one the request has, within an hour around. */
export async function othersOfRequest(
  trace: Trace,
  requestId: string,
  signal: AbortSignal,
): Promise<number> {
  const start = BigInt(trace.summary.start_time_unix_nano);
  const { traces } = await answer(
    api.GET("/api/v1/traces", {
      params: {
        query: {
          request_id: requestId,
          from: String(start - HOUR_NANO),
          to: String(start + BigInt(trace.summary.duration_nano) + HOUR_NANO),
          limit: 20,
        },
      },
      signal,
    }),
  );
  return traces.filter(({ trace_id }) => trace_id !== trace.trace_id).length;
}

/** Envoy's name for the attribute that holds `x-request-id`. */
export const REQUEST_ID = "guid:x-request-id";

/** Return the request's id as the first proxy of the trace has it. */
export function requestIdOf({ spans }: Trace): string | undefined {
  for (const { attributes } of spans) {
    const id = attributes[REQUEST_ID];
    if (typeof id === "string" && id) {
      return id;
    }
  }
  return undefined;
}
