"""Where the time goes, over many traces: ``/critical-path``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from api.config import ApiConfig
from api.critical_path_document import CriticalPathsDocument, Side, critical_paths_document
from api.errors import bad_parameter
from api.graph_query import read_comparison
from api.parameters import Parameters
from api.queries import Deadline
from api.responses import answer
from api.search_query import CONDITIONS, REPEATED, WINDOW, read_query
from api.trace_sample import Chosen, TraceSampler
from model.critical_shares import critical_shares, sample_path
from model.query import AttributeCondition, AttributeScope, Comparison, TraceQuery
from storage.interface import SpanReader

__all__ = ["CriticalPaths"]

_DEFAULT_TRACES = 200
_MAX_TRACES = 1000

# A proxy tells the version on its spans, an SDK in its resource.
_VERSION_KEYS = (
    ("istio.canonical_revision", AttributeScope.SPAN),
    ("service.version", AttributeScope.RESOURCE),
)


class CriticalPaths:
    """Handler of the critical path over many traces.

    Args:
        reader: the store.
        config: the limits.
        now_ns: tells the time in nanoseconds since the epoch.
    """

    def __init__(self, reader: SpanReader, config: ApiConfig, now_ns: Callable[[], int]) -> None:
        self._sampler = TraceSampler(reader, config.max_analysed_spans)
        self._config = config
        self._now_ns = now_ns

    async def critical_path(self, request: web.Request) -> web.StreamResponse:
        """``GET /critical-path``."""
        names = (*WINDOW, *CONDITIONS, "compare", "compare_versions", "traces", "adjust_clock_skew")
        parameters = Parameters(request.query, names, REPEATED)
        query = read_query(parameters, self._config, self._now_ns())
        versions = _read_versions(parameters)
        before = read_comparison(parameters, query.from_ns, query.to_ns)
        limit = parameters.integer("traces", _DEFAULT_TRACES, minimum=1, maximum=_MAX_TRACES)
        adjust = parameters.boolean("adjust_clock_skew") or False

        def work(deadline: Deadline) -> CriticalPathsDocument:
            def side(query: TraceQuery, version: str = "") -> Side:
                return self._side(query, version, limit, deadline, adjust=adjust)

            if versions is not None:
                return critical_paths_document(side(query, versions[1]), side(query, versions[0]))
            after = side(query)
            if before is None:
                return critical_paths_document(after, None)
            earlier = replace(query, from_ns=before[0], to_ns=before[1])
            return critical_paths_document(after, side(earlier))

        return await answer(request, work)

    def _side(
        self, query: TraceQuery, version: str, limit: int, deadline: Deadline, *, adjust: bool
    ) -> Side:
        chosen = self._choose(query, version, limit, deadline)
        traces = self._sampler.assembled(chosen, deadline, adjust_clock_skew=adjust)
        shares = critical_shares(sample_path(trace) for trace in traces)
        return Side(query.from_ns, query.to_ns, version, chosen, shares)

    def _choose(self, query: TraceQuery, version: str, limit: int, deadline: Deadline) -> Chosen:
        if not version:
            return self._sampler.choose(query, limit, deadline)
        for key, scope in _VERSION_KEYS:
            condition = AttributeCondition(key, Comparison.EQUAL, version, scope)
            narrowed = replace(query, attributes=(*query.attributes, condition))
            chosen = self._sampler.choose(narrowed, limit, deadline)
            if chosen.summaries:
                break
        return chosen


def _read_versions(parameters: Parameters) -> tuple[str, str] | None:
    def parse(text: str) -> tuple[str, str]:
        versions = text.split(",")
        if len(versions) != 2 or not all(versions):
            raise ValueError(f"{text!r} is not two versions, such as v1,v2")
        return versions[0], versions[1]

    parameters.exclusive("compare_versions", ("compare",))
    if parameters.has("compare_versions") and not parameters.has("service"):
        raise bad_parameter("compare_versions", "goes with service only")
    return parameters.parsed("compare_versions", parse)
