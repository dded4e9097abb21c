/** What nodes and edges of the graph of a trace say. */
import { duration, number, percent } from "../../../text/format";
import { messages } from "../../../text/messages";
import { text as words } from "../words";
import type { CallEdge, CallNode } from "./calls";

export const COLOURINGS = ["service", "time", "errors"] as const;
export type Colouring = (typeof COLOURINGS)[number];

const text = messages({
  spans: { en: (count: string) => `${count} spans`, ja: (count: string) => `${count} スパン` },
  span: { en: () => "1 span", ja: () => "1 スパン" },
  own: { en: (time: string) => `self ${time}`, ja: (time: string) => `自身 ${time}` },
  errors: {
    en: (count: string) => `⚠ ${count} failed`,
    ja: (count: string) => `⚠ エラー ${count}`,
  },
});

export const nodeName = ({ service, operation, isMissing }: CallNode) =>
  isMissing ? words.notStored : [service || "–", operation].filter(Boolean).join("\n");

export function nodeLabel(node: CallNode): string {
  const { spans, own, ownShare, errors, isMissing } = node;
  const count = spans.length === 1 ? text.span() : text.spans(number(spans.length));
  const facts = isMissing
    ? [count]
    : [count, `${text.own(duration(own))} (${percent(100 * ownShare)})`];
  return [nodeName(node), facts.join(" · "), ...(errors ? [text.errors(number(errors))] : [])].join(
    "\n",
  );
}

export function edgeLabel({ spans, total, errors }: CallEdge): string {
  const times = spans.length === 1 ? "" : `${number(spans.length)} × `;
  return [
    `${times}${duration(total / spans.length)}`,
    ...(errors ? [text.errors(number(errors))] : []),
  ].join("\n");
}
