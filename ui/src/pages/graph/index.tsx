/** The mesh graph: who calls whom, how well that goes, and when it went otherwise. */
import { useMemo, useState } from "preact/hooks";
import { answer, api } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../app/pages";
import { Button } from "../../components/button";
import { ErrorState, Loading } from "../../components/states";
import { TimeRangePicker } from "../../components/time-range-picker";
import { changeQuery, query } from "../../routing/location";
import { isMoving, timeRange } from "../../routing/time-range";
import { dateOf } from "../../text/format";
import { language } from "../../text/language";
import { messages } from "../../text/messages";
import { useCalm } from "./calm";
import type { Drawing } from "./drawing";
import { EdgeTable } from "./edge-table";
import { ExportMenu } from "./export-menu";
import { FocusBar } from "./focus-bar";
import style from "./graph.module.css";
import { GraphCanvas } from "./graph-canvas";
import { Legend } from "./legend";
import { Nothing } from "./nothing";
import { isComparison, sceneOf } from "./scene";
import { SidePanel } from "./side-panel";
import { StatusLine } from "./status-line";
import { TimeTravel } from "./time-travel";
import { Toolbar } from "./toolbar";
import { DEFAULT_LAST, isComparing, questionOf, shapeOf, viewOf, type Window } from "./view";

const text = messages({
  title: { en: "Mesh graph", ja: "メッシュグラフ" },
  table: { en: "Table", ja: "表" },
  details: { en: "Details", ja: "詳細" },
});

const LIVE_MS = 10_000;

export default function GraphPage(_: PageProps) {
  const view = viewOf(query.value);
  const range = timeRange(DEFAULT_LAST);
  const isLive = query.value.get("live") === "1" && isMoving(range);
  const isCalm = useCalm();
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const got = useAnswer(
    JSON.stringify([shapeOf(view), range, view.compare, view.compareVersions, view.service]),
    async (signal) => {
      const query = questionOf(view, range, Date.now());
      const drawn = await answer(api.GET("/api/v1/graph", { params: { query }, signal }));
      // Of the question, for the view may be ahead of what is shown.
      const { find, ...shape } = shapeOf(view);
      return { drawn, shape };
    },
    { everyMs: isLive ? LIVE_MS : undefined },
  );
  const services = useAnswer("services", (signal) =>
    answer(api.GET("/api/v1/services", { signal })),
  );
  const data = typeof got.data?.drawn === "string" ? undefined : got.data?.drawn;
  const looks = JSON.stringify([view.labels, view.threshold, language.value]);
  const scene = useMemo(() => data && sceneOf(data, view), [data, looks]);

  const known = services.data?.services ?? [];
  const valuesOf = (of: (service: (typeof known)[number]) => string) =>
    [...new Set(known.map(of))].filter(Boolean).sort();
  // It is told at its field; the last graph stays.
  const isAboutExpression = got.error?.parameter === "find" || got.error?.parameter === "hide";
  const window = data && windowShown(isComparison(data) ? data.after : data);
  const select = (id: string) => changeQuery({ select: id, ...(id && { panel: undefined }) });

  return (
    <div class={style.page}>
      <h1 class="visually-hidden">{text.title}</h1>
      <Toolbar
        view={view}
        namespaces={valuesOf(({ namespace }) => namespace)}
        clusters={valuesOf(({ cluster }) => cluster)}
        services={valuesOf(({ name }) => name)}
        error={got.error}
        range={
          <TimeRangePicker
            key={`${range.from} ${range.to}`}
            range={range}
            onRefresh={got.reload}
            live={isLive}
          />
        }
      >
        <ExportMenu
          drawing={view.isTable ? null : drawing}
          question={questionOf(view, range, Date.now())}
          title={text.title}
        />
        <Button
          pressed={view.isTable}
          onClick={() => changeQuery({ view: view.isTable ? undefined : "table" })}
        >
          {text.table}
        </Button>
        <Button
          pressed={view.hasPanel}
          onClick={() =>
            changeQuery({ panel: view.hasPanel ? "off" : undefined, select: undefined })
          }
        >
          {text.details}
        </Button>
        {scene && data && <StatusLine answer={data} scene={scene} isLoading={got.loading} />}
      </Toolbar>
      {view.focus && <FocusBar view={view} scene={scene} />}
      {got.error && !(scene && isAboutExpression) && (
        <div class={style.fault}>
          <ErrorState error={got.error} onRetry={got.reload} compact={Boolean(scene)} />
        </div>
      )}
      {!scene && !got.error && <Loading />}
      {scene && data && window && (
        <>
          {scene.nodes.length === 0 ? (
            <Nothing view={view} services={services} />
          ) : (
            <div class={style.body}>
              <div class={style.main}>
                {view.isTable ? (
                  <EdgeTable scene={scene} selected={view.selected} order={view.order} />
                ) : (
                  <>
                    <GraphCanvas
                      scene={scene}
                      layout={view.layout}
                      arrangement={JSON.stringify([got.data?.shape, view.layout])}
                      selected={view.selected}
                      isAnimated={view.isAnimated && !isCalm && !isComparing(view)}
                      onSelect={select}
                      onFocus={(id) => changeQuery({ focus: id, select: undefined })}
                      onDrawing={setDrawing}
                    />
                    {view.hasLegend && <Legend scene={scene} />}
                  </>
                )}
              </div>
              {(view.selected || (view.hasPanel && !view.isTable)) && (
                <SidePanel
                  scene={scene}
                  view={view}
                  range={range}
                  seconds={(window.toMs - window.fromMs) / 1000}
                />
              )}
            </div>
          )}
          <TimeTravel view={view} range={range} window={window} isWaiting={got.loading} />
        </>
      )}
    </div>
  );
}

interface Windowed {
  from_time_unix_nano: string;
  to_time_unix_nano: string;
}

const windowShown = ({ from_time_unix_nano, to_time_unix_nano }: Windowed): Window => ({
  fromMs: dateOf(from_time_unix_nano).getTime(),
  toMs: dateOf(to_time_unix_nano).getTime(),
});
