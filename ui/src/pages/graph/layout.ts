/** Where nodes stand: laid out by a worker once, and then kept as far as can be. */
import type { Scene } from "./scene";
import type { Layout } from "./view";

export interface Point {
  x: number;
  y: number;
}
export type Positions = Record<string, Point>;

export interface LayoutRequest {
  turn: number;
  layout: Layout;
  nodes: { id: string; box: string; width: number; height: number }[];
  edges: [source: string, target: string][];
  boxes: { id: string; box: string }[];
}

export interface LayoutReply {
  turn: number;
  positions: Positions;
}

/** Pixels that a character of a label takes, and that a label may take. */
const CHARACTER = 6;
const MAX_LABEL = 150;
const NODE_AND_LABEL = 64;

export class Layouter {
  #worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
  #turn = 0;

  /** Return positions of all nodes; a newer question is answered instead of an older one. */
  positions(scene: Scene, layout: Layout): Promise<Positions> {
    const turn = ++this.#turn;
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<LayoutReply>) => {
        if (data.turn === this.#turn) {
          resolve(data.positions);
        }
      };
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.postMessage(requestOf(scene, layout, turn));
    });
  }

  stop(): void {
    this.#worker.terminate();
  }
}

function requestOf({ nodes, edges, boxes }: Scene, layout: Layout, turn: number): LayoutRequest {
  return {
    turn,
    layout,
    nodes: nodes.map(({ id, box, label }) => ({
      id,
      box,
      width: Math.min(
        MAX_LABEL,
        Math.max(48, ...label.split("\n").map((line) => line.length * CHARACTER)),
      ),
      height: NODE_AND_LABEL,
    })),
    edges: edges.map(({ source, target }) => [source, target]),
    boxes: boxes.map(({ id, box }) => ({ id, box })),
  };
}
