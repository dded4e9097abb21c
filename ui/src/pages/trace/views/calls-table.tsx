/** The edges of the graph of a trace as a table; a row leads to the slowest of its calls. */
import { useMemo } from "preact/hooks";
import { ServiceName } from "../../../components/service-name";
import { type SizedColumn, VirtualTable } from "../../../components/virtual-table";
import { changeQuery, query } from "../../../routing/location";
import { duration } from "../../../text/format";
import { language } from "../../../text/language";
import { messages } from "../../../text/messages";
import { text as words } from "../words";
import type { CallEdge, CallNode, Calls } from "./calls";
import { tallyColumns } from "./tally-columns";

const text = messages({
  caption: { en: "Calls in the trace", ja: "トレース内の呼び出し" },
  source: { en: "From", ja: "呼び出し元" },
  target: { en: "To", ja: "呼び出し先" },
  count: { en: "Calls", ja: "回数" },
  total: { en: "Total", ja: "合計" },
});

interface Props {
  calls: Calls;
  onSelect: (id: string) => void;
}

export function CallsTable({ calls, onSelect }: Props) {
  const columns = useMemo(() => columnsOf(calls), [calls, language.value]);
  return (
    <VirtualTable
      caption={text.caption}
      columns={columns}
      rows={calls.edges}
      rowKey={({ id }) => id}
      order={query.value.get("order") ?? "-total"}
      onOrder={(order) => changeQuery({ order }, { replace: true })}
      onSelect={({ id }) => onSelect(id)}
    />
  );
}

function columnsOf(calls: Calls): SizedColumn<CallEdge>[] {
  const nodes = new Map(calls.nodes.map((node) => [node.id, node]));
  const name = (id: string) => {
    const node = nodes.get(id);
    return node ? `${node.service} ${node.operation}` : "";
  };
  return [
    {
      key: "source",
      label: text.source,
      cell: ({ source }) => <Place node={nodes.get(source)} />,
      sortBy: ({ source }) => name(source),
    },
    {
      key: "target",
      label: text.target,
      cell: ({ target }) => <Place node={nodes.get(target)} />,
      sortBy: ({ target }) => name(target),
    },
    ...tallyColumns<CallEdge>(text.count),
    {
      key: "total",
      label: text.total,
      numeric: true,
      width: "5.5rem",
      cell: ({ total }) => duration(total),
      sortBy: ({ total }) => total,
    },
  ];
}

function Place({ node }: { node: CallNode | undefined }) {
  return node && !node.isMissing ? (
    <span title={`${node.service} ${node.operation}`}>
      <ServiceName name={node.service || "–"} /> {node.operation}
    </span>
  ) : (
    <i>{words.notStored}</i>
  );
}
