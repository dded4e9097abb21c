/** One span of the timeline: what it is, how long it took, and when. */
// biome-ignore-all lint/a11y/useSemanticElements: only rows in sight are there, as no table has it
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its row
import { Badge } from "../../../components/badge";
import { ErrorIcon } from "../../../components/icons";
import { serviceColour } from "../../../components/service-colour";
import { duration } from "../../../text/format";
import { messages } from "../../../text/messages";
import type { Hop } from "../hops";
import type { Layout } from "../layout";
import type { Row } from "../rows";
import type { Span } from "../view";
import type { ViewRange } from "../view-range";
import { hopName, hopText, oddStatus, serviceOf, text as words } from "../words";
import { Bar } from "./bar";
import style from "./row.module.css";

const text = messages({
  error: { en: "error", ja: "エラー" },
  hidden: { en: (count: number) => `${count} spans folded`, ja: (n: number) => `${n} 件を省略` },
  moved: { en: (by: string) => `clock moved ${by}`, ja: (by: string) => `時計を ${by} 補正` },
  inferred: { en: "inferred link", ja: "推定リンク" },
});

export const ROW_HEIGHT = 26;

interface Props {
  id: string;
  row: Row;
  /** Of the row in the list, from 0. */
  position: number;
  span: Span;
  layout: Layout;
  range: ViewRange;
  hop: Hop | undefined;
  foldsHops: boolean;
  /** `service.name` at the other end of the hop; empty if that is not known. */
  callee: string;
  /** Why the span was linked to the one above it though it does not name it. */
  inferred: string | undefined;
  /** Pixels a level is to the right of the one above. */
  step: number;
  isSelected: boolean;
  isCursor: boolean;
  /** Whether the search found it; undefined if nothing is sought. */
  isMatch: boolean | undefined;
}

// It reads signals, so that it is drawn anew only when one of them or a property changes.
export function SpanRow(props: Props) {
  const { id, row, position, span, hop, step, inferred } = props;
  const isFirst = hop?.members[0] === row.index;
  const colour = span.missing ? "var(--border-strong)" : serviceColour(span.service_name);
  return (
    <div
      id={id}
      role="row"
      aria-level={row.depth + 1}
      aria-rowindex={position + 1}
      aria-expanded={row.isOpen}
      aria-selected={props.isSelected}
      data-row={position}
      data-cursor={props.isCursor || undefined}
      data-match={props.isMatch === undefined ? undefined : String(props.isMatch)}
      data-hop={props.foldsHops ? undefined : hopPart(hop, row.index)}
      class={style.row}
    >
      <div role="gridcell" class={style.name} style={{ paddingLeft: `${row.depth * step}px` }}>
        <span
          class={inferred ? style.inferredGuides : style.guides}
          style={{ width: `${row.depth * step}px`, backgroundSize: `${step}px 100%` }}
        />
        <span
          class={style.fold}
          data-fold={row.isOpen === undefined ? undefined : ""}
          aria-hidden="true"
        >
          {row.isOpen === undefined ? "" : row.isOpen ? "▾" : "▸"}
        </span>
        <span class={style.swatch} style={{ background: colour }} />
        {span.error && (
          <span class={style.error} role="img" aria-label={text.error}>
            <ErrorIcon />
          </span>
        )}
        <Names {...props} isFirst={isFirst} />
        <Marks {...props} />
      </div>
      <div role="gridcell" class={style.duration}>
        {span.missing ? "–" : duration(span.duration_nano)}
      </div>
      <div role="gridcell" class={style.time}>
        <Bar
          {...props}
          colour={colour}
          calleeColour={serviceColour(props.callee || span.service_name)}
          note={noteOf(props, isFirst)}
        />
      </div>
    </div>
  );
}

function Names({ span, foldsHops, callee, isFirst }: Props & { isFirst: boolean }) {
  if (span.missing) {
    return (
      <span class={style.missing} title={words.missing}>
        {words.notStored} <code>{span.span_id}</code>
      </span>
    );
  }
  const title = `${serviceOf(span)}: ${span.name}`;
  return (
    <span class={style.names} title={title}>
      <b>{serviceOf(span)}</b>
      {foldsHops && isFirst && <b> → {callee}</b>} <span class={style.operation}>{span.name}</span>
    </span>
  );
}

function Marks({ row, span, inferred, foldsHops, hop }: Props) {
  const status = oddStatus(span);
  const isFolded = foldsHops && hop?.members[0] === row.index;
  return (
    <span class={style.marks}>
      {row.hidden > 0 && <Badge title={text.hidden(row.hidden)}>+{row.hidden}</Badge>}
      {inferred && (
        <Badge tone="info" title={inferred}>
          {text.inferred}
        </Badge>
      )}
      {span.proxy && !isFolded && <span class={style.hop}>{hopName(span.proxy.hop)}</span>}
      {status && <Badge tone={span.error ? "error" : "neutral"}>{status}</Badge>}
      {span.response_flags.map(({ flag, meaning }) => (
        <Badge key={flag} tone="error" title={meaning}>
          {flag}
        </Badge>
      ))}
    </span>
  );
}

/** Return what is told beside the bar: what is odd first, else what the proxies cost. */
function noteOf({ span, hop }: Props, isFirst: boolean): string {
  const correction = Number(span.clock_correction_nano);
  return [
    ...span.response_flags.map(({ meaning }) => meaning),
    ...(span.error && span.status.message ? [span.status.message] : []),
    ...(correction
      ? [text.moved(`${correction > 0 ? "+" : "−"}${duration(Math.abs(correction))}`)]
      : []),
    ...(hop && isFirst ? [hopText(hop)] : []),
  ].join(" · ");
}

function hopPart(hop: Hop | undefined, index: number): string | undefined {
  if (!hop) {
    return undefined;
  }
  const at = hop.members.indexOf(index);
  return at === 0 ? "first" : at === hop.members.length - 1 ? "last" : "middle";
}
