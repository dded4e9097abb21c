import { describe, expect, it } from "vitest";
import {
  hostOf,
  isInCluster,
  meshConfig,
  service,
  serviceEntry,
  telemetry,
  USUAL_HOST,
} from "./istio";

const target = {
  host: "spanloom.tracing.svc.cluster.local",
  protocol: "grpc",
  grpcPort: 4317,
  httpPort: 4318,
  percent: "10",
} as const;

describe("the host", () => {
  it.each(["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "app.localhost"])(
    "%s says nothing to a mesh",
    (hostname) => {
      expect(hostOf(hostname)).toBe(USUAL_HOST);
    },
  );

  it("of the page is taken if it is a name", () => {
    expect(hostOf("traces.example.com")).toBe("traces.example.com");
  });

  it.each([
    ["spanloom.tracing.svc.cluster.local", true],
    ["spanloom.tracing", true],
    ["traces.example.com", false],
  ])("%s is in the cluster: %s", (host, inside) => {
    expect(isInCluster(host)).toBe(inside);
  });
});

describe("the provider", () => {
  it("by gRPC has port 4317 and a timeout", () => {
    expect(meshConfig(target)).toContain(
      "        service: spanloom.tracing.svc.cluster.local\n        port: 4317\n        grpc:\n          timeout: 10s\n",
    );
  });

  it("by HTTP has port 4318, the path, and the timeout that Envoy demands", () => {
    expect(meshConfig({ ...target, protocol: "http" })).toMatch(
      /port: 4318\n {8}http:\n {10}path: \/v1\/traces\n {10}timeout: 10s/,
    );
  });
});

it("the Telemetry resource names the provider and the share", () => {
  expect(telemetry(target)).toContain("- name: spanloom\n      randomSamplingPercentage: 10\n");
});

it("the Service has its name, its namespace and the port names that Envoy needs", () => {
  expect(service(target)).toMatch(/name: spanloom\n {2}namespace: tracing\n/);
  expect(service(target)).toMatch(/- name: grpc-otlp.*\n {6}port: 4317\n/);
});

it("a host outside of the cluster becomes known by a ServiceEntry", () => {
  expect(serviceEntry({ ...target, host: "traces.example.com" })).toContain(
    "hosts: [traces.example.com]",
  );
});
