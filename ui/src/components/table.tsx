/** A table whose columns sort it. The order is the caller's to keep, best in the address. */
import type { ComponentChildren } from "preact";
import { ChevronDownIcon, ChevronUpIcon } from "./icons";
import { type Order, type Sortable, sorted } from "./order";
import style from "./table.module.css";

export interface Column<Row> extends Sortable<Row> {
  label: string;
  /** What a cell shows. */
  cell: (row: Row) => ComponentChildren;
  /** Numbers stand right. */
  numeric?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  /** A class of its own for a row. */
  rowClass?: (row: Row) => string | undefined;
  order?: Order;
  onOrder?: (order: Order) => void;
}

export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  rowClass,
  order,
  onOrder,
}: Props<Row>) {
  return (
    <div class={style.scroller}>
      <table class={style.table}>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.key} column={column} order={order} onOrder={onOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, columns, order).map((row) => (
            <tr key={rowKey(row)} class={rowClass?.(row)}>
              {columns.map((column) => (
                <td key={column.key} class={column.numeric ? style.numeric : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadingProps<Row> {
  column: Column<Row>;
  order: Order | undefined;
  onOrder: ((order: Order) => void) | undefined;
}

/** The head of a column, which sorts by it. */
export function Heading<Row>({ column, order, onOrder }: HeadingProps<Row>) {
  const rising = order === column.key;
  const falling = order === `-${column.key}`;
  const alignment = column.numeric ? style.numeric : undefined;
  if (!column.sortBy || !onOrder) {
    return (
      <th scope="col" class={alignment}>
        {column.label}
      </th>
    );
  }
  // The first click on a number asks for the largest.
  const next = falling || (!rising && !column.numeric) ? column.key : `-${column.key}`;
  return (
    <th
      scope="col"
      class={alignment}
      aria-sort={rising ? "ascending" : falling ? "descending" : "none"}
    >
      <button type="button" class={style.sort} onClick={() => onOrder(next)}>
        {column.label}
        {rising ? <ChevronUpIcon /> : falling ? <ChevronDownIcon /> : null}
      </button>
    </th>
  );
}
