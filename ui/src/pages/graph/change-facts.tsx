/** What has changed between two windows or versions, before, after and by how much. */
import { Badge, type Tone } from "../../components/badge";
import { Table } from "../../components/table";
import { milliseconds, percent, rate } from "../../text/format";
import { messages } from "../../text/messages";
import { signed, signedRate } from "./edge-label";
import { ALARMING, type Look } from "./looks";
import { type Change, type Comparison, changeLook, type GraphEdge, type GraphNode } from "./scene";
import { LOOK } from "./sentences";

const text = messages({
  caption: { en: "Before and after", ja: "変更前と変更後" },
  before: { en: "Before", ja: "前" },
  after: { en: "After", ja: "後" },
  change: { en: "Change", ja: "変化" },
  rate: { en: "Calls a second", ja: "毎秒の呼び出し" },
  errors: { en: "Errors", ja: "エラー" },
});

type Compared = Comparison["nodes"][number] | Comparison["edges"][number];

/** Return the traffic that a change is about: of a node, what it received. */
const trafficOf = (side: GraphNode | GraphEdge | null) =>
  side && ("inbound" in side ? (side.inbound ?? side.outbound) : side);

export function ChangeFacts({ compared }: { compared: Compared }) {
  const { change } = compared;
  const [before, after] = [trafficOf(compared.before), trafficOf(compared.after)];
  const row = (
    key: string,
    value: (traffic: NonNullable<typeof before>) => string,
    told: string,
  ) => ({ key, before: before && value(before), after: after && value(after), told });
  const rows = [
    row(text.rate, (traffic) => rate(traffic.rate), signedRate(change.rate)),
    row(
      text.errors,
      (traffic) => percent(traffic.error_percent),
      `${signed(change.error_percent, 1)} pp`,
    ),
    ...(["p50_ms", "p95_ms", "p99_ms"] as const).map((key) =>
      row(
        key.slice(0, 3),
        ({ client, server, lag }) => milliseconds((client ?? server ?? lag)?.[key]),
        signedDuration(change[key]),
      ),
    ),
  ];
  return (
    <>
      <ChangeBadge compared={compared} />
      <Table
        caption={text.caption}
        rows={rows}
        rowKey={({ key }) => key}
        columns={[
          { key: "what", label: "", cell: ({ key }) => key },
          { key: "before", label: text.before, cell: (each) => each.before ?? "–", numeric: true },
          { key: "after", label: text.after, cell: (each) => each.after ?? "–", numeric: true },
          { key: "change", label: text.change, cell: ({ told }) => told, numeric: true },
        ]}
      />
    </>
  );
}

const signedDuration = (value: Change["p95_ms"]) =>
  value === null
    ? "–"
    : value === 0
      ? "±0"
      : `${value > 0 ? "+" : "−"}${milliseconds(Math.abs(value))}`;

const TONES: Partial<Record<Look, Tone>> = {
  better: "healthy",
  new: "info",
  worse: "warning",
  much_worse: "error",
};

/** Better or worse, as a word. */
export function ChangeBadge({ compared }: { compared: Compared }) {
  const look = changeLook(compared);
  return (
    <Badge tone={TONES[look] ?? "neutral"}>
      <span aria-hidden="true">{ALARMING.has(look) ? "▲" : look === "better" ? "▼" : "●"}</span>
      {LOOK[look]}
    </Badge>
  );
}
