"""Two traces, or two sets of traces, laid over each other: ``/traces/compare``."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from api.config import ApiConfig
from api.errors import ApiError, bad_parameter, not_found
from api.parameters import Parameters
from api.queries import Deadline
from api.responses import answer
from api.search_query import CONDITIONS, REPEATED, WINDOW, read_query
from api.trace_comparison_document import TraceComparisonDocument, trace_comparison_document
from api.trace_sample import Chosen, TraceSampler
from model.ids import parse_trace_id
from model.query import TraceQuery
from model.summary import outline, summarise
from model.trace import Trace
from model.trace_comparison import compare_traces
from storage.interface import SpanReader

__all__ = ["TraceComparisons"]

_SIDES = ("a", "b")
_DEFAULT_TRACES = 50
_MAX_TRACES = 500

Wanted = list[str] | TraceQuery


class TraceComparisons:
    """Handler of the comparison of traces.

    Args:
        reader: the store.
        config: the limits.
        now_ns: tells the time in nanoseconds since the epoch.
    """

    def __init__(self, reader: SpanReader, config: ApiConfig, now_ns: Callable[[], int]) -> None:
        self._reader = reader
        self._config = config
        self._now_ns = now_ns
        # Each of the two sides has half of what one answer may assemble.
        self._sampler = TraceSampler(reader, max(1, config.max_analysed_spans // 2))

    async def compare(self, request: web.Request) -> web.StreamResponse:
        """``GET /traces/compare``."""
        parameters = Parameters(request.query, ("traces", "adjust_clock_skew"), _SIDES)
        limit = parameters.integer("traces", _DEFAULT_TRACES, minimum=1, maximum=_MAX_TRACES)
        adjust = parameters.boolean("adjust_clock_skew") or False
        now_ns = self._now_ns()
        a, b = (self._wanted(parameters, side, now_ns) for side in _SIDES)

        def work(deadline: Deadline) -> TraceComparisonDocument:
            traces: list[list[Trace]] = []
            chosen: list[Chosen] = []
            for side, wanted in zip(_SIDES, (a, b), strict=True):
                chosen.append(self._choose(side, wanted, limit, deadline))
                found = self._sampler.assembled(chosen[-1], deadline, adjust_clock_skew=adjust)
                traces.append(list(found))
                if not traces[-1]:
                    raise _nothing(side)
            return trace_comparison_document(compare_traces(*traces), chosen[0], chosen[1])

        return await answer(request, work)

    def _wanted(self, parameters: Parameters, side: str, now_ns: int) -> Wanted:
        texts = parameters.texts(side, str, limit=self._config.max_trace_ids)
        if not texts:
            raise bad_parameter(
                side, "is missing", "give trace ids, or a search such as service=reviews&last=1h"
            )
        if len(texts) == 1 and "=" in texts[0]:
            return self._query(side, texts[0], now_ns)
        return list(dict.fromkeys(parameters.texts(side, parse_trace_id, limit=len(texts))))

    def _query(self, side: str, text: str, now_ns: int) -> TraceQuery:
        """Return the query that ``text`` writes as the query string of a search."""
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
            search = Parameters(MultiDict(pairs), (*WINDOW, *CONDITIONS), REPEATED)
            return read_query(search, self._config, now_ns)
        except ValueError as error:
            raise bad_parameter(side, f"is no search: {error}") from error
        except ApiError as error:
            raise bad_parameter(
                side, f"as a search: {error.body.message}", error.body.hint
            ) from error

    def _choose(self, side: str, wanted: Wanted, limit: int, deadline: Deadline) -> Chosen:
        if isinstance(wanted, TraceQuery):
            return self._sampler.choose(wanted, limit, deadline)
        found = self._reader.get_traces(wanted, timeout_s=deadline.remaining())
        missing = [trace_id for trace_id in wanted if trace_id not in found]
        if missing:
            raise not_found(
                "trace_not_found",
                f"no span of trace {missing[0]} is stored, which {side} names",
                "it may be older than the retention, not sampled, or not yet reported",
            )
        summaries = [summarise(each, map(outline, found[each])) for each in wanted]
        return self._sampler.bounded(summaries, is_complete=True)


def _nothing(side: str) -> ApiError:
    return not_found(
        "trace_not_found",
        f"{side} matches no trace that may be assembled",
        "widen its window, drop a condition, or name smaller traces",
    )
