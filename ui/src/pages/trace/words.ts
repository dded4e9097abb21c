/** Words for what spans are and say, used by several parts of the page. */
import { duration, percent } from "../../text/format";
import { messages } from "../../text/messages";
import type { Hop } from "./hops";
import type { Span } from "./view";

export const text = messages({
  client_sidecar: { en: "client sidecar", ja: "クライアント側サイドカー" },
  server_sidecar: { en: "server sidecar", ja: "サーバー側サイドカー" },
  gateway: { en: "gateway", ja: "ゲートウェイ" },
  waypoint: { en: "waypoint", ja: "ウェイポイント" },
  upstream_attempt: { en: "upstream attempt", ja: "上流への試行" },
  proxy: { en: "proxy", ja: "プロキシ" },
  notStored: { en: "not stored", ja: "保存されていません" },
  missing: {
    en: "Spans name this parent, but it is not stored: late, sampled out, lost, or made by something that does not report.",
    ja: "子スパンが参照する親スパンですが、保存されていません（遅延、サンプリング除外、損失、または未報告）。",
  },
  onTheWay: {
    en: (time: string, share: string) => `${time} network + proxies (${share})`,
    ja: (time: string, share: string) => `ネットワーク + プロキシ ${time} (${share})`,
  },
  onTheWayOnly: {
    en: (time: string, share: string) => `${time} network + proxy (${share})`,
    ja: (time: string, share: string) => `ネットワーク + プロキシ ${time} (${share})`,
  },
  attempts: {
    en: (count: number) => `${count} attempts`,
    ja: (count: number) => `試行 ${count} 回`,
  },
});

/** Return the role of a proxy on a call's way, in words. */
export function hopName(hop: NonNullable<Span["proxy"]>["hop"]): string {
  switch (hop) {
    case "client sidecar":
      return text.client_sidecar;
    case "server sidecar":
      return text.server_sidecar;
    case "gateway":
      return text.gateway;
    case "waypoint":
      return text.waypoint;
    case "upstream attempt":
      return text.upstream_attempt;
    case "proxy":
      return text.proxy;
  }
}

/** Return how much of a hop was spent on the way. */
export function hopText({ total, onTheWay, hasApp, attempts }: Hop): string {
  const share = percent(total ? (100 * onTheWay) / total : 0);
  const told = (hasApp ? text.onTheWay : text.onTheWayOnly)(duration(onTheWay), share);
  return attempts > 1 ? `${told} · ${text.attempts(attempts)}` : told;
}

/** Return the service as people call it; of a placeholder, that nothing is known. */
export const serviceOf = (span: Span): string =>
  span.service_name || (span.missing ? text.notStored : "–");

const STATUS_KEYS = ["http.response.status_code", "http.status_code", "rpc.grpc.status_code"];

/** Return the status of the protocol, if the span has one that is not plain success. */
export function oddStatus({ attributes }: Span): string | undefined {
  for (const key of STATUS_KEYS) {
    const code = Number(attributes[key]);
    if (attributes[key] !== undefined && Number.isInteger(code)) {
      const isPlain = key.startsWith("http") ? code >= 100 && code < 400 : code === 0;
      return isPlain ? undefined : key.startsWith("http") ? String(code) : `grpc ${code}`;
    }
  }
  return undefined;
}
