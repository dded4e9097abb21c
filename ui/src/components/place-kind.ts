/** Words for the kinds of nodes of the graph. */
import type { Schema } from "../api/client";
import { messages } from "../text/messages";

const text = messages({
  workload: { en: "workload", ja: "ワークロード" },
  gateway: { en: "gateway", ja: "ゲートウェイ" },
  waypoint: { en: "waypoint", ja: "ウェイポイント" },
  service: { en: "no spans of its own", ja: "自身のスパンなし" },
  database: { en: "database", ja: "データベース" },
  messaging: { en: "messages", ja: "メッセージ" },
  external: { en: "external", ja: "外部" },
  ingress: { en: "ingress", ja: "イングレス" },
  unknown: { en: "unknown", ja: "不明" },
});

export const kindWord = (kind: Schema<"PlaceKind">) => text[kind];
