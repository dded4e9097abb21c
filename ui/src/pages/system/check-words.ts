/** The words of the checks: English as the API says them, Japanese by what was found. */
import type { Schema } from "../../api/client";
import { bytes, number } from "../../text/format";
import { language } from "../../text/language";
import { messages } from "../../text/messages";
import { japaneseAdvice } from "./fault-words";

type Check = Schema<"SystemCheck">;

const questions = messages({
  listening: { en: "Receivers listen", ja: "受信の待ち受け" },
  connected: { en: "Exporters connect", ja: "エクスポーターの接続" },
  protocol: { en: "They speak the right protocol", ja: "プロトコル" },
  spans_arrive: { en: "Exports bring spans", ja: "スパンの到着" },
  accepted: { en: "Everything is accepted", ja: "受け入れ" },
  kept: { en: "Our processors keep them", ja: "プロセッサーの通過" },
  stored: { en: "They reach the store", ja: "ストアへの書き込み" },
  recent: { en: "The newest is of now", ja: "最新のスパン" },
  proxies: { en: "Proxies report", ja: "プロキシからの報告" },
  whole_traces: { en: "Traces are whole", ja: "トレースのつながり" },
});

export const questionOf = (check: Check) => questions[check.id];

export const summaryOf = (check: Check): string =>
  japanese(check)?.summary(numbered(check.values)) ?? check.summary;

export const adviceOf = (check: Check): readonly string[] =>
  japanese(check)?.advice?.(check.values) ?? check.advice;

const japanese = (check: Check) =>
  language.value === "ja" ? JAPANESE[`${check.id}.${check.finding}`] : undefined;

type Values = Check["values"];

interface Words {
  summary: (values: Values) => string;
  advice?: (values: Values) => readonly string[];
}

const COUNTS = /^(dropped|peers|processed|recent_spans|requests|rootless|single|spans|traces)$/;

/** Return the values with separators in the counts, and units where they are bytes. */
function numbered(values: Values): Values {
  const shown = Object.entries(values).map(([name, value]) => [
    name,
    COUNTS.test(name)
      ? number(Number(value))
      : name.endsWith("_bytes")
        ? bytes(Number(value))
        : value,
  ]);
  return Object.fromEntries(shown);
}

const SAMPLING =
  "トレースする割合を確認してください: Istio の Telemetry の randomSamplingPercentage です。指定がなければ 1 %、Istio 付属の例では 0 % です。";
const PROVIDER =
  "meshConfig.extensionProviders の opentelemetry.service にこの Service の完全な名前を書き、Telemetry リソースでそのプロバイダーを指定してください。istiod が解決できない名前では、トレースは警告なしに無効になります (istiod のログに警告が出ます)。";
const PORT_NAMES =
  "Service のポート名を grpc-… (4317) と http-… (4318) にするか、appProtocol を指定してください。ないと Envoy は 4317 に HTTP/1.1 で送り、すべて失敗します。";
const REACH =
  "Sidecar リソース、REGISTRY_ONLY、ネットワークポリシーがある場合は、すべての名前空間からこの Service に到達できるようにしてください。";
const PROXY_STATS =
  "プロキシに確認: kubectl exec POD -c istio-proxy -- pilot-agent request GET 'stats?filter=tracing'。spans_sent は送信前に数えられ、失敗は数えられません。";
const SEE_FAULTS = "下の「拒否・補正」に、理由ごとの対処があります。";
const PROBE = "TCP プローブも同じように見えます。プローブはヘルスポート 13133 に向けてください。";
const SLOW_STORE = [
  "ストアに CPU、メモリー、ディスク速度を追加してください。",
  "spool.max_bytes は、ストアの停止に耐えられる長さを決めます。",
];
const NOTHING: Words = { summary: () => "判断できるデータがまだ届いていません。" };
const ELSEWHERE: Words = {
  summary: () =>
    "このプロセスは問い合わせ専用です。受信の状況は、別に動くコレクターの /metrics と /status で確認できます。",
};

const always = (text: string) => () => text;
const lines =
  (...given: string[]) =>
  () =>
    given;

