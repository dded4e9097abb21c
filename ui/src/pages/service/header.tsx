/** Who the page is about, how it does, and the ways to other pages. */

import type { Schema } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { gravest, Health } from "../../components/health";
import { kindWord } from "../../components/place-kind";
import { ServiceName } from "../../components/service-name";
import { TimeRangePicker } from "../../components/time-range-picker";
import { graphLink, searchLink, servicesLink } from "../../routing/links";
import { changeQuery } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { messages } from "../../text/messages";
import type { Place } from "./place";
import style from "./service.module.css";

const text = messages({
  services: { en: "Services", ja: "サービス" },
  traces: { en: "Traces", ja: "トレース" },
  errors: { en: "Failed traces", ja: "エラーのトレース" },
  graph: { en: "Mesh graph", ja: "メッシュグラフ" },
  clusters: { en: "Cluster", ja: "クラスター" },
  all: { en: "All clusters", ja: "全クラスター" },
});

interface Props {
  place: Place;
  nodes: readonly Schema<"GraphNode">[];
  /** All that have the service, whichever is chosen. */
  clusters: readonly string[];
  range: TimeRange;
  onRefresh: () => void;
  live: boolean;
}

export function Header({ place, nodes, clusters, range, onRefresh, live }: Props) {
  const [first] = nodes;
  const health = gravest(nodes.map((node) => node.health));
  const homes = [...new Set(nodes.map((node) => node.namespace))].filter(Boolean);
  const search = { ...place, ...range };
  return (
    <header class={style.header}>
      <div class={style.title}>
        <p class={style.crumb}>
          <a href={servicesLink({ ...range })}>{text.services}</a>
          {homes.length > 0 && ` / ${homes.join(", ")}`}
        </p>
        <h1>
          <ServiceName name={place.service} /> {first && <Health health={health} />}{" "}
          {first && first.kind !== "workload" && <Badge>{kindWord(first.kind)}</Badge>}
        </h1>
        {/* It keeps its place, so that nothing moves when the answer comes. */}
        <p class={style.reason} lang="en">
          {health.reason || "\u00a0"}
        </p>
      </div>
      <div class={style.ways}>
        <TimeRangePicker range={range} onRefresh={onRefresh} live={live} />
        <nav class={style.links} aria-label={place.service}>
          {clusters.length > 1 && <Clusters clusters={clusters} chosen={place.cluster} />}
          <a href={searchLink(search)}>{text.traces}</a>
          <a href={searchLink({ ...search, error: "true" })}>{text.errors}</a>
          <a href={graphLink({ focus: place.service, ...range })}>{text.graph}</a>
        </nav>
      </div>
    </header>
  );
}

interface ClustersProps {
  clusters: readonly string[];
  chosen: string | undefined;
}

function Clusters({ clusters, chosen }: ClustersProps) {
  return (
    <fieldset class={style.choice} aria-label={text.clusters}>
      {[undefined, ...clusters].map((cluster) => (
        <Button
          key={cluster}
          kind="quiet"
          pressed={chosen === cluster}
          onClick={() => changeQuery({ cluster })}
        >
          {cluster ?? text.all}
        </Button>
      ))}
    </fieldset>
  );
}
