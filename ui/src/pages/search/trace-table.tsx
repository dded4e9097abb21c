/** The traces as rows: what began them, who took part, how long they took, what went wrong. */
import { Badge } from "../../components/badge";
import { ErrorIcon } from "../../components/icons";
import { serviceColour } from "../../components/service-colour";
import { ServiceName } from "../../components/service-name";
import { type Column, Table } from "../../components/table";
import { traceLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import { duration, exactTime, number, time } from "../../text/format";
import { messages } from "../../text/messages";
import type { Summary } from "./result-list";
import style from "./trace-table.module.css";

const text = messages({
  caption: { en: "Traces", ja: "トレース" },
  compare: { en: "A/B", ja: "比較" },
  tick: {
    en: (name: string) => `Compare ${name}`,
    ja: (name: string) => `${name} を比較対象にする`,
  },
  enough: { en: "Two are compared at a time", ja: "比較できるのは 2 件までです" },
  start: { en: "Start", ja: "開始" },
  trace: { en: "Trace", ja: "トレース" },
  spans: { en: "Spans", ja: "スパン" },
  errors: { en: "Errors", ja: "エラー" },
  duration: { en: "Duration", ja: "所要時間" },
  new: { en: "new", ja: "新着" },
  rootMissing: { en: "root missing", ja: "ルートなし" },
  rootMissingTitle: {
    en: "No root span is stored: this is the earliest span",
    ja: "ルートスパンがないため、最も早いスパンを表示しています",
  },
  missing: {
    en: (count: string) => `${count} missing`,
    ja: (count: string) => `${count} 件欠落`,
  },
  missingTitle: {
    en: "Spans name parents that are not stored",
    ja: "保存されていない親スパンがあります",
  },
  spansOf: {
    en: (name: string, spans: number, errors: number) =>
      `${name}: ${spans} spans${errors ? `, ${errors} with errors` : ""}`,
    ja: (name: string, spans: number, errors: number) =>
      `${name}: スパン ${spans} 件${errors ? `、エラー ${errors} 件` : ""}`,
  },
});

const NEWEST_FIRST = "-start_time";
/** More do not fit into the row; its title has them all. */
const SERVICES_SHOWN = 8;
export const MOST_COMPARED = 2;

interface Props {
  traces: readonly Summary[];
  fresh: ReadonlySet<string>;
  /** Whether the page holds the traces itself. */
  areUploaded?: boolean;
}

export function TraceTable({ traces, fresh, areUploaded = false }: Props) {
  const ticked = query.value.getAll("compare");
  const longest = Math.max(1, ...traces.map((trace) => Number(trace.duration_nano)));
  const columns: Column<Summary>[] = [
    {
      key: "start_time",
      label: text.start,
      cell: (trace) => <Start trace={trace} />,
      sortBy: (trace) => Number(trace.start_time_unix_nano),
      numeric: true,
    },
    {
      key: "root",
      label: text.trace,
      cell: (trace) => (
        <Trace trace={trace} isFresh={fresh.has(trace.trace_id)} isUploaded={areUploaded} />
      ),
      sortBy: (trace) => `${trace.root_service} ${trace.root_operation}`,
    },
    {
      key: "span_count",
      label: text.spans,
      cell: (trace) => number(trace.span_count),
      sortBy: (trace) => trace.span_count,
      numeric: true,
    },
    {
      key: "error_count",
      label: text.errors,
      cell: (trace) => <Errors count={trace.error_count} />,
      sortBy: (trace) => trace.error_count,
      numeric: true,
    },
    {
      key: "duration",
      label: text.duration,
      cell: (trace) => <Duration trace={trace} longest={longest} />,
      sortBy: (trace) => Number(trace.duration_nano),
      numeric: true,
    },
  ];
  const tick: Column<Summary> = {
    key: "compare",
    label: text.compare,
    cell: (trace) => <Tick trace={trace} ticked={ticked} />,
  };

  return (
    <div class={style.table}>
      <Table
        caption={text.caption}
        columns={areUploaded ? columns : [tick, ...columns]}
        rows={traces}
        rowKey={(trace) => trace.trace_id}
        rowClass={(trace) => (fresh.has(trace.trace_id) ? style.fresh : undefined)}
        order={query.value.get("sort") ?? NEWEST_FIRST}
        onOrder={(order) =>
          changeQuery({ sort: order === NEWEST_FIRST ? undefined : order }, { replace: true })
        }
      />
    </div>
  );
}

function Tick({ trace, ticked }: { trace: Summary; ticked: readonly string[] }) {
  const isTicked = ticked.includes(trace.trace_id);
  const isTooMany = !isTicked && ticked.length >= MOST_COMPARED;
  const name = `${trace.root_operation} ${time(trace.start_time_unix_nano)}`;
  return (
    <label class={style.tick} title={isTooMany ? text.enough : undefined}>
      <input
        type="checkbox"
        aria-label={text.tick(name)}
        checked={isTicked}
        disabled={isTooMany}
        onChange={() => {
          const others = ticked.filter((id) => id !== trace.trace_id);
          changeQuery(
            { compare: isTicked ? others : [...others, trace.trace_id] },
            { replace: true },
          );
        }}
      />
    </label>
  );
}

function Start({ trace }: { trace: Summary }) {
  return (
    <span class={style.time} title={exactTime(trace.start_time_unix_nano)}>
      {time(trace.start_time_unix_nano)}
    </span>
  );
}

interface TraceProps {
  trace: Summary;
  isFresh: boolean;
  isUploaded: boolean;
}

function Trace({ trace, isFresh, isUploaded }: TraceProps) {
  return (
    <>
      <div class={style.name}>
        <span class={style.root}>
          <ServiceName name={trace.root_service} />
        </span>
        <a
          href={traceLink(trace.trace_id, isUploaded ? { uploaded: "1" } : {})}
          title={`${trace.root_service}: ${trace.root_operation}`}
          data-trace={trace.trace_id}
        >
          {trace.root_operation}
        </a>
        {isFresh && <Badge tone="info">{text.new}</Badge>}
        {trace.root_missing && (
          <Badge tone="warning" title={text.rootMissingTitle}>
            {text.rootMissing}
          </Badge>
        )}
        {trace.missing_span_count > 0 && (
          <Badge tone="warning" title={text.missingTitle}>
            {text.missing(number(trace.missing_span_count))}
          </Badge>
        )}
      </div>
      <div class={style.services} title={trace.services.map(told).join("\n")}>
        <span class={style.bar} aria-hidden="true">
          {trace.services.map((service) => (
            <span
              key={service.name}
              style={{ flexGrow: service.span_count, background: serviceColour(service.name) }}
            />
          ))}
        </span>
        {trace.services.slice(0, SERVICES_SHOWN).map((service) => (
          <span key={service.name} class={style.service}>
            <ServiceName name={service.name} />
            <span class={style.count}>{number(service.span_count)}</span>
            {service.error_count > 0 && (
              <span class={style.error}>
                <ErrorIcon />
                <span class="visually-hidden">{text.errors} </span>
                {number(service.error_count)}
              </span>
            )}
          </span>
        ))}
      </div>
    </>
  );
}

const told = (service: Summary["services"][number]) =>
  text.spansOf(service.name, service.span_count, service.error_count);

function Errors({ count }: { count: number }) {
  return count > 0 ? (
    <span class={style.error}>
      <ErrorIcon /> {number(count)}
    </span>
  ) : (
    <span class={style.none}>0</span>
  );
}

function Duration({ trace, longest }: { trace: Summary; longest: number }) {
  const share = (Number(trace.duration_nano) / longest) * 100;
  return (
    <span class={style.duration} title={trace.duration}>
      {duration(trace.duration_nano)}
      <span class={style.track} aria-hidden="true">
        <span style={{ width: `${share.toFixed(2)}%` }} />
      </span>
    </span>
  );
}
