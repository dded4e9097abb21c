/** One service: what it receives, from whom, whom it calls, and what its time goes to. */

import { answer, api } from "../../api/client";
import { askGraph } from "../../api/graph";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../app/pages";
import { Answered } from "../../components/states";
import { query } from "../../routing/location";
import { isMoving, timeRange } from "../../routing/time-range";
import { Calls } from "./calls";
import { Charts } from "./charts";
import { CriticalPath } from "./critical-path";
import { Findings } from "./findings";
import { Header } from "./header";
import { KeyFigures } from "./key-figures";
import { LatencyMap } from "./latency-map";
import { Operations } from "./operations";
import { byMinute, ownNodes, type Place, windowOf } from "./place";
import style from "./service.module.css";
import { Unknown } from "./unknown";
import { Versions } from "./versions";

const DEFAULT_LAST = "15m";
const LIVE_MS = 10_000;

export default function ServicePage({ parameters }: PageProps) {
  const place = placeInAddress(parameters.name ?? "");
  // Anew for each: nothing of another service may stay in sight.
  return <Service key={JSON.stringify(place)} place={place} />;
}

function Service({ place }: { place: Place }) {
  const range = timeRange(DEFAULT_LAST);
  const isLive = query.value.get("live") === "1";
  const known = useAnswer(JSON.stringify([place, range]), (signal) => ask(place, range, signal), {
    everyMs: isLive && isMoving(range) ? LIVE_MS : undefined,
  });
  const own = known.data ? ownNodes(known.data.graph, place) : [];
  const everywhere = known.data ? ownNodes(known.data.graph, { service: place.service }) : [];
  return (
    <div class={style.page}>
      <Header
        place={place}
        nodes={own}
        clusters={[...new Set(everywhere.map((node) => node.cluster))].filter(Boolean).sort()}
        range={range}
        onRefresh={known.reload}
        live={isLive}
      />
      <Answered answer={known}>
        {({ graph, received }) => {
          if (own.length === 0) {
            return <Unknown place={place} />;
          }
          const parts = { place, window: windowOf(received), range };
          const seldom = isLive ? byMinute(parts.window) : parts.window;
          return (
            <>
              <KeyFigures nodes={own} received={received} />
              <Charts received={received} />
              <LatencyMap {...parts} received={received} />
              <Calls graph={graph} own={own} range={range} />
              <Operations {...parts} />
              <Versions {...parts} />
              <CriticalPath {...parts} window={seldom} />
              <Findings {...parts} window={seldom} />
            </>
          );
        }}
      </Answered>
    </div>
  );
}

function placeInAddress(service: string): Place {
  const [namespace, cluster] = ["namespace", "cluster"].map((name) => query.value.get(name));
  return { service, ...(namespace && { namespace }), ...(cluster && { cluster }) };
}

async function ask(place: Place, range: ReturnType<typeof timeRange>, signal: AbortSignal) {
  const [graph, received] = await Promise.all([
    askGraph({ ...range, type: "service", focus: place.service, depth: 1 }, signal),
    answer(
      api.GET("/api/v1/metrics/services", {
        params: { query: { ...place, ...range, heat_map: true } },
        signal,
      }),
    ),
  ]);
  return { graph, received };
}