const JAPANESE: Readonly<Record<string, Words>> = {
  "listening.not_accepting": {
    summary: always("受信できていません。受信プロセスがないか、スプールに書き込めません。"),
    advice: lines("ヘルスポートの /status と、データディレクトリーのディスクを確認してください。"),
  },
  "listening.loopback_only": {
    summary: ({ addresses }) => `このマシンからのみ受信できます: ${addresses}`,
    advice: lines(
      "他のマシンから受けるには、すべてのアドレスで待ち受けます: spanloom serve --otlp-grpc 0.0.0.0:4317 --otlp-http 0.0.0.0:4318",
    ),
  },
  "listening.listening": { summary: ({ addresses }) => `待ち受け中: ${addresses}` },
  "connected.connected": {
    summary: ({ requests, peers }) =>
      `起動から ${requests} 回のエクスポート、${peers} 個のアドレスから`,
  },
  "connected.no_request": {
    summary: always("接続はありますが、エクスポートは一度も届いていません。"),
    advice: lines(PORT_NAMES, PROBE),
  },
  "connected.no_exporter": {
    summary: always("起動から、どのエクスポーターも接続していません。"),
    advice: lines(PROVIDER, SAMPLING, REACH, PROXY_STATS),
  },
  "protocol.right": { summary: always("すべて正しいプロトコルで届いています。") },
  "protocol.grpc_port_without_calls": {
    summary: always(
      "gRPC ポートに接続はありますが、エクスポートがありません。HTTP/1、TLS、またはプローブです。",
    ),
    advice: lines(
      PORT_NAMES,
      "OTLP/HTTP はポート 4318 に送ってください。",
      "エクスポーターの TLS を無効にするか (insecure: true)、暗号化はメッシュに任せてください。",
    ),
  },
  "protocol.wrong": {
    summary: ({ reasons }) => `最近、想定外のものが届きました: ${reasons}`,
    advice: ({ reasons = "" }) => reasons.split(",").map((each) => japaneseAdvice("refused", each)),
  },
  "protocol.was_wrong": {
    summary: ({ reasons }) => `以前、想定外のものが届きました (最近はありません): ${reasons}`,
  },
  "spans_arrive.spans": {
    summary: ({ spans, recent_spans }) => `起動から ${spans} スパン、うち最近 ${recent_spans}`,
  },
  "spans_arrive.all_empty": {
    summary: always("届いていますが、すべて空です。何もサンプリングされていません。"),
    advice: lines(SAMPLING, "SDK では OTEL_TRACES_SAMPLER を確認してください。"),
  },
  "spans_arrive.none_accepted": {
    summary: always("届いていますが、1 スパンも受け入れられていません。"),
    advice: lines(SEE_FAULTS),
  },
  "accepted.all": { summary: always("すべて受け入れました。") },
  "accepted.lately": {
    summary: ({ reasons }) => `最近の拒否: ${reasons}`,
    advice: lines(SEE_FAULTS, "Envoy は再送しません。拒否されたものは失われます。"),
  },
  "accepted.earlier": {
    summary: ({ reasons }) => `最近はすべて受け入れました。以前の拒否: ${reasons}`,
  },
  "kept.all": { summary: always("破棄したスパンはありません。") },
  "kept.some": {
    summary: ({ processed, dropped }) =>
      `設定どおり、${processed} スパン中 ${dropped} を破棄しました。`,
  },
  "kept.none": {
    summary: ({ processed }) => `プロセッサーが ${processed} スパンすべてを破棄しました。`,
    advice: lines("設定の processors にある drop と sample を確認してください。"),
  },
  "stored.stored": { summary: always("受け入れたスパンはすぐにストアに入っています。") },
  "stored.store_unavailable": {
    summary: always("ストアが応答しません。スパンは受け入れ、スプールで待っています。"),
    advice: lines("データベースと、Spanloom のログを確認してください。"),
  },
  "stored.set_aside": {
    summary: always("保存できない記録があり、ファイルに退避しました。"),
    advice: lines(
      "ログを添えて報告してください。spool/set-aside/ は spanloom import で後から読めます。",
    ),
  },
  "stored.spool_almost_full": {
    summary: ({ percent }) => `スプールが ${percent} % 埋まっています。満杯になると拒否します。`,
    advice: lines(...SLOW_STORE),
  },
  "stored.slow": {
    summary: ({ oldest_waiting }) => `ストアが遅れています。${oldest_waiting} 待っています。`,
    advice: lines(...SLOW_STORE),
  },
  "recent.unknown": { summary: always("ストアの大きさが分かりません。") },
  "recent.no_span": {
    summary: always("スパンはまだ保存されていません。"),
    advice: lines(SAMPLING),
  },
  "recent.recent": { summary: ({ age }) => `最新のスパンは ${age} 前に始まりました。` },
  "recent.silent": {
    summary: ({ age }) => `最新のスパンは ${age} 前のものです。`,
    advice: lines(
      "トラフィックがあるなら、上の項目がどこで止まっているかを示します。",
      SAMPLING,
      "スパンは終わったときに届きます。長いストリームは終了時です。",
    ),
  },
  "recent.ahead": {
    summary: ({ age }) => `最新のスパンが ${age} 未来です。送信側の時計が進んでいます。`,
    advice: lines("ノードの時計を合わせてください。"),
  },
  "proxies.proxies": { summary: always("メッシュのプロキシが報告しています。") },
  "proxies.unknown": { summary: always("直近 1 時間に、判断できるスパンがありません。") },
  "proxies.applications_only": {
    summary: always("直近 1 時間はアプリケーションだけで、プロキシからの報告がありません。"),
    advice: lines(
      PROVIDER,
      "ztunnel はスパンを送りません。アンビエントモードでは waypoint が送ります。",
      "メッシュを使っていないなら、これで正常です。",
    ),
  },
  "whole_traces.whole": { summary: always("トレースはサービスをまたいでつながっています。") },
  "whole_traces.too_few": { summary: always("直近 1 時間のトレースが少なく、判断できません。") },
  "whole_traces.single_spans": {
    summary: ({ traces, single }) => `最新 ${traces} 件中 ${single} 件が 1 スパンだけです。`,
    advice: lines(
      "アプリケーションで traceparent、tracestate、x-request-id を転送してください。「伝播診断」で確認できます。",
      "ゲートウェイだけが報告している場合は、サイドカーを注入し、Telemetry をルート名前空間に置いてください。",
    ),
  },
  "whole_traces.rootless": {
    summary: ({ traces, rootless }) =>
      `最新 ${traces} 件中 ${rootless} 件に、始まりのスパンがありません。`,
    advice: lines(
      "最初の呼び出し元が報告していません。そこからも送るか、ゲートウェイでトレースを始めてください。",
    ),
  },
  ...Object.fromEntries(
    ["protocol", "spans_arrive", "accepted", "kept"].map((id) => [`${id}.nothing_came`, NOTHING]),
  ),
  ...Object.fromEntries(Object.keys(questions).map((id) => [`${id}.elsewhere`, ELSEWHERE])),
};
