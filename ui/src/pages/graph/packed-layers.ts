/**
 * Layers for large graphs, in milliseconds: from left to right by how far from an entry a node
 * is, high layers in several columns, so that the whole fits a window.
 */
import type { Positions } from "./layout";

const ROW = 64;
const COLUMN = 128;
const BETWEEN_LAYERS = 110;
/** Width by height of the window that the graph is for. */
const ASPECT = 1.7;
const SWEEPS = 6;

type Edge = readonly [source: string, target: string];

/** Return positions of all nodes; the same for the same graph. */
export function packedLayers(ids: readonly string[], edges: readonly Edge[]): Positions {
  const layers = ordered(layersOf(ids, edges), edges);
  const rows = rowsFor(layers.map((layer) => layer.length));
  const positions: Positions = {};
  let left = 0;
  for (const layer of layers) {
    const columns = Math.ceil(layer.length / rows);
    const top = (-Math.ceil(layer.length / columns) * ROW) / 2;
    for (const [index, id] of layer.entries()) {
      const column = index % columns;
      const row = Math.floor(index / columns) + column / columns;
      positions[id] = { x: left + column * COLUMN, y: top + row * ROW };
    }
    left += (columns - 1) * COLUMN + COLUMN + BETWEEN_LAYERS;
  }
  return positions;
}

/** Return the nodes by how many calls they are away from those that nobody calls. */
function layersOf(ids: readonly string[], edges: readonly Edge[]): string[][] {
  const callees = grouped(edges);
  const isCalled = new Set(edges.map(([, target]) => target));
  const depth = new Map<string, number>();
  const reach = (starts: readonly string[]) => {
    const reached = starts.filter((id) => !depth.has(id));
    for (const id of reached) {
      depth.set(id, 0);
    }
    for (const id of reached) {
      for (const target of callees.get(id) ?? []) {
        if (!depth.has(target)) {
          depth.set(target, (depth.get(id) ?? 0) + 1);
          reached.push(target);
        }
      }
    }
  };
  reach(ids.filter((id) => !isCalled.has(id)));
  for (const id of ids) {
    reach([id]); // of a circle that nothing leads into
  }
  const layers: string[][] = [];
  for (const id of ids) {
    const layer = depth.get(id) ?? 0;
    layers[layer] = [...(layers[layer] ?? []), id];
  }
  return layers;
}

/** Return the layers with neighbours of neighbours near each other, so that fewer lines cross. */
function ordered(layers: string[][], edges: readonly Edge[]): string[][] {
  const callees = grouped(edges);
  const callers = grouped(edges.map(([source, target]) => [target, source] as const));
  const place = new Map<string, number>();
  const settle = (layer: string[]) => {
    for (const [index, id] of layer.entries()) {
      place.set(id, index / layer.length);
    }
  };
  layers.forEach(settle);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDownward = sweep % 2 === 0;
    const neighbours = isDownward ? callers : callees;
    for (const layer of isDownward ? layers : layers.toReversed()) {
      const middle = new Map(
        layer.map((id) => {
          const places = (neighbours.get(id) ?? []).map((each) => place.get(each) ?? 0);
          const sum = places.reduce((total, each) => total + each, 0);
          return [id, places.length ? sum / places.length : (place.get(id) ?? 0)];
        }),
      );
      layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
      settle(layer);
    }
  }
  return layers;
}

/** Return how many rows make the whole as wide as the window is for its height. */
function rowsFor(sizes: readonly number[]): number {
  const most = Math.max(1, ...sizes);
  for (let rows = 1; rows < most; rows++) {
    const columns = sizes.reduce((sum, size) => sum + Math.ceil(size / rows), 0);
    if (columns * COLUMN + sizes.length * BETWEEN_LAYERS <= rows * ROW * ASPECT) {
      return rows;
    }
  }
  return most;
}

function grouped(edges: readonly Edge[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of edges) {
    const group = groups.get(key);
    if (group) {
      group.push(value);
    } else {
      groups.set(key, [value]);
    }
  }
  return groups;
}
