/** What is at the side of the graph: the selected node or edge, else what is wrong at all. */
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Drawer } from "../../components/drawer";
import { Health } from "../../components/health";
import { LockIcon } from "../../components/icons";
import { searchLink, serviceLink } from "../../routing/links";
import { changeQuery } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { percent, rate } from "../../text/format";
import { messages } from "../../text/messages";
import { ChangeFacts } from "./change-facts";
import style from "./panel.module.css";
import type { Scene, SceneEdge, SceneNode } from "./scene";
import { edgeName, KIND, LOOK, nameOf } from "./sentences";
import { SeriesCharts } from "./series-charts";
import { Summary } from "./summary";
import { TrafficFacts } from "./traffic-facts";
import type { View } from "./view";

const text = messages({
  panel: { en: "About the graph", ja: "グラフの詳細" },
  received: { en: "What it receives", ja: "受信" },
  sent: { en: "What it sends", ja: "送信" },
  focus: { en: "Focus on it", ja: "フォーカス" },
  hideNamespace: { en: "Hide its namespace", ja: "この名前空間を隠す" },
  service: { en: "Open the service", ja: "サービスを開く" },
  errors: { en: "Find its errors", ja: "エラーを検索" },
  traces: { en: "Find its traces", ja: "トレースを検索" },
  calls: { en: "Calls", ja: "呼び出し先" },
  calledBy: { en: "Called by", ja: "呼び出し元" },
  mtls: { en: "mTLS", ja: "mTLS" },
  mtlsPart: { en: (share: string) => `mTLS ${share}`, ja: (share: string) => `mTLS ${share}` },
  mtlsUnknown: { en: "mTLS not told", ja: "mTLS 不明" },
  asynchronous: { en: "asynchronous", ja: "非同期" },
  inferred: { en: "inferred: the callers' spans are missing", ja: "推定: 呼び出し元のスパンなし" },
  via: { en: (hop: string) => `via ${hop}`, ja: (hop: string) => `${hop} 経由` },
  share: {
    en: (share: string) => `${share} of what the caller sends`,
    ja: (share: string) => `呼び出し元の送信の ${share}`,
  },
});

interface Props {
  scene: Scene;
  view: View;
  range: TimeRange;
  /** Seconds that the window is long. */
  seconds: number;
}

const close = () => changeQuery({ panel: "off", select: undefined });
const select = (id: string) => changeQuery({ select: id });

export function SidePanel(props: Props) {
  const { scene, view } = props;
  const node = scene.nodes.find(({ id }) => id === view.selected);
  const edge = scene.edges.find(({ id }) => id === view.selected);
  const unselect = () => changeQuery({ select: undefined });
  if (node) {
    return (
      <Drawer title={nameOf(node.id, scene)} label={text.panel} onClose={unselect}>
        <NodeFacts {...props} shown={node} />
      </Drawer>
    );
  }
  if (edge) {
    return (
      <Drawer title={edgeName(edge, scene)} label={text.panel} onClose={unselect}>
        <EdgeFacts {...props} shown={edge} />
      </Drawer>
    );
  }
  return <Summary scene={scene} onSelect={select} onClose={close} />;
}

