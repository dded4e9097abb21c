/** A trace that is there: its header, its views, and the details of the span that is selected. */
import type { ComponentType } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { ErrorState, Loading } from "../../components/states";
import { Tabs } from "../../components/tabs";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import { pageState } from "./address";
import { Details } from "./details/details";
import { found, soughtIn } from "./find";
import { Finder } from "./finder";
import { Header } from "./header";
import { Help } from "./help";
import { hopsOf } from "./hops";
import { layoutOf, spanNames } from "./layout";
import type { Loaded, Source } from "./load";
import { Notices } from "./notices";
import Timeline from "./timeline/timeline";
import style from "./trace-page.module.css";
import { VIEWS, type View, type ViewProps } from "./view";

const text = messages({
  views: { en: "Views of the trace", ja: "トレースの表示" },
  timeline: { en: "Timeline", ja: "タイムライン" },
  table: { en: "Spans", ja: "スパン一覧" },
  flame: { en: "Flame graph", ja: "フレームグラフ" },
  statistics: { en: "Statistics", ja: "統計" },
  graph: { en: "Graph", ja: "グラフ" },
  raw: { en: "Raw", ja: "生データ" },
});

const LOADERS: Record<
  Exclude<View, "timeline">,
  () => Promise<{ default: ComponentType<ViewProps> }>
> = {
  table: () => import("./views/table"),
  flame: () => import("./views/flame-graph"),
  statistics: () => import("./views/statistics"),
  graph: () => import("./views/trace-graph"),
  raw: () => import("./views/raw"),
};

interface Props {
  source: Source;
  loaded: Loaded;
  onReload: () => void;
}

export function TracePage({ source, loaded, onReload }: Props) {
  const { trace, stitched } = loaded;
  const state = pageState();
  const [isHelping, setHelping] = useState(false);
  const layout = layoutOf(trace);
  const names = useMemo(() => spanNames(trace.spans), [trace]);
  const hops = useMemo(() => hopsOf(trace.spans, layout), [trace, layout]);
  const matches = useMemo(() => found(trace, state.find), [trace, state.find]);
  const errors = useMemo(
    () => trace.spans.flatMap((span, index) => (span.error ? [index] : [])),
    [trace],
  );
  const inferred = useMemo(
    () =>
      new Map(
        stitched?.inferred_links.map(({ span_index, sign, confidence, why }) => [
          span_index,
          `${why} (${sign}, ${confidence})`,
        ]),
      ),
    [stitched],
  );
  const at = state.span === null ? -1 : names.indexOf(state.span);
  const selected = at < 0 ? null : at;
  const storedId = source.kind === "trace" ? trace.trace_id : null;

  function select(index: number | null) {
    // Back closes the details, but does not walk through all the spans that were looked at.
    changeQuery(
      { span: index === null ? undefined : names[index] },
      { replace: index !== null && selected !== null },
    );
  }

  const view: ViewProps = { trace, selected, onSelect: select, matches, storedId };
  return (
    <div class={style.page}>
      <Header
        trace={trace}
        storedId={storedId}
        isUploaded={source.kind === "uploaded"}
        stitchedIds={stitched?.trace_ids ?? null}
        onReload={onReload}
        onSelect={select}
      />
      <Notices {...loaded} isStored={source.kind === "trace"} />
      <div class={style.body}>
        <div class={style.views}>
          <div class={style.finder}>
            <Finder
              find={state.find}
              matches={matches}
              onlyMatches={state.onlyMatches}
              errors={errors}
              selected={selected}
              onSelect={select}
            />
          </div>
          <Tabs
            label={text.views}
            tabs={VIEWS.map((value) => ({ value, label: text[value] }))}
            value={state.view}
            onChange={(next) => changeQuery({ view: next === "timeline" ? undefined : next })}
          >
            {state.view === "timeline" ? (
              <Timeline
                {...view}
                onlyMatches={state.onlyMatches}
                inferred={inferred}
                onHelp={() => setHelping(true)}
              />
            ) : (
              <LoadedView key={state.view} view={state.view} {...view} />
            )}
          </Tabs>
        </div>
        {selected !== null && (
          <div class={style.details}>
            <Details
              key={selected}
              trace={trace}
              index={selected}
              hop={hops.get(selected)}
              inferred={inferred.get(selected)}
              sought={soughtIn(state.find).with}
              onSelect={select}
            />
          </div>
        )}
      </div>
      {isHelping && <Help onClose={() => setHelping(false)} />}
    </div>
  );
}

/** Views other than the first are loaded when they are opened. */
function LoadedView({ view, ...props }: ViewProps & { view: Exclude<View, "timeline"> }) {
  const [content, setContent] = useState<{ View: ComponentType<ViewProps> } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);

  useEffect(() => {
    LOADERS[view]().then(
      (module) => setContent({ View: module.default }),
      (fault) => setError(new ApiError(0, "fault_of_page", String(fault), undefined, undefined)),
    );
  }, [view]);

  if (content) {
    return <content.View {...props} />;
  }
  return error ? <ErrorState error={error} /> : <Loading />;
}
