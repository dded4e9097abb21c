/** Calls through the mesh: the spans of the proxies on the way of one call read as one hop. */
import type { Layout } from "./layout";
import type { Span } from "./view";

export interface Hop {
  /** Spans of the proxies on the way, from the caller's to the callee's. */
  members: readonly number[];
  /** Nanoseconds from the caller's proxy back to it. */
  total: number;
  /**
   * Nanoseconds on the way: in proxies and on the network. With spans of the callee itself, all
   * but these; without, all but the span of its proxy, which hides what the app took.
   */
  onTheWay: number;
  /** Whether the callee itself was seen, so that `onTheWay` knows both proxies. */
  hasApp: boolean;
  /** Tries of the proxy to reach the callee; the last one is what the others are measured by. */
  attempts: number;
}

/** Hops that go on to the callee's side. */
const CALLER_SIDE: ReadonlySet<string> = new Set([
  "client sidecar",
  "gateway",
  "waypoint",
  "upstream attempt",
]);

/** Return the hop that each proxy's span is a part of, by index. */
export function hopsOf(spans: readonly Span[], layout: Layout): ReadonlyMap<number, Hop> {
  const hops = new Map<number, Hop>();
  for (const [index, span] of spans.entries()) {
    if (span.proxy && CALLER_SIDE.has(span.proxy.hop) && !hops.has(index)) {
      const hop = hopFrom(spans, layout, index);
      if (hop) {
        for (const member of hop.members) {
          hops.set(member, hop);
        }
      }
    }
  }
  return hops;
}

function hopFrom(spans: readonly Span[], layout: Layout, first: number): Hop | undefined {
  const members = [first];
  let attempts = 0;
  let current: number | undefined = first;
  while (current !== undefined && CALLER_SIDE.has(spans[current]?.proxy?.hop ?? "")) {
    const below: number[] = (layout.children[current] ?? []).filter((child) =>
      isOnTheWay(spans[child]),
    );
    attempts += below.filter((child) => spans[child]?.proxy?.hop === "upstream attempt").length;
    members.push(...below);
    current = below.at(-1);
  }
  const last = members.at(-1) ?? first;
  // What no proxy of the callee tells about cannot be told apart from the network.
  if (spans[last]?.proxy?.hop !== "server sidecar") {
    return undefined;
  }
  const app = layout.children[last]?.find(
    (child) => spans[child]?.kind === "server" && !spans[child]?.proxy,
  );
  const total = lengthOf(layout, first);
  return {
    members,
    total,
    onTheWay: Math.max(0, total - lengthOf(layout, app ?? last)),
    hasApp: app !== undefined,
    attempts: Math.max(1, attempts),
  };
}

/** A child that leads on to the callee: not a call that the callee makes itself. */
const isOnTheWay = (span: Span | undefined) =>
  span?.proxy != null && span.proxy.hop !== "client sidecar" && span.proxy.hop !== "proxy";

function lengthOf({ stretches }: Layout, index: number): number {
  const { start, end } = stretches[index] ?? { start: 0, end: 0 };
  return end - start;
}