function NodeFacts({ shown, ...props }: Props & { shown: SceneNode }) {
  const { scene, range, view } = props;
  const { node, reason, compared } = shown;
  const calls = (end: "source" | "target") => scene.edges.filter((edge) => edge[end] === shown.id);
  const isKnown = node.kind === "workload" || node.kind === "gateway" || node.kind === "service";
  return (
    <div class={style.panel}>
      <div class={style.badges}>
        <Health health={node.health} />
        {shown.look === "idle" && <Badge>{LOOK.idle}</Badge>}
        <Badge>{KIND[shown.kind]}</Badge>
        {node.namespace && <Badge>{node.namespace}</Badge>}
        {node.cluster && <Badge>{node.cluster}</Badge>}
      </div>
      {reason && <p class={style.reason}>{reason}</p>}
      {compared && <ChangeFacts compared={compared} />}
      <div class={style.links}>
        <Button onClick={() => changeQuery({ focus: shown.id })}>{text.focus}</Button>
        {isKnown && <a href={serviceLink(node.name, { ...range })}>{text.service}</a>}
        {isKnown && <a href={searchLink({ service: node.name, ...range })}>{text.traces}</a>}
        {isKnown && (
          <a href={searchLink({ service: node.name, error: "true", ...range })}>{text.errors}</a>
        )}
      </div>
      {node.inbound && (
        <section>
          <h3>{text.received}</h3>
          <TrafficFacts traffic={node.inbound} />
          <SeriesCharts {...props} shown={{ node: shown }} />
        </section>
      )}
      {node.outbound && (
        <section>
          <h3>{text.sent}</h3>
          <TrafficFacts traffic={node.outbound} />
        </section>
      )}
      <Ends title={text.calledBy} edges={calls("target")} end="source" scene={scene} />
      <Ends title={text.calls} edges={calls("source")} end="target" scene={scene} />
      {node.namespace && (
        <Button kind="quiet" onClick={() => hideNamespace(view, node.namespace)}>
          {text.hideNamespace}
        </Button>
      )}
    </div>
  );
}

function hideNamespace(view: View, namespace: string): void {
  const expression = `namespace = ${namespace}`;
  changeQuery({
    hide: view.hide ? `(${view.hide}) OR ${expression}` : expression,
    select: undefined,
  });
}

interface EndsProps {
  title: string;
  edges: readonly SceneEdge[];
  end: "source" | "target";
  scene: Scene;
}

/** Calls of a node, each leading to its edge. */
function Ends({ title, edges, end, scene }: EndsProps) {
  if (edges.length === 0) {
    return null;
  }
  return (
    <section>
      <h3>{title}</h3>
      <ul class={style.rows}>
        {edges.map((edge) => (
          <li key={edge.id}>
            <button type="button" class={style.row} onClick={() => select(edge.id)}>
              <Health health={edge.edge.health} />
              <span class={style.rowName}>{nameOf(edge[end], scene)}</span>
              <span class={style.numbers}>
                {rate(edge.edge.rate)}
                {edge.edge.errors > 0 && ` · ${percent(edge.edge.error_percent)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function EdgeFacts({ shown, ...props }: Props & { shown: SceneEdge }) {
  const { scene, range } = props;
  const { edge, reason, compared } = shown;
  const target = scene.nodes.find(({ id }) => id === shown.target);
  const source = scene.nodes.find(({ id }) => id === shown.source);
  // What only callers know is found by its caller.
  const searched = target?.node.service ? target : source;
  const mtls =
    edge.mtls_percent === null
      ? text.mtlsUnknown
      : shown.isMutualTls
        ? text.mtls
        : text.mtlsPart(percent(edge.mtls_percent));
  return (
    <div class={style.panel}>
      <div class={style.badges}>
        <Health health={edge.health} />
        <Badge>{edge.protocol}</Badge>
        <Badge>
          {shown.isMutualTls && <LockIcon />}
          {mtls}
        </Badge>
        {edge.asynchronous && <Badge tone="info">{text.asynchronous}</Badge>}
        {edge.inferred && <Badge tone="warning">{text.inferred}</Badge>}
        {edge.via.map((hop) => (
          <Badge key={hop}>{text.via(hop)}</Badge>
        ))}
      </div>
      {reason && <p class={style.reason}>{reason}</p>}
      {compared && <ChangeFacts compared={compared} />}
      <div class={style.links}>
        {[source, target].map(
          (end) =>
            end && (
              <Button key={end.id} kind="quiet" onClick={() => select(end.id)}>
                {nameOf(end.id, scene)}
              </Button>
            ),
        )}
        {searched?.node.service && (
          <a href={searchLink({ service: searched.node.name, error: "true", ...range })}>
            {text.errors}
          </a>
        )}
      </div>
      <p class={style.muted}>{text.share(percent(edge.share_percent))}</p>
      <TrafficFacts traffic={edge} />
      <SeriesCharts {...props} shown={{ edge: shown }} />
    </div>
  );
}
