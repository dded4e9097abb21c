/** The typed client of `/api/v1`: its types are generated from api/openapi.yaml. */
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

/** Names of the contract, such as `Schema<"TraceSummary">`. */
export type Schema<K extends keyof components["schemas"]> = components["schemas"][K];

/** Parameters that the contract allows for a path, such as `Query<"/api/v1/traces">`. */
export type Query<P extends keyof paths> = paths[P] extends {
  get: { parameters: { query?: infer Q } };
}
  ? NonNullable<Q>
  : never;

export const api = createClient<paths>({ baseUrl: window.location.origin });

/** What the service, or the way to it, had against a question. */
export class ApiError extends Error {
  /**
   * @param code stable, of the contract; `unreachable` if no answer came.
   * @param parameter of the query that is at fault, if one is.
   * @param hint what to do about it, if the service has advice.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly parameter: string | undefined,
    readonly hint: string | undefined,
  ) {
    super(message);
  }
}

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * Return what was answered; throw ApiError for everything else.
 *
 * ```ts
 * await answer(api.GET("/api/v1/services", { signal }));
 * ```
 */
export async function answer<T>(reply: Promise<Reply<T>>): Promise<T> {
  let got: Reply<T>;
  try {
    got = await reply;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new ApiError(0, "unreachable", String(error), undefined, undefined);
  }
  if (got.data !== undefined) {
    return got.data;
  }
  const { status, statusText } = got.response;
  const told = (got.error as Partial<Schema<"Error">> | undefined)?.error;
  throw new ApiError(
    status,
    told?.code ?? "unexpected_answer",
    told?.message ?? `${status} ${statusText}`.trim(),
    told?.parameter,
    told?.hint,
  );
}
