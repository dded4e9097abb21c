/** What was found: plots, the list, and what can be done with it. */
import { useEffect, useRef } from "preact/hooks";
import type { Schema } from "../../api/client";
import type { Answer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { ErrorIcon } from "../../components/icons";
import { Answered, EmptyState, ErrorState, Loading } from "../../components/states";
import type { Values } from "../../query/query-text";
import { compareLink, searchLink, systemLink } from "../../routing/links";
import { changeQuery, query } from "../../routing/location";
import type { TimeRange } from "../../routing/time-range";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import { CompareBar } from "./compare-bar";
import { conditionsOf, searchOf, searchText } from "./conditions";
import { Downloads } from "./downloads";
import { Loosening } from "./loosening";
import { Plots } from "./plots";
import plotStyle from "./plots.module.css";
import type { Loaded } from "./result-list";
import { pointedTrace } from "./scatter";
import style from "./search.module.css";
import { TraceTable } from "./trace-table";
import { UploadButton } from "./upload-button";
import type { FoundTraces } from "./use-traces";

const text = messages({
  found: {
    en: (count: number) => (count === 1 ? "1 trace" : `${number(count)} traces`),
    ja: (count: number) => `${number(count)} 件のトレース`,
  },
  newest: {
    en: "the newest; there are older ones",
    ja: "新しいものから。さらに古いものがあります",
  },
  sorted: {
    en: (count: string) => `the newest ${count}, sorted; older ones are not loaded`,
    ja: (count: string) => `最新の ${count} 件の中で並べ替え。古いものは読み込まれていません`,
  },
  all: { en: "all that match", ja: "一致するすべて" },
  missing: {
    en: "Not stored, or deleted by the retention",
    ja: "保存されていないか、保持期間を過ぎて削除されました",
  },
  search: { en: "Search for traces", ja: "トレースを検索" },
  more: { en: "Load older traces", ja: "さらに古いトレースを読み込む" },
  loadingMore: { en: "Loading…", ja: "読み込み中…" },
  compareSet: { en: "Compare this search", ja: "この検索を比較" },
  emptyTitle: { en: "No spans yet", ja: "スパンはまだありません" },
  empty: {
    en: "Point the mesh at this address: an entry of meshConfig.extensionProviders of Istio with Spanloom's OTLP port, and a Telemetry resource that uses it. The System page has both, ready to copy, and tells what arrives.",
    ja: "Istio の meshConfig.extensionProviders に Spanloom の OTLP ポートを設定し、Telemetry リソースで有効にしてください。コピーできる設定例と受信状況はシステムページにあります。",
  },
  toSystem: { en: "Set up the mesh", ja: "メッシュを設定する" },
  emptyFile: { en: "Or look at traces of a file:", ja: "ファイルのトレースを見ることもできます:" },
});

interface FoundHistogram {
  key: string;
  histogram: Schema<"Histogram">;
}

interface Props {
  values: Values;
  range: TimeRange;
  traces: Answer<FoundTraces>;
  histogram: Answer<FoundHistogram>;
  isStoreEmpty: boolean;
  pages: number;
  isLive: boolean;
}

export function Results(props: Props) {
  const { traces, isLive } = props;
  return (
    <Answered answer={traces} loading={<Waiting hasPlots={!props.values.trace_id} />}>
      {({ key, loaded }) => (
        <div class={traces.loading && !isLive ? style.older : undefined}>
          {loaded.traces.length > 0 ? (
            <Found {...props} tracesKey={key} loaded={loaded} />
          ) : traces.loading ? (
            <Loading />
          ) : (
            <Nothing {...props} />
          )}
        </div>
      )}
    </Answered>
  );
}

/** As high as what will be there. */
function Waiting({ hasPlots }: { hasPlots: boolean }) {
  return (
    <>
      {hasPlots && <div class={plotStyle.plots} />}
      <Loading />
    </>
  );
}

function Nothing({ isStoreEmpty, values, range }: Props) {
  if (values.trace_id) {
    return (
      <EmptyState title={text.missing}>
        <code>{values.trace_id.join(" ")}</code>
        <a href={searchLink()}>{text.search}</a>
      </EmptyState>
    );
  }
  if (!isStoreEmpty) {
    return <Loosening values={values} range={range} />;
  }
  return (
    <EmptyState title={text.emptyTitle}>
      <p>{text.empty}</p>
      <a href={systemLink()}>{text.toSystem}</a>
      <p>
        {text.emptyFile} <UploadButton />
      </p>
    </EmptyState>
  );
}

function Found({
  values,
  range,
  traces,
  histogram,
  pages,
  isLive,
  tracesKey,
  loaded,
}: Props & { tracesKey: string; loaded: Loaded }) {
  useEffect(() => unpoint, []);
  const isSorted = query.value.has("sort");
  const count = loaded.traces.length;

  return (
    <div class={style.results}>
      {!values.trace_id && <Over histogram={histogram} tracesKey={tracesKey} loaded={loaded} />}
      <section class={style.list} onPointerOver={point} onFocusIn={point} onPointerLeave={unpoint}>
        <div class={style.bar}>
          <h1>{text.found(count)}</h1>
          <span class={style.note}>
            {loaded.nextCursor === null
              ? text.all
              : isSorted
                ? text.sorted(number(count))
                : text.newest}
          </span>
          <div class={style.actions}>
            {conditionsOf(values).length > 0 && !values.trace_id && (
              <a href={compareLink(searchText(searchOf(values, range)))}>{text.compareSet}</a>
            )}
            <Downloads traces={loaded.traces} />
            <UploadButton />
          </div>
        </div>
        <p class="visually-hidden" role="status">
          {isLive ? "" : text.found(count)}
        </p>
        {loaded.missingIds.length > 0 && (
          <p class={style.missing} role="alert">
            <ErrorIcon /> {text.missing}: <code>{loaded.missingIds.join(" ")}</code>
          </p>
        )}
        <TraceTable traces={loaded.traces} fresh={isLive ? loaded.fresh : NOTHING_FRESH} />
        {loaded.nextCursor !== null && (
          <div class={style.further}>
            <Button
              disabled={traces.loading && !isLive}
              onClick={() => changeQuery({ pages: String(pages + 1) }, { replace: true })}
            >
              {traces.loading && !isLive ? text.loadingMore : text.more}
            </Button>
          </div>
        )}
      </section>
      <CompareBar />
    </div>
  );
}

function point(event: Event) {
  const row = event.target instanceof Element ? event.target.closest("tr") : null;
  pointedTrace.value = row?.querySelector<HTMLElement>("[data-trace]")?.dataset.trace;
}

function unpoint() {
  pointedTrace.value = undefined;
}

interface OverProps {
  histogram: Answer<FoundHistogram>;
  tracesKey: string;
  loaded: Loaded;
}

/** The plots over the list: both of one and the same search, the last one that has both. */
function Over({ histogram, tracesKey, loaded }: OverProps) {
  const shown = useRef<{ loaded: Loaded; histogram: Schema<"Histogram"> } | null>(null);
  if (histogram.data?.key === tracesKey) {
    shown.current = { loaded, histogram: histogram.data.histogram };
  }
  const { error, reload } = histogram;
  if (!shown.current) {
    return error ? <ErrorState error={error} onRetry={reload} /> : <div class={plotStyle.plots} />;
  }
  return (
    <>
      {error && <ErrorState error={error} onRetry={reload} compact />}
      <Plots {...shown.current} />
    </>
  );
}

const NOTHING_FRESH: ReadonlySet<string> = new Set();
