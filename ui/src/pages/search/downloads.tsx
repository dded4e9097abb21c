/** Keep what was found as a file: the rows, or the traces themselves as OTLP. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, answer, api } from "../../api/client";
import { Button } from "../../components/button";
import { DownloadIcon } from "../../components/icons";
import { jsonFile, saveFile } from "../../components/save-file";
import { ErrorState } from "../../components/states";
import { messages } from "../../text/messages";
import type { Summary } from "./result-list";

const text = messages({
  results: { en: "Results", ja: "結果" },
  resultsTitle: { en: "Download the list as JSON", ja: "一覧を JSON でダウンロード" },
  otlp: { en: "OTLP", ja: "OTLP" },
  otlpTitle: {
    en: (count: number) => `Download these ${count} traces, whole, as OTLP JSON`,
    ja: (count: number) => `${count} 件のトレース全体を OTLP JSON でダウンロード`,
  },
  progress: {
    en: (done: number, count: number) => `${done} of ${count} – stop`,
    ja: (done: number, count: number) => `${count} 件中 ${done} 件 – 中止`,
  },
});

export function Downloads({ traces }: { traces: readonly Summary[] }) {
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function saveTraces() {
    const controller = new AbortController();
    running.current = controller;
    setError(null);
    setDone(0);
    try {
      const resourceSpans: unknown[] = [];
      for (const [index, { trace_id }] of traces.entries()) {
        resourceSpans.push(...(await resourceSpansOf(trace_id, controller.signal)));
        setDone(index + 1);
      }
      saveFile("traces-otlp.json", jsonFile({ resourceSpans }));
    } catch (fault) {
      if (!(fault instanceof ApiError)) {
        if (!controller.signal.aborted) {
          throw fault;
        }
      } else {
        setError(fault);
      }
    } finally {
      setDone(null);
    }
  }

  return (
    <>
      <Button
        kind="quiet"
        title={text.resultsTitle}
        onClick={() => saveFile("traces.json", jsonFile({ traces }))}
      >
        <DownloadIcon /> {text.results}
      </Button>
      <Button
        kind="quiet"
        title={text.otlpTitle(traces.length)}
        onClick={done === null ? saveTraces : () => running.current?.abort()}
      >
        <DownloadIcon /> {done === null ? text.otlp : text.progress(done, traces.length)}
      </Button>
      {error && <ErrorState error={error} onRetry={saveTraces} compact />}
    </>
  );
}

async function resourceSpansOf(traceId: string, signal: AbortSignal): Promise<unknown[]> {
  const trace = await answer(
    api.GET("/api/v1/traces/{trace_id}", {
      params: { path: { trace_id: traceId }, query: { format: "otlp" } },
      signal,
    }),
  );
  return "resourceSpans" in trace ? trace.resourceSpans : [];
}
