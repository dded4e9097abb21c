/** What is drawn: a graph, or the comparison of two, as nodes and edges with looks and labels. */
import type { Schema } from "../../api/client";
import { changeLabel, edgeLabel } from "./edge-label";
import type { Kind, Look } from "./looks";
import { namesOf } from "./names";
import type { View } from "./view";

export type Graph = Schema<"Graph">;
export type Comparison = Schema<"GraphComparison">;
export type GraphNode = Schema<"GraphNode">;
export type GraphEdge = Schema<"GraphEdge">;
export type Change = Schema<"GraphChange">;

export interface SceneNode {
  id: string;
  /** Id of the frame around it; empty for none. */
  box: string;
  kind: Kind;
  /** Short, and unlike that of every other node. */
  label: string;
  look: Look;
  reason: string;
  isFound: boolean;
  /** What the API told; of a comparison that after, else that before. */
  node: GraphNode;
  compared?: Comparison["nodes"][number];
}

export interface SceneEdge {
  id: string;
  source: string;
  target: string;
  label: string;
  look: Look;
  reason: string;
  isFound: boolean;
  isMutualTls: boolean;
  edge: GraphEdge;
  compared?: Comparison["edges"][number];
}

export interface SceneBox {
  id: string;
  /** Id of the frame around it; empty for none. */
  box: string;
  label: string;
}

export interface Scene {
  nodes: readonly SceneNode[];
  edges: readonly SceneEdge[];
  boxes: readonly SceneBox[];
}

/** From how much worse or better on, on the scale of the API, an element is coloured. */
const CHANGED = 0.15;
const MUCH_CHANGED = 0.5;

export const isComparison = (answer: Graph | Comparison): answer is Comparison =>
  "before" in answer;

/** Return what to draw of an answer. */
export function sceneOf(answer: Graph | Comparison, view: View): Scene {
  return isComparison(answer) ? comparedScene(answer) : graphScene(answer, view);
}

function graphScene(graph: Graph, view: View): Scene {
  const names = namesOf(graph.nodes);
  const found = new Set([...(graph.found?.nodes ?? []), ...(graph.found?.edges ?? [])]);
  return {
    nodes: graph.nodes.map((node) => ({
      id: node.id,
      box: node.box ?? "",
      kind: kindOf(node),
      label: names.get(node.id) ?? node.label,
      look: node.is_idle ? "idle" : node.health.status,
      reason: node.health.reason,
      isFound: found.has(node.id),
      node,
    })),
    edges: graph.edges.map((edge) => ({
      id: edge.id,
      source: edge.source,
      target: edge.target,
      label: edgeLabel(edge, view.labels, view.threshold),
      look: edgeLook(edge, view.threshold),
      reason: edge.health.reason,
      isFound: found.has(edge.id),
      isMutualTls: isMutualTls(edge),
      edge,
    })),
    boxes: graph.boxes.map((box) => ({ id: box.id, box: box.box ?? "", label: box.label })),
  };
}

function comparedScene(comparison: Comparison): Scene {
  const nodes = comparison.nodes.flatMap((one) => {
    const node = one.after ?? one.before;
    return node ? [{ one, node }] : [];
  });
  const names = namesOf(nodes.map(({ node }) => node));
  return {
    nodes: nodes.map(({ one, node }) => ({
      id: one.id,
      box: "",
      kind: kindOf(node),
      label: names.get(one.id) ?? one.label,
      look: changeLook(one),
      reason: node.health.reason,
      isFound: false,
      node,
      compared: one,
    })),
    edges: comparison.edges.flatMap((one) => {
      const edge = one.after ?? one.before;
      return edge
        ? [
            {
              id: one.id,
              source: one.source,
              target: one.target,
              label: changeLabel(one),
              look: changeLook(one),
              reason: edge.health.reason,
              isFound: false,
              isMutualTls: isMutualTls(edge),
              edge,
              compared: one,
            },
          ]
        : [];
    }),
    boxes: [],
  };
}

const kindOf = (node: GraphNode): Kind => (node.operation ? "operation" : node.kind);

// Calls whose tags do not tell say nothing against it.
const isMutualTls = (edge: GraphEdge) => (edge.mtls_percent ?? 0) >= 99.95;

/** Return p95 in milliseconds, as the caller saw it if it told. */
export const p95Of = (edge: GraphEdge) => (edge.client ?? edge.server ?? edge.lag)?.p95_ms ?? null;

function edgeLook(edge: GraphEdge, threshold: number): Look {
  const { status } = edge.health;
  const isSlow = threshold > 0 && (p95Of(edge) ?? 0) > threshold;
  return isSlow && status !== "failure" && status !== "degraded" ? "slow" : status;
}

interface Compared {
  before: unknown;
  after: unknown;
  change: Change;
}

export function changeLook({ before, after, change }: Compared): Look {
  if (!before) {
    return "new";
  }
  if (!after) {
    return "gone";
  }
  if (change.worse >= MUCH_CHANGED) {
    return "much_worse";
  }
  if (change.worse >= CHANGED) {
    return "worse";
  }
  return change.worse <= -CHANGED ? "better" : "same";
}
