/** Questions to the API as state of a component. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError } from "./client";

/** Where a question stands. While it is asked again, the last answer stays. */
export interface Answer<T> {
  readonly data: T | undefined;
  /** Why the last try failed. `data` then is of an earlier one, if there is any. */
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface Options {
  /** Ask again so many milliseconds after an answer, while the page is visible. */
  everyMs?: number | undefined;
  /** Whether the last answer stays while another question is asked. */
  keep?: boolean;
}

/**
 * Ask, and ask again when `key` changes; what is no longer wanted is aborted.
 *
 * @param key says what is asked, such as the parameters as text; null asks nothing.
 */
export function useAnswer<T>(
  key: string | null,
  ask: (signal: AbortSignal) => Promise<T>,
  { everyMs, keep = true }: Options = {},
): Answer<T> {
  const [state, setState] = useState<State<T>>(NOTHING);
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((last) => last + 1), []);

  useEffect(() => {
    if (key === null) {
      setState(NOTHING);
      return;
    }
    const controller = new AbortController();
    let timer: number | undefined;
    const askAgain = () => {
      if (document.visibilityState === "visible") {
        reload();
      } else {
        document.addEventListener("visibilitychange", reload, {
          once: true,
          signal: controller.signal,
        });
      }
    };
    const settle = (next: Pick<State<T>, "data" | "error">) => {
      if (!controller.signal.aborted) {
        setState({ ...next, key, loading: false });
        timer = everyMs ? window.setTimeout(askAgain, everyMs) : undefined;
      }
    };
    const isSame = (last: State<T>) => keep || last.key === key;
    setState((last) => ({
      key,
      data: isSame(last) ? last.data : undefined,
      error: undefined,
      loading: true,
    }));
    ask(controller.signal).then(
      (data) => settle({ data, error: undefined }),
      (error) => {
        if (!controller.signal.aborted) {
          setState((last) => ({ ...last, error: asApiError(error), loading: false }));
          timer = everyMs ? window.setTimeout(askAgain, everyMs) : undefined;
        }
      },
    );
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [key, turn, everyMs]);

  // Of the render in which the key changed: the effect has not run yet.
  const isStale = key !== null && state.key !== key;
  return {
    data: isStale && !keep ? undefined : state.data,
    error: isStale ? undefined : state.error,
    loading: isStale || state.loading,
    reload,
  };
}

interface State<T> {
  key: string | null;
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
}

const NOTHING = { key: null, data: undefined, error: undefined, loading: false } as const;

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError(0, "fault_of_page", String(error), undefined, undefined);
}
