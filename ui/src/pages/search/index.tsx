/** The home page: find traces. */
import { useEffect } from "preact/hooks";
import { answer, api } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { Button } from "../../components/button";
import { ErrorIcon } from "../../components/icons";
import { TimeRangePicker } from "../../components/time-range-picker";
import { valuesOf } from "../../query/query-text";
import { changeQuery, query } from "../../routing/location";
import { isMoving, timeRange } from "../../routing/time-range";
import { messages } from "../../text/messages";
import { changeSearch, DEFAULT_LAST, searchOf } from "./conditions";
import { Filters } from "./filters";
import { fromJaeger } from "./jaeger-link";
import { QueryLine } from "./query-line";
import { Results } from "./results";
import style from "./search.module.css";
import { Uploaded } from "./uploaded";
import { keyOf, useTraces } from "./use-traces";

const text = messages({
  errorsOnly: { en: "Errors only", ja: "エラーのみ" },
});

const LIVE_HISTOGRAM_MS = 4000;

export default function SearchPage() {
  const ofJaeger = fromJaeger(query.value);
  useEffect(() => {
    if (ofJaeger) {
      changeQuery(ofJaeger, { replace: true });
    }
  }, [ofJaeger]);
  return ofJaeger ? null : <Search />;
}

function Search() {
  const given = valuesOf(query.value);
  const range = timeRange(DEFAULT_LAST);
  const values = given.trace_id ? given : { ...given, ...timesOf(range) };
  const isLive = query.value.get("live") === "1" && isMoving(range) && !given.trace_id;
  const search = searchOf(given, range);
  const pages = Math.max(1, Number(query.value.get("pages")) || 1);
  const traceIds = given.trace_id;
  const areUploaded = query.value.get("uploaded") === "1";

  const services = useAnswer("services", (signal) =>
    answer(api.GET("/api/v1/services", { signal })),
  );
  const wanted = traceIds ? { traceIds } : { search };
  const traces = useTraces(wanted, pages, isLive);
  const key = keyOf(wanted);
  const histogram = useAnswer(
    traceIds ? null : key,
    async (signal) => ({
      key,
      histogram: await answer(
        api.GET("/api/v1/search/histogram", { params: { query: search }, signal }),
      ),
    }),
    { everyMs: isLive ? LIVE_HISTOGRAM_MS : undefined },
  );
  const refresh = () => {
    services.reload();
    traces.reload();
    histogram.reload();
  };
  const hasErrorsOnly = given.error?.[0] === "true";

  return (
    <div class={style.page}>
      <div class={style.line}>
        <QueryLine values={values} />
        <Button
          pressed={hasErrorsOnly}
          onClick={() => changeSearch({ error: hasErrorsOnly ? undefined : "true" })}
        >
          <ErrorIcon /> {text.errorsOnly}
        </Button>
        <TimeRangePicker range={range} onRefresh={refresh} live={isLive} />
      </div>
      <Filters values={given} services={services.data?.services ?? []} />
      <div class={style.results}>
        {areUploaded ? (
          <Uploaded />
        ) : (
          <Results
            values={given}
            range={range}
            traces={traces}
            histogram={histogram}
            isStoreEmpty={services.data?.services.length === 0}
            pages={pages}
            isLive={isLive}
          />
        )}
      </div>
    </div>
  );
}

/** The range as parameters: also where the address leaves it to the default. */
const timesOf = (range: ReturnType<typeof timeRange>) =>
  Object.fromEntries(Object.entries(range).map(([name, value]) => [name, [value]]));
