/** Nodes and edges in a sentence: for tips, and for those who do not see the drawing. */
import { milliseconds, percent, rate } from "../../text/format";
import { messages } from "../../text/messages";
import type { Kind, Look } from "./looks";
import { p95Of, type Scene, type SceneEdge, type SceneNode } from "./scene";

export const KIND = messages({
  workload: { en: "workload", ja: "ワークロード" },
  service: { en: "service known by its callers only", ja: "呼び出し元からのみ分かるサービス" },
  operation: { en: "operation", ja: "オペレーション" },
  gateway: { en: "gateway", ja: "ゲートウェイ" },
  waypoint: { en: "waypoint", ja: "ウェイポイント" },
  database: { en: "database", ja: "データベース" },
  messaging: { en: "messaging", ja: "メッセージング" },
  external: { en: "external host", ja: "外部ホスト" },
  ingress: { en: "before the gateway", ja: "ゲートウェイの手前" },
  unknown: { en: "unknown caller", ja: "不明な呼び出し元" },
}) satisfies Record<Kind, string>;

export const LOOK = messages({
  idle: { en: "idle", ja: "アイドル" },
  na: { en: "no traffic to judge by", ja: "判定できる通信なし" },
  healthy: { en: "healthy", ja: "正常" },
  slow: { en: "slower than the threshold", ja: "しきい値より遅い" },
  degraded: { en: "degraded", ja: "劣化" },
  failure: { en: "failing", ja: "障害" },
  same: { en: "as before", ja: "変化なし" },
  better: { en: "better", ja: "改善" },
  new: { en: "new", ja: "新規" },
  gone: { en: "gone", ja: "消滅" },
  worse: { en: "worse", ja: "悪化" },
  much_worse: { en: "much worse", ja: "大幅に悪化" },
}) satisfies Record<Look, string>;

const text = messages({
  calledBy: {
    en: (callers: number, callees: number) => `called by ${callers}, calls ${callees}`,
    ja: (callers: number, callees: number) => `呼び出し元 ${callers}、呼び出し先 ${callees}`,
  },
  inNamespace: { en: (name: string) => `in ${name}`, ja: (name: string) => name },
  errors: { en: (share: string) => `${share} errors`, ja: (share: string) => `エラー ${share}` },
});

export function nodeSentence({ id, label, kind, look, reason, node }: SceneNode, scene: Scene) {
  const callers = scene.edges.filter(({ target }) => target === id).length;
  const callees = scene.edges.filter(({ source }) => source === id).length;
  return joined([
    label.replace("\n", " "),
    KIND[kind],
    node.namespace && text.inNamespace(node.namespace),
    toldLook(look, reason),
    node.inbound && rate(node.inbound.rate),
    text.calledBy(callers, callees),
  ]);
}

export function edgeSentence(shown: SceneEdge, scene: Scene): string {
  const { edge, look, reason } = shown;
  return joined([
    edgeName(shown, scene),
    toldLook(look, reason),
    rate(edge.rate),
    edge.errors > 0 && text.errors(percent(edge.error_percent)),
    p95Of(edge) !== null && `p95 ${milliseconds(p95Of(edge))}`,
  ]);
}

/** Return an edge as `caller → callee`. */
export function edgeName({ source, target }: SceneEdge, scene: Scene): string {
  return `${nameOf(source, scene)} → ${nameOf(target, scene)}`;
}

/** Return the label of a node in one line. */
export const nameOf = (id: string, { nodes }: Scene) =>
  nodes.find((node) => node.id === id)?.label.replaceAll("\n", " ") ?? id;

const toldLook = (look: Look, reason: string) => (reason ? `${LOOK[look]}: ${reason}` : LOOK[look]);

const joined = (parts: readonly (string | false | null | undefined)[]) =>
  parts.filter(Boolean).join(" · ");
