/** The columns of the merged tree. */
import { Badge } from "../../components/badge";
import { serviceColour } from "../../components/service-colour";
import type { SizedColumn } from "../../components/virtual-table";
import { traceLink } from "../../routing/links";
import { duration } from "../../text/format";
import { messages } from "../../text/messages";
import { Difference } from "./difference";
import type { SideName } from "./side";
import { type Aligned, type Figures, outcomeText, type Row } from "./tree";
import style from "./tree.module.css";

const text = messages({
  span: { en: "Span", ja: "スパン" },
  difference: { en: "B − A", ja: "B − A" },
  time: { en: "When: A above B", ja: "時間: 上 A、下 B" },
  notStored: { en: "not stored", ja: "保存されていません" },
  open: {
    en: (side: string, time: string) => `${time}: open the span in ${side}`,
    ja: (side: string, time: string) => `${time}: ${side} のスパンを開く`,
  },
});

/** Pixels that a level is moved to the right, and all of them together at most. */
const STEP = 14;
const MAX_INDENT = 200;

/** @param length nanoseconds of the whole width of the bars. */
export function columnsOf(spans: readonly Aligned[], length: number): SizedColumn<Row>[] {
  const column = (key: SideName): SizedColumn<Row> => ({
    key,
    label: key.toUpperCase(),
    width: "5.5rem",
    numeric: true,
    cell: ({ index }) => <Time figures={spans[index]?.[key] ?? null} side={key} />,
  });
  return [
    {
      key: "span",
      label: text.span,
      width: "42%",
      cell: ({ index, isContext }) => <Name span={spans[index]} isContext={isContext} />,
    },
    column("a"),
    column("b"),
    {
      key: "difference",
      label: text.difference,
      width: "7.5rem",
      numeric: true,
      cell: ({ index }) => {
        const span = spans[index];
        return span && <Difference {...span} />;
      },
    },
    {
      key: "time",
      label: text.time,
      cell: ({ index, isContext }) => (
        <div class={isContext ? style.contextBars : style.bars}>
          <Bar figures={spans[index]?.a ?? null} side="a" length={length} />
          <Bar figures={spans[index]?.b ?? null} side="b" length={length} />
        </div>
      ),
    },
  ];
}

function Name({ span, isContext }: { span: Aligned | undefined; isContext: boolean }) {
  if (!span) {
    return null;
  }
  const { a, b, service, operation, depth } = span;
  return (
    <div
      class={isContext ? style.contextName : style.name}
      style={{ paddingLeft: `${Math.min(depth * STEP, MAX_INDENT)}px` }}
      title={`${service} ${operation}`}
    >
      <i
        class={style.swatch}
        style={{ background: service ? serviceColour(service) : "var(--border-strong)" }}
      />
      <b>{service || text.notStored}</b>
      <span class={style.operation}>{operation}</span>
      {span.status_changed && a && b && (
        <Badge tone={b.outcome.error ? "error" : "info"}>
          {outcomeText(a) || "–"} → {outcomeText(b) || "–"}
        </Badge>
      )}
    </div>
  );
}

interface TimeProps {
  figures: Figures | null;
  side: SideName;
}

/** How long it took, and the way to the span. */
const Time = ({ figures, side }: TimeProps) =>
  figures ? (
    <a
      class={style.time}
      href={traceLink(figures.trace_id, { span: figures.span_id })}
      title={text.open(side.toUpperCase(), duration(figures.duration_nano))}
    >
      {duration(figures.duration_nano)}
    </a>
  ) : (
    <>–</>
  );

function Bar({ figures, side, length }: TimeProps & { length: number }) {
  const part = (nanoseconds: string) => `${((100 * Number(nanoseconds)) / length).toFixed(3)}%`;
  return (
    figures && (
      <i
        class={`${style[side]} ${figures.outcome.error ? style.error : ""}`}
        style={{ left: part(figures.offset_nano), width: part(figures.duration_nano) }}
      />
    )
  );
}
