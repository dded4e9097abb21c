/** Traffic as particles on edges: how many there are is the rate, how many are red the errors. */
import type { Point } from "./layout";
import { type Path, pointAt } from "./paths";
import { p95Of, type SceneEdge } from "./scene";

export interface Flow {
  id: string;
  /** Particles on the edge at any time. */
  count: number;
  /** Seconds that one takes from end to end. */
  seconds: number;
  /** 0 to 1. */
  errorShare: number;
}

export interface Particle extends Point {
  isError: boolean;
}

const MOST_ON_EDGE = 20;
/** How far particles are from even distances: traffic is not a conveyor belt. */
const SCATTER = 0.7;
/** Of the whole graph: beyond, all edges have fewer. */
const MOST = 700;

/** Return the flows of what is called at all. */
export function flowsOf(edges: readonly SceneEdge[]): Flow[] {
  const flows = edges
    .filter(({ edge, look }) => edge.rate > 0 && look !== "gone")
    .map(({ id, edge }) => ({
      id,
      count: countOf(edge.rate),
      seconds: secondsOf((edge.client ?? edge.server ?? edge.lag)?.p50_ms ?? p95Of(edge) ?? 10),
      errorShare: edge.error_percent / 100,
    }));
  const sum = flows.reduce((total, { count }) => total + count, 0);
  const share = Math.min(1, MOST / Math.max(1, sum));
  return flows.map((flow) => ({ ...flow, count: Math.max(1, Math.floor(flow.count * share)) }));
}

/** Rates differ by orders of magnitude, so each of these adds as many. */
const countOf = (rate: number) =>
  Math.min(MOST_ON_EDGE, Math.max(1, Math.round(4 * Math.log10(1 + 10 * rate))));

const secondsOf = (milliseconds: number) => Math.min(8, 1.5 + 1.1 * Math.log10(1 + milliseconds));

/** Return the particles of a flow at a time in seconds; they need no memory. */
export function particlesOf(flow: Flow, path: Path, seconds: number): Particle[] {
  const particles: Particle[] = [];
  for (let index = 0; index < flow.count; index++) {
    const place = (index + SCATTER * chance(flow.id, index, 0)) / flow.count;
    const turns = seconds / flow.seconds + place;
    const turn = Math.floor(turns);
    const point = pointAt(path, turns - turn);
    particles.push({ ...point, isError: chance(flow.id, index, turn + 1) < flow.errorShare });
  }
  return particles;
}

/** Return a number from 0 to 1 that is always the same for the same edge, particle and turn. */
function chance(id: string, index: number, turn: number): number {
  let hash = Number.parseInt(id.slice(0, 8), 16) || 1;
  hash = Math.imul(hash ^ (index + 1), 0x85ebca6b) ^ Math.imul(turn + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
