/** What exporters call themselves, as short as it can be told. */

const ENVOY = /^OTel-OTLP-Exporter-Envoy\/[^/]*\/([^/]+)/;
const SDK = /^OTel-OTLP-Exporter-(\w+)\/(\S+)/i;

/** Return `Envoy 1.40.0`, `Python SDK 1.38.0`, or the first word of another `user-agent`. */
export function clientName(userAgent: string): string {
  const envoy = ENVOY.exec(userAgent);
  if (envoy) {
    return `Envoy ${envoy[1]}`;
  }
  const sdk = SDK.exec(userAgent);
  if (sdk) {
    return `${sdk[1]} SDK ${sdk[2]}`;
  }
  return userAgent.split(" ")[0] ?? "";
}
