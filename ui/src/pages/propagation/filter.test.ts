import { expect, test } from "vitest";
import type { Schema } from "../../api/client";
import { filterOf, ofAnySign, ofSigns, valuesOf } from "./filter";

const subject = (service: string, namespace = "shop") =>
  ({
    name: `${service}.${namespace}`,
    service,
    namespace,
    cluster: "west",
    workload: `${service}-v1`,
  }) as Schema<"Subject">;

const finding = (sign: string, confidence: string, service: string, peer?: string) =>
  ({
    sign,
    confidence,
    subject: subject(service),
    peer: peer ? subject(peer) : null,
  }) as Schema<"Finding">;

const FINDINGS = [
  finding("B1", "certain", "checkout"),
  finding("B6", "medium", "reviews", "productpage"),
  finding("B3", "low", "reviews"),
];

const shown = (address: string) => {
  const filter = filterOf(new URLSearchParams(address));
  return ofSigns(ofAnySign(FINDINGS, filter), filter).map((each) => each.sign);
};

test("without conditions all findings are shown", () => {
  expect(shown("")).toEqual(["B1", "B6", "B3"]);
});

test("a confidence asks for findings that are at least so sure", () => {
  expect(shown("confidence=medium")).toEqual(["B1", "B6"]);
  expect(shown("confidence=certain")).toEqual(["B1"]);
});

test("several signs may be asked for", () => {
  expect(shown("sign=B1&sign=B3")).toEqual(["B1", "B3"]);
});

test("a service is found in any of its forms, and as the other end", () => {
  expect(shown("service=reviews")).toEqual(["B6", "B3"]);
  expect(shown("service=productpage-v1")).toEqual(["B6"]);
  expect(shown("service=checkout.shop")).toEqual(["B1"]);
});

test("conditions hold together", () => {
  expect(shown("service=reviews&confidence=medium&namespace=shop&cluster=west")).toEqual(["B6"]);
  expect(shown("namespace=other")).toEqual([]);
});

test("the values to choose from are those of all that was examined", () => {
  const answer = {
    findings: FINDINGS,
    workloads: [{ workload: subject("details", "bookinfo") }],
  } as unknown as Schema<"Propagation">;

  expect(valuesOf(answer, "namespace")).toEqual(["bookinfo", "shop"]);
});
