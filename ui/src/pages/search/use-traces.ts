/** The traces that a search finds, as many pages of them as the address says. */
import { useRef } from "preact/hooks";
import { answer, api } from "../../api/client";
import { type Answer, useAnswer } from "../../api/use-answer";
import type { Search } from "./conditions";
import { appended, firstPage, type Loaded, type Page, renewed } from "./result-list";

const PAGE_SIZE = 100;
const LIVE_MS = 2000;

export type Wanted = { search: Search } | { traceIds: readonly string[] };

export interface FoundTraces {
  /** Of what was wanted: an answer may be of an earlier question. */
  key: string;
  loaded: Loaded;
}

export const keyOf = (wanted: Wanted) => JSON.stringify(wanted);

/** Ask for the traces; while `isLive`, those that come in appear on top by themselves. */
export function useTraces(wanted: Wanted, pages: number, isLive: boolean): Answer<FoundTraces> {
  const held = useRef<FoundTraces | null>(null);
  const key = keyOf(wanted);

  return useAnswer(
    `${key} ${pages}`,
    async (signal) => {
      const found = held.current?.key === key ? held.current.loaded : undefined;
      let loaded = found && found.pages < pages ? found : undefined;
      if (!loaded) {
        const page = await askFor(wanted, undefined, signal);
        loaded = found && isLive ? renewed(found, page) : firstPage(page);
      }
      while (loaded.pages < pages && loaded.nextCursor) {
        loaded = appended(loaded, await askFor(wanted, loaded.nextCursor, signal));
      }
      held.current = { key, loaded };
      return held.current;
    },
    { everyMs: isLive ? LIVE_MS : undefined },
  );
}

function askFor(wanted: Wanted, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
  const query =
    "traceIds" in wanted
      ? { trace_id: [...wanted.traceIds] }
      : { ...wanted.search, limit: PAGE_SIZE, ...(cursor && { cursor }) };
  return answer(api.GET("/api/v1/traces", { params: { query }, signal }));
}
