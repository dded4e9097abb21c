/** What the graph shows in one line: how much, over when, and how sure that is. */
import { Badge } from "../../components/badge";
import { time } from "../../text/format";
import { messages } from "../../text/messages";
import { type Comparison, type Graph, isComparison, type Scene } from "./scene";
import style from "./toolbar.module.css";

const text = messages({
  size: {
    en: (nodes: number, edges: number) => `${nodes} nodes, ${edges} edges`,
    ja: (nodes: number, edges: number) => `ノード ${nodes}、エッジ ${edges}`,
  },
  failing: { en: (count: number) => `${count} failing`, ja: (count: number) => `障害 ${count}` },
  degraded: { en: (count: number) => `${count} degraded`, ja: (count: number) => `劣化 ${count}` },
  found: { en: (count: number) => `${count} found`, ja: (count: number) => `一致 ${count}` },
  provisional: {
    en: (from: string) => `late spans are still expected from ${from} on`,
    ja: (from: string) => `${from} 以降は遅れて届くスパンで変わることがあります`,
  },
  truncated: {
    en: "too large: the edges with fewest calls are left out; focus or filter",
    ja: "大きすぎるため呼び出しの少ないエッジを省略。フォーカスや絞り込みを使ってください",
  },
  versus: { en: "compared with", ja: "比較対象" },
  loading: { en: "Loading…", ja: "読み込み中…" },
});

interface Props {
  answer: Graph | Comparison;
  scene: Scene;
  isLoading: boolean;
}

export function StatusLine({ answer, scene, isLoading }: Props) {
  const all = [...scene.nodes, ...scene.edges];
  const edgesLike = (look: string) => scene.edges.filter((edge) => edge.look === look).length;
  const [failing, degraded] = [edgesLike("failure"), edgesLike("degraded")];
  const found = all.filter(({ isFound }) => isFound).length;
  return (
    <div class={style.status} role="status">
      <span>{text.size(scene.nodes.length, scene.edges.length)}</span>
      {failing > 0 && <Badge tone="error">✕ {text.failing(failing)}</Badge>}
      {degraded > 0 && <Badge tone="warning">▲ {text.degraded(degraded)}</Badge>}
      {isComparison(answer) ? (
        <Sides comparison={answer} />
      ) : (
        <Facts graph={answer} found={found} />
      )}
      <span class={isLoading ? style.busy : style.idle}>{text.loading}</span>
    </div>
  );
}

function Facts({ graph, found }: { graph: Graph; found: number }) {
  return (
    <>
      {graph.found && <Badge tone="info">{text.found(found)}</Badge>}
      <span>{between(graph)}</span>
      {graph.estimate && <span>{graph.estimate}</span>}
      {graph.provisional_from_unix_nano && (
        <span class={style.muted}>{text.provisional(time(graph.provisional_from_unix_nano))}</span>
      )}
      {graph.truncated && <Badge tone="warning">{text.truncated}</Badge>}
    </>
  );
}

function Sides({ comparison: { before, after } }: { comparison: Comparison }) {
  const told = (side: Comparison["after"]) => side.version || between(side);
  return (
    <>
      <span>
        {told(after)} {text.versus} {told(before)}
      </span>
      {after.version && <span class={style.muted}>{between(after)}</span>}
      {(before.truncated || after.truncated) && <Badge tone="warning">{text.truncated}</Badge>}
    </>
  );
}

const between = (side: { from_time_unix_nano: string; to_time_unix_nano: string }) =>
  `${time(side.from_time_unix_nano)} – ${time(side.to_time_unix_nano)}`;
