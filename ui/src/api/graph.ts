/** The dependency graph of a window, as one graph. */
import { answer, api, type Query, type Schema } from "./client";

type Asked = Omit<Query<"/api/v1/graph">, "compare" | "compare_versions" | "format">;

/** Return the graph; throw ApiError if there is none. */
export async function askGraph(query: Asked, signal: AbortSignal): Promise<Schema<"Graph">> {
  const got = await answer(api.GET("/api/v1/graph", { params: { query }, signal }));
  return got as Schema<"Graph">; // a comparison comes to who asks for one
}
