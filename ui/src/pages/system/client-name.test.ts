import { expect, it } from "vitest";
import { clientName } from "./client-name";

it.each([
  ["OTel-OTLP-Exporter-Envoy/8dd4/1.40.0/Clean/RELEASE/BoringSSL", "Envoy 1.40.0"],
  ["OTel-OTLP-Exporter-Python/1.38.0 grpc-python/1.80.0", "Python SDK 1.38.0"],
  ["grpc-go/1.75.0 linux", "grpc-go/1.75.0"],
  ["", ""],
])("%s is called %s", (userAgent, name) => {
  expect(clientName(userAgent)).toBe(name);
});
