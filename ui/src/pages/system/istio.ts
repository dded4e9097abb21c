/** What Istio has to be told so that a mesh sends its spans here: the texts of deploy/istio. */

export interface Target {
  /** Under which the mesh knows the service. */
  host: string;
  protocol: "grpc" | "http";
  grpcPort: number;
  httpPort: number;
  /** Share of requests that is traced. */
  percent: string;
}

/** The name that deploy/istio gives the Service. */
export const USUAL_HOST = "spanloom.observability.svc.cluster.local";

const ADDRESS = /^(\d+(\.\d+){3}|\[.*\]|localhost|.*\.localhost)$/;
const SERVICE = /^([a-z0-9-]+)\.([a-z0-9-]+)(\.svc(\..+)?)?$/;

/** Return the page's host, if a mesh may know it; else the usual one: Istio takes names only. */
export const hostOf = (hostname: string) => (ADDRESS.test(hostname) ? USUAL_HOST : hostname);

/** Return why a mesh cannot send to a host; undefined if it can. */
export const isName = (host: string) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host);

/** Whether a host is that of a Service in the cluster. */
export const isInCluster = (host: string) => /\.svc(\.|$)/.test(host) || SERVICE.test(host);

export function meshConfig({ host, protocol, grpcPort, httpPort }: Target): string {
  const way =
    protocol === "grpc"
      ? ["grpc:", "  timeout: 10s"]
      : ["http:", "  path: /v1/traces", "  timeout: 10s # Envoy refuses it without"];
  return yaml([
    "meshConfig:",
    "  enableTracing: true",
    "  extensionProviders:",
    "    - name: spanloom",
    "      opentelemetry:",
    `        service: ${host}`,
    `        port: ${protocol === "grpc" ? grpcPort : httpPort}`,
    ...way.map((line) => `        ${line}`),
  ]);
}

export function telemetry({ percent }: Target): string {
  return yaml([
    "apiVersion: telemetry.istio.io/v1",
    "kind: Telemetry",
    "metadata:",
    "  name: mesh-tracing",
    "  namespace: istio-system # the root namespace: holds for the whole mesh",
    "spec:",
    "  tracing:",
    "    - providers:",
    "        - name: spanloom",
    `      randomSamplingPercentage: ${percent}`,
  ]);
}

/** The ports of the Service, with the names that Envoy needs. */
export function service({ host, grpcPort, httpPort }: Target): string {
  const [, name = "spanloom", namespace = "observability"] = SERVICE.exec(host) ?? [];
  return yaml([
    "apiVersion: v1",
    "kind: Service",
    "metadata:",
    `  name: ${name}`,
    `  namespace: ${namespace}`,
    "spec:",
    "  selector:",
    "    app.kubernetes.io/name: spanloom",
    "  ports:",
    "    - name: grpc-otlp # the prefix makes Envoy speak HTTP/2",
    `      port: ${grpcPort}`,
    "      appProtocol: grpc",
    "    - name: http-otlp",
    `      port: ${httpPort}`,
    "      appProtocol: http",
  ]);
}

/** How a mesh learns of a host that is outside of its cluster. */
export function serviceEntry({ host, grpcPort, httpPort }: Target): string {
  return yaml([
    "apiVersion: networking.istio.io/v1",
    "kind: ServiceEntry",
    "metadata:",
    "  name: spanloom",
    "  namespace: istio-system",
    "spec:",
    `  hosts: [${host}]`,
    "  location: MESH_EXTERNAL",
    "  resolution: DNS",
    "  ports:",
    `    - {number: ${grpcPort}, name: grpc-otlp, protocol: GRPC}`,
    `    - {number: ${httpPort}, name: http-otlp, protocol: HTTP}`,
  ]);
}

const yaml = (lines: readonly string[]) => `${lines.join("\n")}\n`;
