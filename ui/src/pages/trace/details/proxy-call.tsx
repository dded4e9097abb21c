/** The call that a proxy's span is about: from whom, to whom, and what tells so. */
import type { Schema } from "../../../api/client";
import { messages } from "../../../text/messages";
import style from "./details.module.css";

const text = messages({
  from: { en: "From", ja: "呼び出し元" },
  to: { en: "To", ja: "呼び出し先" },
  unknown: { en: "unknown", ja: "不明" },
  told: { en: (source: string) => `told by ${source}`, ja: (source: string) => `根拠: ${source}` },
});

export function ProxyCall({ proxy }: { proxy: Schema<"Proxy"> }) {
  return (
    <dl class={style.call}>
      <dt>{text.from}</dt>
      <dd>
        <Peer peer={proxy.downstream} />
      </dd>
      <dt>{text.to}</dt>
      <dd>
        <Peer peer={proxy.upstream} />
      </dd>
    </dl>
  );
}

function Peer({ peer }: { peer: Schema<"Peer"> | null }) {
  if (!peer) {
    return <span class={style.muted}>{text.unknown}</span>;
  }
  const { identity, host, address, source } = peer;
  const name = identity.workload || identity.service || host || address || text.unknown;
  const place = [identity.version, identity.namespace, identity.cluster].filter(Boolean);
  const way = [identity.pod, host, address].filter((each) => each && each !== name);
  return (
    <>
      <b>{name}</b> {place.join(" · ")}
      <div class={style.muted}>{[...way, text.told(source)].join(" · ")}</div>
    </>
  );
}
