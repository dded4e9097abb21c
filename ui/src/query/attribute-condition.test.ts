import { describe, expect, test } from "vitest";
import { attributeText, readAttribute, readKey } from "./attribute-condition";

describe("a condition on an attribute", () => {
  test.each([
    ["user.id=7", "any", "user.id", "=", "7"],
    ["user.id!=7", "any", "user.id", "!=", "7"],
    ["http.status_code>=500", "any", "http.status_code", ">=", "500"],
    ["http.url~/cart?a=b", "any", "http.url", "~", "/cart?a=b"],
    ["retry.count", "any", "retry.count", "exists", ""],
    ["!retry.count", "any", "retry.count", "absent", ""],
    ["resource:k8s.pod.name=x", "resource", "k8s.pod.name", "=", "x"],
    ["guid:x-request-id=7", "any", "guid:x-request-id", "=", "7"],
    ["any:event:id=7", "any", "event:id", "=", "7"],
    ['"odd key"=x y', "any", "odd key", "=", "x y"],
    ['event:"a=b"', "event", "a=b", "exists", ""],
    ["note=", "any", "note", "=", ""],
  ] as const)("%s is read and written back the same", (text, scope, key, comparison, value) => {
    const condition = { scope, key, comparison, value };

    expect(readAttribute(text)).toEqual(condition);
    expect(attributeText(condition)).toBe(text);
  });

  test.each(["", "=x", "!", "!a=b", '"a', "a b"])("%j is none", (text) => {
    expect(readAttribute(text)).toBeUndefined();
  });

  test("a key that is being typed has its scope in front", () => {
    expect(readKey("resource:k8s")).toEqual({ scope: "resource", key: "k8s", rest: "" });
  });
});
