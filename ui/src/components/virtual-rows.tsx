/** Long lists: only the rows in sight are in the document. */
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** Rows drawn beyond what is seen on each side, so that a flick of the wheel finds them there. */
const OVERSCAN = 12;

export interface VisibleRows {
  first: number;
  /** Behind the last one. */
  end: number;
}

/**
 * Return which rows of `rowHeight` pixels are in sight of the element that scrolls them.
 *
 * @param above pixels above the first row inside of the element.
 */
export function useVisibleRows(
  scroller: RefObject<HTMLElement | null>,
  rowCount: number,
  rowHeight: number,
  above = 0,
): VisibleRows {
  const [rows, setRows] = useState<VisibleRows>({ first: 0, end: Math.min(rowCount, 60) });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) {
      return;
    }
    const look = () => {
      const top = Math.max(0, element.scrollTop - above);
      const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN);
      const end = Math.ceil((top + element.clientHeight) / rowHeight) + OVERSCAN;
      setRows((last) => {
        const next = { first, end: Math.min(rowCount, end) };
        return last.first === next.first && last.end === next.end ? last : next;
      });
    };
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, rowCount, rowHeight, above]);

  return rows;
}

interface Props {
  visible: VisibleRows;
  rowCount: number;
  rowHeight: number;
  /** Draws a row; what it returns must be `rowHeight` pixels high and have a key. */
  children: (index: number) => ComponentChildren;
}

/** The rows in sight, in a box as high as all of them. */
export function VirtualRows({ visible, rowCount, rowHeight, children }: Props) {
  const drawn = [];
  for (let index = visible.first; index < Math.min(visible.end, rowCount); index++) {
    drawn.push(children(index));
  }
  return (
    <div style={{ height: `${rowCount * rowHeight}px`, position: "relative" }}>
      <div
        style={{
          position: "absolute",
          left: "0",
          right: "0",
          transform: `translateY(${visible.first * rowHeight}px)`,
        }}
      >
        {drawn}
      </div>
    </div>
  );
}

/** Scroll so that the row is in sight, in the middle if it was far away. */
export function scrollToRow(
  element: HTMLElement,
  index: number,
  rowHeight: number,
  above = 0,
): void {
  const top = index * rowHeight + above;
  const isInSight =
    top >= element.scrollTop + above && top + rowHeight <= element.scrollTop + element.clientHeight;
  if (!isInSight) {
    element.scrollTop = Math.max(0, top - element.clientHeight / 2);
  }
}
