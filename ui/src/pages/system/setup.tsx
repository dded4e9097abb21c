/** How a mesh is pointed here: what to give Istio, for this address. */
import type { Schema } from "../../api/client";
import { CopyButton } from "../../components/copy-button";
import { SelectField, TextField } from "../../components/field";
import { Panel } from "../../components/panel";
import { changeQuery, query } from "../../routing/location";
import { messages } from "../../text/messages";
import {
  hostOf,
  isInCluster,
  isName,
  meshConfig,
  service,
  serviceEntry,
  type Target,
  telemetry,
} from "./istio";
import style from "./system.module.css";

const text = messages({
  title: { en: "Point Istio here", ja: "Istio の設定" },
  lead: {
    en: "Three pieces: where spans go, how many, and the names of the ports. Each can be copied.",
    ja: "送り先、割合、ポート名の 3 つです。それぞれコピーできます。",
  },
  host: { en: "Host, as the mesh knows it", ja: "メッシュから見たホスト名" },
  hostHint: {
    en: "Istio takes names of Services or ServiceEntries, not addresses.",
    ja: "Istio が受け付けるのは Service か ServiceEntry の名前で、アドレスではありません。",
  },
  hostError: { en: "This is no host name.", ja: "ホスト名ではありません。" },
  protocol: { en: "Protocol", ja: "プロトコル" },
  percent: { en: "Requests traced, in percent", ja: "トレースする割合 (%)" },
  percentHint: {
    en: "100 while trying it out; Istio's own default is 1.",
    ja: "試すときは 100。Istio の既定値は 1 です。",
  },
  percentError: { en: "A number from 0 to 100.", ja: "0 から 100 の数値です。" },
  meshConfig: { en: "Mesh configuration", ja: "メッシュ設定" },
  telemetry: { en: "Telemetry resource", ja: "Telemetry リソース" },
  service: {
    en: "The Service in front of Spanloom",
    ja: "Spanloom の Service",
  },
  serviceEntry: {
    en: "ServiceEntry, as the host is outside of the cluster",
    ja: "ServiceEntry (クラスター外のホスト)",
  },
  copy: { en: "Copy", ja: "コピー" },
});

const DEFAULT_PORTS = { "otlp/grpc": 4317, "otlp/http": 4318 } as const;

export function Setup({ system }: { system: Schema<"System"> }) {
  const wanted = targetOf(system);
  const isHost = isName(wanted.host);
  const isPercent = /^\d{1,3}(\.\d+)?$/.test(wanted.percent) && Number(wanted.percent) <= 100;
  const needed = system.checks.some((check) => check.id === "connected" && check.status !== "ok");
  const outside = !isInCluster(wanted.host);
  return (
    <Panel>
      {/* Anew when it becomes needed: then it opens, but closing it lasts. */}
      <details key={String(needed)} class={style.setup} open={needed}>
        <summary>
          <h2>{text.title}</h2>
        </summary>
        <p class={style.quiet}>{text.lead}</p>
        <div class={style.fields}>
          <TextField
            label={text.host}
            value={wanted.host}
            hint={text.hostHint}
            error={isHost ? undefined : text.hostError}
            onChange={(host) => changeQuery({ host })}
          />
          <SelectField
            label={text.protocol}
            value={wanted.protocol}
            onChange={(protocol) => changeQuery({ protocol })}
            options={[
              { value: "grpc", label: `gRPC (${wanted.grpcPort})` },
              { value: "http", label: `HTTP (${wanted.httpPort})` },
            ]}
          />
          <TextField
            label={text.percent}
            value={wanted.percent}
            hint={text.percentHint}
            error={isPercent ? undefined : text.percentError}
            onChange={(percent) => changeQuery({ percent })}
          />
        </div>
        {isHost && isPercent && (
          <div class={style.snippets}>
            <Snippet title={text.meshConfig} content={meshConfig(wanted)} />
            <Snippet title={text.telemetry} content={telemetry(wanted)} />
            <Snippet
              title={outside ? text.serviceEntry : text.service}
              content={outside ? serviceEntry(wanted) : service(wanted)}
            />
          </div>
        )}
      </details>
    </Panel>
  );
}

function targetOf(system: Schema<"System">): Target {
  const wanted = (name: string) => query.value.get(name) || undefined;
  const port = (protocol: keyof typeof DEFAULT_PORTS) =>
    system.receivers?.find((each) => each.protocol === protocol)?.port ?? DEFAULT_PORTS[protocol];
  return {
    host: wanted("host") ?? hostOf(window.location.hostname),
    protocol: wanted("protocol") === "http" ? "http" : "grpc",
    grpcPort: port("otlp/grpc"),
    httpPort: port("otlp/http"),
    percent: wanted("percent") ?? "10",
  };
}

function Snippet({ title, content }: { title: string; content: string }) {
  return (
    <section class={style.snippet}>
      <header>
        <h3>{title}</h3>
        <CopyButton value={content} label={`${text.copy}: ${title}`}>
          {text.copy}
        </CopyButton>
      </header>
      {/* It scrolls sideways: the keyboard has to reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as above */}
      <pre tabIndex={0}>{content}</pre>
    </section>
  );
}
