/** A sortable table of many rows: only those in sight are in the document. */
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { type Order, sorted } from "./order";
import { type Column, Heading } from "./table";
import tableStyle from "./table.module.css";
import { scrollToRow, useVisibleRows } from "./virtual-rows";
import style from "./virtual-table.module.css";

export interface SizedColumn<Row> extends Column<Row> {
  /** Of CSS, such as `6rem`; columns without one share what is left. */
  width?: string;
}

interface Props<Row> {
  caption: string;
  /** The same list as long as nothing changes: rows are sorted anew with another one. */
  columns: readonly SizedColumn<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  order?: Order;
  onOrder?: (order: Order) => void;
  /** Key of the row that is selected. */
  selected?: string | number | null;
  onSelect: (row: Row) => void;
  /** Rows that stand out. */
  isMarked?: (row: Row) => boolean;
}

const ROW_HEIGHT = 28;
const HEAD_HEIGHT = 30;
/** Rows that Page Up and Page Down pass. */
const PAGE = 20;

/** Arrow keys walk, Enter selects. Its parent says how high it is. */
export function VirtualTable<Row>(props: Props<Row>) {
  const { caption, columns, rows, rowKey, order, onOrder, selected, onSelect, isMarked } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const shown = useMemo(() => sorted(rows, columns, order), [rows, columns, order]);
  const visible = useVisibleRows(scroller, shown.length, ROW_HEIGHT, HEAD_HEIGHT);
  const end = Math.min(visible.end, shown.length);
  const first = Math.min(visible.first, end);
  const chosen = selected == null ? -1 : shown.findIndex((row) => rowKey(row) === selected);

  useEffect(() => {
    if (chosen >= 0 && scroller.current) {
      setCursor(chosen);
      scrollToRow(scroller.current, chosen, ROW_HEIGHT, HEAD_HEIGHT);
    }
  }, [chosen]);

  function press(event: KeyboardEvent) {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const here = cursor ?? -1;
    const next = {
      ArrowDown: here + 1,
      ArrowUp: here - 1,
      PageDown: here + PAGE,
      PageUp: here - PAGE,
      Home: 0,
      End: shown.length - 1,
    }[event.key];
    const row = cursor === null ? undefined : shown[cursor];
    if (next !== undefined) {
      event.preventDefault();
      const at = Math.max(0, Math.min(shown.length - 1, next));
      setCursor(at);
      if (scroller.current) {
        scrollToRow(scroller.current, at, ROW_HEIGHT, HEAD_HEIGHT);
      }
    } else if (event.key === "Enter" && row !== undefined) {
      event.preventDefault();
      onSelect(row);
    }
  }

  return (
    <div ref={scroller} class={style.scroller}>
      <table
        class={`${tableStyle.table} ${style.table}`}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are selected in it
        role="grid"
        tabIndex={0}
        aria-rowcount={shown.length + 1}
        aria-activedescendant={
          cursor !== null && cursor >= first && cursor < end ? `${id}-${cursor}` : undefined
        }
        onKeyDown={press}
      >
        <caption class="visually-hidden">{caption}</caption>
        <colgroup>
          {columns.map(({ key, width }) => (
            <col key={key} style={width ? { width } : undefined} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Heading key={column.key} column={column} order={order} onOrder={onOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={first} />
          {shown.slice(first, end).map((row, at) => {
            const index = first + at;
            return (
              <tr
                key={rowKey(row)}
                id={`${id}-${index}`}
                class={style.row}
                aria-rowindex={index + 2}
                aria-selected={index === chosen}
                data-cursor={index === cursor || undefined}
                data-marked={isMarked?.(row) || undefined}
                onClick={(event) => {
                  // Links and buttons in a row do something of their own.
                  if (!(event.target as Element).closest("a, button")) {
                    setCursor(index);
                    onSelect(row);
                  }
                }}
              >
                {columns.map((column) => (
                  <td key={column.key} class={column.numeric ? tableStyle.numeric : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap rows={shown.length - end} />
        </tbody>
      </table>
    </div>
  );
}

/** The room of rows out of sight. */
function Gap({ rows }: { rows: number }) {
  return rows > 0 ? <tr class={style.gap} style={{ height: `${rows * ROW_HEIGHT}px` }} /> : null;
}
