/** Traces of files that the user gave this page: they are nowhere else, and gone when it is left. */
import { signal } from "@preact/signals";
import { answer, api, type Schema } from "./client";

type Trace = Schema<"Trace">;

const held = signal<readonly Trace[]>([]);

/** Return what was uploaded, the latest file first. */
export const uploadedTraces = () => held.value;

/** Return an uploaded trace; undefined if there is none with this id. */
export const uploadedTrace = (traceId: string) =>
  held.value.find((trace) => trace.trace_id === traceId);

/**
 * Have a file of traces assembled, and hold them.
 *
 * @returns the traces of this file.
 * @throws ApiError for what is no file of traces.
 */
export async function upload(file: Blob, signal: AbortSignal): Promise<readonly Trace[]> {
  const { traces } = await answer(
    api.POST("/api/v1/uploads", {
      body: file,
      bodySerializer: (body) => body as Blob,
      // What it is tells its content.
      headers: { "Content-Type": "application/octet-stream" },
      signal,
    }),
  );
  const ids = new Set(traces.map((trace) => trace.trace_id));
  held.value = [...traces, ...held.value.filter((trace) => !ids.has(trace.trace_id))];
  return traces;
}
