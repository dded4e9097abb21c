/** The words of refused, rejected and mended spans: English as the API says them, or Japanese. */
import type { Schema } from "../../api/client";
import { language } from "../../text/language";

type Fault = Schema<"SystemFault">;

export const meaningOf = (fault: Fault) =>
  (language.value === "ja" && known(fault.kind, fault.reason)?.[0]) || fault.meaning;

export const adviceOf = (fault: Fault) =>
  (language.value === "ja" && known(fault.kind, fault.reason)?.[1]) || fault.advice;

/** Return the advice in Japanese; the reason itself if there is none. */
export const japaneseAdvice = (kind: Fault["kind"], reason: string) =>
  known(kind, reason)?.[1] ?? reason;

const known = (kind: Fault["kind"], reason: string) => JAPANESE[`${kind}.${reason}`];

const RETRIED = "SDK と Collector は再送しますが、Envoy は再送しません。";
const EXPORTER =
  "エクスポーターを更新するか、開発元に報告してください。スパンのサービス名で特定できます。";
const TLS =
  "エクスポーターの TLS を無効にするか (insecure: true)、暗号化はメッシュに任せてください。";
const MEANT = "意図した設定なら何も要りません。違う場合は設定の processors を確認してください。";

/** By kind and reason: what it means, and what to do. */
const JAPANESE: Readonly<Record<string, readonly [string, string]>> = {
  "refused.undecodable": [
    "本文が OTLP として読めません。",
    "OTLP (protobuf または JSON) を送ってください。",
  ],
  "refused.damaged_compression": [
    "圧縮された本文が壊れているか、途切れています。",
    "途中で本文を変えるプロキシがないか確認してください。",
  ],
  "refused.unknown_encoding": [
    "知らない圧縮形式です。",
    "gzip、deflate、zstd、または無圧縮にしてください。",
  ],
  "refused.http2": [
    "HTTP ポートに HTTP/2 が届きました。多くは 4318 に送られた OTLP/gRPC です。",
    "gRPC はポート 4317 へ。Istio ではそのポート名を grpc-…、4318 を http-… にしてください。",
  ],
  "refused.tls": ["平文の HTTP ポートに TLS が届きました。", TLS],
  "refused.not_found": [
    "スパンを受けないパスに送られました。",
    "/v1/traces に送るか、traces_paths にパスを追加してください。",
  ],
  "refused.other_signal": [
    "メトリクス、ログ、プロファイルが届きました。受けるのはトレースだけです。",
    "別の送り先にするか、エクスポーターで無効にしてください。",
  ],
  "refused.method_not_allowed": [
    "POST 以外のメソッドです。多くはブラウザーかプローブです。",
    "プローブはヘルスポート 13133 に向けてください。",
  ],
  "refused.too_large": [
    "リクエストが大きすぎ、そのスパンは失われました。",
    "バッチを小さくするか、max_request_bytes を増やしてください。",
  ],
  "refused.media_type": [
    "Content-Type が application/x-protobuf でも application/json でもありません。",
    "プロトコルを http/protobuf か http/json にしてください。",
  ],
  "refused.slow_client": [
    `本文が時間内に届きませんでした。${RETRIED}`,
    "送信元との間のネットワークを確認してください。",
  ],
  "refused.overloaded": [
    `受信中のデータがメモリーの上限を超えました。${RETRIED}`,
    "CPU か workers を増やすか、receivers.otlp.in_flight_bytes を増やしてください。",
  ],
  "refused.spool_full": [
    `ストアが追いつかず、スプールが満杯です。${RETRIED}`,
    "まずストアを確認してください。spool.max_bytes を増やすと長い停止に耐えます。",
  ],
  "refused.spool_unavailable": [
    `スプールに書き込めません。${RETRIED}`,
    "データディレクトリーのディスクとログを確認してください。",
  ],
  "refused.draining": [
    `Spanloom が停止中でした。${RETRIED}`,
    "shutdown.delay を設定すると、先に振り分けが止まります。",
  ],
  "refused.unexpected": [`Spanloom の不具合です。${RETRIED}`, "ログを添えて報告してください。"],
  "refused.aborted": [
    "応答の前にクライアントが切断しました。",
    "続くようなら、エクスポーターのタイムアウトを延ばしてください。",
  ],
  "rejected.trace_id_length": ["トレース ID が 16 バイトではありません。", EXPORTER],
  "rejected.trace_id_zero": ["トレース ID がすべて 0 です。", EXPORTER],
  "rejected.span_id_length": ["スパン ID が 8 バイトではありません。", EXPORTER],
  "rejected.span_id_zero": ["スパン ID がすべて 0 です。", EXPORTER],
  "mended.empty_span_name": [
    "スパンに名前がなく、unnamed_span としました。",
    "スパンを作る場所で操作名を付けてください。",
  ],
  "mended.empty_service_name": [
    "サービス名がなく、unknown_service としました。",
    "OTEL_SERVICE_NAME、Istio では tracingServiceName を設定してください。",
  ],
  "mended.missing_start_time": ["開始時刻がなく、終了または到着の時刻を使いました。", EXPORTER],
  "mended.negative_duration": [
    "開始より前に終わっており、長さを 0 としました。",
    "送信元の時計を確認してください。",
  ],
  "mended.long_trace_id": [
    "strict_trace_ids が無効なため、トレース ID の上位を 0 にしました。",
    "失われたものはなく、対処は要りません。",
  ],
  "mended.impossible_time": [
    "2262 年より後の時刻で、ないものとしました。",
    "送信元の時計と、単位がナノ秒かを確認してください。",
  ],
  "mended.unknown_kind": ["知らない種類のスパンで、unspecified としました。", EXPORTER],
  "mended.unknown_status_code": ["知らないステータスで、unset としました。", EXPORTER],
  "mended.invalid_parent_span_id": ["親の ID が 8 バイトではなく、ルートとしました。", EXPORTER],
  "mended.invalid_utf8": [
    "UTF-8 として読めない文字を置き換えました。",
    "属性を設定する場所で符号化してください。",
  ],
  "mended.duplicate_attribute_key": [
    "同じ属性が 2 つあり、後の値を残しました。",
    "一度だけ設定してください。Istio の customTags が Envoy の属性と重なることがあります。",
  ],
  "mended.undecodable_attribute": ["読めない属性がありました。", EXPORTER],
  "mended.undecodable_event": ["読めないイベントがありました。", EXPORTER],
  "mended.undecodable_link": ["読めないリンクがありました。", EXPORTER],
  "mended.undecodable_resource": ["リソースが読めず、サービスが分かりません。", EXPORTER],
  "mended.undecodable_scope": ["スコープが読めませんでした。", EXPORTER],
  "dropped.drop": ["設定どおり、drop プロセッサーが除きました。", MEANT],
  "dropped.sample": ["設定どおり、sample プロセッサーが除きました。", MEANT],
  "set_aside.not_storable": [
    "ストアに入れられない記録を、ファイルに退避しました。",
    "ログを添えて報告してください。spanloom import で後から読めます。",
  ],
};
