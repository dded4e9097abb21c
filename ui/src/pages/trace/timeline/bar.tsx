/** When a span ran: own time in full colour, the critical path below it, events upon it. */
import { useMemo } from "preact/hooks";
import { duration } from "../../../text/format";
import { messages } from "../../../text/messages";
import type { Hop } from "../hops";
import { type Layout, ownStretches, type Stretch } from "../layout";
import type { Row } from "../rows";
import type { Span } from "../view";
import type { ViewRange } from "../view-range";
import style from "./bar.module.css";

const text = messages({
  event: {
    en: (name: string, at: string) => `${name} at ${at}`,
    ja: (name: string, at: string) => `${name}（${at}）`,
  },
});

interface Part {
  /** Index of the span. */
  at: number;
  own: readonly Stretch[];
  /** Whether nobody worked on the request then: it was on the network or in a proxy. */
  isOnTheWay: boolean;
}

/** Return the own time of one span of the row. */
function partOf(layout: Layout, hop: Hop | undefined, at: number): Part {
  // The last proxy's own time is the app's too, unless the app tells about itself.
  const isOnTheWay = hop !== undefined && (at !== hop.members.at(-1) || hop.hasApp);
  return { at, own: ownStretches(layout, at), isOnTheWay };
}

/** Ticks beyond are no longer told apart on one bar. */
const MAX_TICKS = 50;

interface Props {
  row: Row;
  span: Span;
  layout: Layout;
  range: ViewRange;
  hop: Hop | undefined;
  foldsHops: boolean;
  colour: string;
  /** Of the service at the other end of a hop that is one row. */
  calleeColour: string;
  /** Told beside the bar. */
  note: string;
}

export function Bar({ row, span, layout, range, hop, foldsHops, note, ...colours }: Props) {
  const { index } = row;
  const { colour, calleeColour } = colours;
  const isFolded = foldsHops && hop?.members[0] === index;
  const parts = useMemo(
    () => (isFolded ? (hop?.members ?? []) : [index]).map((at) => partOf(layout, hop, at)),
    [layout, hop, isFolded, index],
  );
  const place = placing(range, layout.length);
  const stretch = layout.stretches[index];
  const placed = stretch && place(stretch);
  return (
    <>
      {placed && (
        <span
          class={`${span.missing ? style.missing : style.bar} ${span.error ? style.error : ""}`}
          style={{ ...placed, color: colour }}
        />
      )}
      {!span.missing &&
        parts.map(({ at, own, isOnTheWay }) =>
          own.map((part) => {
            const where = place(part);
            return (
              where && (
                <span
                  key={`${at} ${part.start}`}
                  class={isOnTheWay ? style.onTheWay : style.own}
                  style={{ ...where, color: isFolded && !isOnTheWay ? calleeColour : colour }}
                />
              )
            );
          }),
        )}
      {parts.map(({ at }) =>
        layout.critical.get(at)?.map((part) => {
          const where = place(part);
          return where && <span key={`${at} ${part.start}`} class={style.critical} style={where} />;
        }),
      )}
      {span.events.slice(0, MAX_TICKS).map((event, order) => {
        const at = Number(BigInt(event.time_unix_nano) - layout.startNano);
        const from = place({ start: at, end: at });
        return (
          from && (
            <span
              key={order}
              class={style.event}
              style={{ left: from.left }}
              title={text.event(event.name, duration(at))}
            />
          )
        );
      })}
      {note && stretch && (
        <Note stretch={stretch} range={range} length={layout.length} note={note} />
      )}
    </>
  );
}

/** Of the width: a narrower space beside a bar is none for its note, which then stands upon it. */
const LEAST_ROOM = 0.22;

interface NoteProps {
  stretch: Stretch;
  range: ViewRange;
  length: number;
  note: string;
}

/** Beside the bar where there is most room for it. */
function Note({ stretch, range, length, note }: NoteProps) {
  const part = (at: number) =>
    Math.min(Math.max((at / length - range.start) / (range.end - range.start), 0), 1);
  const start = part(stretch.start);
  const end = part(stretch.end);
  const room = Math.max(1 - end, start);
  const place =
    room < LEAST_ROOM
      ? {}
      : 1 - end >= start
        ? { left: percentage(end), maxWidth: percentage(room) }
        : { right: percentage(1 - start), maxWidth: percentage(room) };
  return (
    <span class={`${style.note} ${room < LEAST_ROOM ? style.upon : ""}`} style={place} title={note}>
      {note}
    </span>
  );
}

/** Return a function that places a stretch, if any of it is in the range. */
function placing(range: ViewRange, length: number) {
  const width = range.end - range.start;
  return ({ start, end }: Stretch): { left: string; width: string } | undefined => {
    const from = (start / length - range.start) / width;
    const to = (end / length - range.start) / width;
    if (to < 0 || from > 1) {
      return undefined;
    }
    // Far out of sight a bar would be wider than browsers can draw.
    const left = Math.max(from, -0.1);
    return { left: percentage(left), width: percentage(Math.min(to, 1.1) - left) };
  };
}

const percentage = (part: number) => `${(100 * part).toFixed(4)}%`;
