/** The spans of both sides as one tree, with a bar of each side in every row. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { VirtualTable } from "../../components/virtual-table";
import { language } from "../../text/language";
import { messages } from "../../text/messages";
import { type Comparison, lengthOf, nextDifference, type Row } from "./tree";
import { columnsOf } from "./tree-columns";

const text = messages({
  caption: { en: "Spans of both sides", ja: "両側のスパン" },
});

interface Props {
  comparison: Comparison;
  rows: readonly Row[];
  selected: number | null;
  onSelect: (index: number | null) => void;
}

export function MergedTree({ comparison, rows, selected, onSelect }: Props) {
  const columns = useMemo(
    () => columnsOf(comparison.spans, lengthOf(comparison)),
    [comparison, language.value],
  );

  function jump(step: 1 | -1) {
    const next = nextDifference(comparison, rows, selected, step);
    if (next !== undefined) {
      onSelect(next);
    }
  }
  const jumps = useRef(jump);
  jumps.current = jump;

  // With what is shown: a key that is pressed then counts.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof HTMLElement && event.target.closest("input, textarea, select");
      if (/^n$/i.test(event.key) && !isTyping && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        jumps.current(event.shiftKey ? -1 : 1);
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);

  return (
    <VirtualTable
      caption={text.caption}
      columns={columns}
      rows={rows}
      rowKey={({ index }) => index}
      selected={selected}
      onSelect={({ index }) => onSelect(index === selected ? null : index)}
    />
  );
}
