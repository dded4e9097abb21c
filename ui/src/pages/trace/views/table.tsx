/** All spans as a table. */
import { useMemo } from "preact/hooks";
import { Button } from "../../../components/button";
import { CloseIcon } from "../../../components/icons";
import { EmptyState } from "../../../components/states";
import { VirtualTable } from "../../../components/virtual-table";
import { changeQuery, query } from "../../../routing/location";
import { number } from "../../../text/format";
import { language } from "../../../text/language";
import { messages } from "../../../text/messages";
import { pageState } from "../address";
import type { ViewProps } from "../view";
import { Choice } from "./choice";
import { changeFilter, type Filter, filtered, filterInAddress, filterParts } from "./filter";
import { columnsOf } from "./table-columns";
import style from "./view.module.css";

const text = messages({
  caption: { en: "Spans of the trace", ja: "トレースのスパン" },
  service: { en: "Service", ja: "サービス" },
  operation: { en: "Operation", ja: "オペレーション" },
  attribute: { en: "Attribute", ja: "属性" },
  all: { en: "all services", ja: "すべてのサービス" },
  shown: {
    en: (shown: string, all: string) => `${shown} of ${all} spans`,
    ja: (shown: string, all: string) => `${all} 件中 ${shown} 件のスパン`,
  },
  remove: {
    en: (what: string) => `Remove the filter ${what}`,
    ja: (what: string) => `フィルター ${what} を解除`,
  },
  none: { en: "No span meets these filters", ja: "条件に合うスパンはありません" },
  clear: { en: "Show all spans", ja: "すべてのスパンを表示" },
});

const NO_FILTER: Filter = { service: null, operation: null, attribute: null };

export default function TableView({ trace, selected, onSelect, matches }: ViewProps) {
  const filter = filterInAddress();
  const { onlyMatches } = pageState();
  const key = JSON.stringify(filter);
  const rows = useMemo(
    () =>
      filtered(trace, filter)
        .filter((index) => !onlyMatches || !matches || matches.has(index))
        .flatMap((index) => {
          const span = trace.spans[index];
          return span ? [{ index, span }] : [];
        }),
    [trace, key, onlyMatches, matches],
  );
  const columns = useMemo(() => columnsOf(trace), [trace, language.value]);

  return (
    <div class={style.view}>
      <Controls trace={trace} filter={filter} shown={rows.length} />
      {rows.length ? (
        <VirtualTable
          caption={text.caption}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.index}
          order={query.value.get("order") ?? "start"}
          onOrder={(order) => changeQuery({ order }, { replace: true })}
          selected={selected}
          onSelect={({ index }) => onSelect(index === selected ? null : index)}
          isMarked={({ index }) => matches?.has(index) === true && !onlyMatches}
        />
      ) : (
        <EmptyState title={text.none}>
          <Button
            onClick={() => {
              changeFilter(NO_FILTER);
              changeQuery({ only: undefined }, { replace: true });
            }}
          >
            {text.clear}
          </Button>
        </EmptyState>
      )}
    </div>
  );
}

interface ControlsProps {
  trace: ViewProps["trace"];
  filter: Filter;
  shown: number;
}

function Controls({ trace, filter, shown }: ControlsProps) {
  const { services } = trace.summary;
  const others = filterParts(filter).filter(({ name }) => name !== "service");
  return (
    <div class={style.controls}>
      <Choice
        label={text.service}
        // Indexes, for the name of a service may be empty.
        value={services.findIndex(({ name }) => name === filter.service)}
        options={[
          { value: -1, label: text.all },
          ...services.map(({ name, span_count }, index) => ({
            value: index,
            label: `${name || "–"} (${number(span_count)})`,
          })),
        ]}
        onChange={(index) => changeFilter({ service: services[index]?.name ?? null })}
      />
      {others.map(({ name, value }) => (
        <Button
          key={name}
          pressed
          onClick={() => changeFilter({ [name]: null })}
          aria-label={text.remove(`${text[name]}: ${value}`)}
        >
          {text[name]}: {value || "–"} <CloseIcon />
        </Button>
      ))}
      <span class={style.note} role="status">
        {text.shown(number(shown), number(trace.spans.length))}
      </span>
    </div>
  );
}
