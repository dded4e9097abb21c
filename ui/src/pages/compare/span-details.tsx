/** All figures of a place in the merged tree, side by side. */
import type { ComponentChildren } from "preact";
import { Drawer } from "../../components/drawer";
import { ErrorIcon } from "../../components/icons";
import { ServiceName } from "../../components/service-name";
import { traceLink } from "../../routing/links";
import { duration, number, shortId } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./compare.module.css";
import { Difference, signed } from "./difference";
import { type Aligned, type Figures, outcomeText } from "./tree";

const text = messages({
  label: { en: "The span in both sides", ja: "両側のスパン" },
  notStored: { en: "Span that is not stored", ja: "保存されていないスパン" },
  figure: { en: "Figure", ja: "項目" },
  change: { en: "B − A", ja: "B − A" },
  duration: { en: "Duration", ja: "所要時間" },
  self: { en: "Self time", ja: "自身の時間" },
  critical: { en: "On the critical path", ja: "クリティカルパス" },
  offset: { en: "Starts after", ja: "開始位置" },
  traces: { en: "Traces with it", ja: "含むトレース" },
  errors: { en: "Errors", ja: "エラー" },
  outcome: { en: "Ends with", ja: "結果" },
  example: { en: "Slowest span", ja: "最も遅いスパン" },
  ordinal: {
    en: (which: string) => `call ${which} of its kind below the same parent`,
    ja: (which: string) => `同じ親の下の同種の呼び出しの ${which} 番目`,
  },
});

interface Line {
  name: string;
  cell: (figures: Figures) => ComponentChildren;
  /** Nanoseconds or a count, if the difference has a meaning. */
  value?: (figures: Figures) => string | number;
}

const lines = (): Line[] => [
  time(text.duration, (figures) => figures.duration_nano),
  time(text.self, (figures) => figures.self_time_nano),
  time(text.critical, (figures) => figures.critical_time_nano),
  time(text.offset, (figures) => figures.offset_nano),
  { name: text.outcome, cell: (figures) => <Outcome figures={figures} /> },
  { name: text.errors, cell: ({ error_count }) => number(error_count) },
  { name: text.traces, cell: ({ traces }) => number(traces) },
  {
    name: text.example,
    cell: ({ trace_id, span_id }) => (
      <a href={traceLink(trace_id, { span: span_id })}>
        <code>{shortId(trace_id)}</code>
      </a>
    ),
  },
];

const time = (name: string, value: (figures: Figures) => string): Line => ({
  name,
  value,
  cell: (figures) => duration(value(figures)),
});

interface Props {
  span: Aligned;
  onClose: () => void;
}

export function SpanDetails({ span, onClose }: Props) {
  const { a, b, service, operation, kind, ordinal } = span;
  return (
    <div class={style.details}>
      <Drawer
        label={text.label}
        title={service ? <ServiceName name={service} /> : text.notStored}
        onClose={onClose}
      >
        <p>{operation}</p>
        <p class={style.muted}>
          {kind !== "unspecified" && kind}
          {ordinal > 0 && ` · ${text.ordinal(number(ordinal + 1))}`}
        </p>
        <p class={style.change}>
          <Difference change={span.change} difference_nano={span.difference_nano} />
        </p>
        <table class={style.figures}>
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">{text.figure}</span>
              </th>
              <th scope="col">A</th>
              <th scope="col">B</th>
              <th scope="col">{text.change}</th>
            </tr>
          </thead>
          <tbody>
            {lines().map(({ name, cell, value }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{a ? cell(a) : "–"}</td>
                <td>{b ? cell(b) : "–"}</td>
                <td>{value && a && b && signed(Number(value(b)) - Number(value(a)))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Drawer>
    </div>
  );
}

function Outcome({ figures }: { figures: Figures }) {
  const told = outcomeText(figures) || "–";
  return figures.outcome.error ? (
    <span class={style.errors}>
      <ErrorIcon /> {told}
    </span>
  ) : (
    told
  );
}
