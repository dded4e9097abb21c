"""Search: traces that match, page by page, and how many spans match over time."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from api.buckets import bucket_count, choose_width
from api.config import ApiConfig
from api.cursors import encode_cursor
from api.documents import (
    HistogramDocument,
    SearchDocument,
    bucket_document,
    summary_document,
)
from api.errors import bad_parameter
from api.parameters import Parameters
from api.queries import Deadline
from api.responses import answer
from api.search_query import CONDITIONS, PAGE, REPEATED, WINDOW, page_digest, read_query
from api.times import format_duration, format_time
from model.ids import parse_trace_id
from model.summary import outline, summarise
from storage.interface import SpanReader

__all__ = ["Search"]

_DEFAULT_BUCKETS = 60


class Search:
    """Handlers of the searches.

    Args:
        reader: the store.
        config: the limits.
        now_ns: tells the time in nanoseconds since the epoch.
    """

    def __init__(self, reader: SpanReader, config: ApiConfig, now_ns: Callable[[], int]) -> None:
        self._reader = reader
        self._config = config
        self._now_ns = now_ns

    async def traces(self, request: web.Request) -> web.StreamResponse:
        """``GET /traces``: a search, or the summaries of the traces that ``trace_id`` names."""
        names = (*WINDOW, *CONDITIONS, *PAGE)
        parameters = Parameters(request.query, names, (*REPEATED, "trace_id"))
        if parameters.has("trace_id"):
            parameters.exclusive("trace_id", (*names, *REPEATED))
            return await self._named(request, parameters)
        query = read_query(parameters, self._config, self._now_ns())
        digest = page_digest(parameters)

        def work(deadline: Deadline) -> SearchDocument:
            page = self._reader.find_traces(query, timeout_s=deadline.remaining())
            following = None
            if page.next is not None:
                following = encode_cursor(page.next, query.from_ns, query.to_ns, digest)
            found = [summary_document(each) for each in page.summaries]
            return SearchDocument(found, following, [])

        return await answer(request, work)

    async def _named(self, request: web.Request, parameters: Parameters) -> web.StreamResponse:
        limit = self._config.max_trace_ids
        given = parameters.texts("trace_id", parse_trace_id, limit=limit)
        trace_ids = list(dict.fromkeys(given))

        def work(deadline: Deadline) -> SearchDocument:
            found = self._reader.get_traces(trace_ids, timeout_s=deadline.remaining())
            summaries = sorted(
                (summarise(trace_id, map(outline, spans)) for trace_id, spans in found.items()),
                key=lambda summary: (summary.start_ns, summary.trace_id),
                reverse=True,
            )
            return SearchDocument(
                [summary_document(each) for each in summaries],
                None,
                [trace_id for trace_id in trace_ids if trace_id not in found],
            )

        return await answer(request, work)

    async def histogram(self, request: web.Request) -> web.StreamResponse:
        """``GET /search/histogram``."""
        parameters = Parameters(request.query, (*WINDOW, *CONDITIONS, "buckets", "width"), REPEATED)
        parameters.exclusive("width", ("buckets",))
        query = read_query(parameters, self._config, self._now_ns())
        most = self._config.max_histogram_buckets
        width_ns = parameters.duration("width")
        if width_ns is None:
            wanted = parameters.integer(
                "buckets", min(_DEFAULT_BUCKETS, most), minimum=1, maximum=most
            )
            width_ns = choose_width(query.from_ns, query.to_ns, wanted)
        elif width_ns == 0:
            raise bad_parameter("width", "must be longer than 0")
        elif bucket_count(query.from_ns, query.to_ns, width_ns) > most + 1:
            raise bad_parameter(
                "width",
                f"{format_duration(width_ns)} cuts the window into more than {most} buckets",
                "take a larger width or a shorter window",
            )

        def work(deadline: Deadline) -> HistogramDocument:
            found = self._reader.histogram(query, width_ns, timeout_s=deadline.remaining())
            return HistogramDocument(
                from_time=format_time(query.from_ns),
                from_time_unix_nano=str(query.from_ns),
                to_time=format_time(query.to_ns),
                to_time_unix_nano=str(query.to_ns),
                width=format_duration(width_ns),
                width_nano=str(width_ns),
                buckets=[bucket_document(each) for each in found],
            )

        return await answer(request, work)
