"""The parameters of the legacy API, with Jaeger's defaults and its words for errors.

As in Jaeger, a parameter that is unknown is ignored, an empty one counts as not given, and of
one that is given several times the first counts (jaeger-api §4.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from aiohttp import web

from api.errors import ApiError
from api.jaeger.config import JaegerConfig
from api.jaeger.durations import parse_go_duration
from api.jaeger.errors import bad_request
from api.jaeger.search import Search
from api.jaeger.strconv import parse_bool, parse_int
from api.jaeger.trace_ids import parse_trace_id
from api.times import MAX_NS

__all__ = ["LegacySearch", "TraceRequest", "is_pretty", "read_search", "read_trace_request"]

_DEFAULT_LOOKBACK_NS = 48 * 3600 * 1_000_000_000
_MICROSECOND_NS = 1000
_LIMIT_BITS = 32
_MAX_TAGS = 100
_MAX_TRACE_IDS = 1500  # as many as Jaeger UI lets people ask for
_MAX_TEXT = 1024

_T = TypeVar("_T")

_WRONG_TYPE = re.compile(r"Expected .*, got `(\w+)`")
_GO_TYPES = {"int": "number", "float": "number", "bool": "bool", "array": "array"}


@dataclass(frozen=True, slots=True)
class LegacySearch:
    """What ``/api/traces`` is asked for; with ``trace_ids`` these instead of a search."""

    search: Search
    trace_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """Which trace a path names (32 hex digits), and whether as it was sent."""

    trace_id: str
    raw: bool


def read_search(request: web.Request, config: JaegerConfig, now_ns: int) -> LegacySearch:
    """Return what is asked for. Raises ApiError, a 400."""
    query = _First(request)
    start_ns = query.time("start", now_ns - _DEFAULT_LOOKBACK_NS)
    end_ns = query.time("end", now_ns, last_ns=_MICROSECOND_NS - 1)
    tags = _tags(query.every("tag"), query.every("tags"))
    limit = _limit(query.text("limit"), config)
    min_ns, max_ns = query.duration("minDuration"), query.duration("maxDuration")
    trace_ids = _trace_ids(query.every("traceID"))
    raw = query.boolean("raw")
    service, operation = query.text("service"), query.text("operation")
    if limit <= 0:
        raise bad_request("invalid parameter: limit must be greater than 0")
    if start_ns > end_ns:
        raise bad_request("invalid parameter: start time must be before end time")
    if 0 < max_ns < min_ns:
        raise bad_request("'maxDuration' should be greater than 'minDuration'")
    search = Search(
        start_ns,
        end_ns,
        service=service,
        operation=operation,
        tags=tags,
        min_duration_ns=min_ns,
        max_duration_ns=max_ns,
        limit=min(limit, config.max_limit),
        raw=raw,
    )
    return LegacySearch(search, trace_ids)


def read_trace_request(request: web.Request) -> TraceRequest:
    """Return which trace is asked for. Raises ApiError, a 400.

    The times are hints for stores that need them; here they are only checked.
    """
    try:
        trace_id = parse_trace_id(request.match_info["trace_id"])
    except ValueError as error:
        raise bad_request(str(error)) from error
    query = _First(request)
    query.time("start", 0)
    query.time("end", 0)
    return TraceRequest(trace_id, query.boolean("raw"))


def is_pretty(request: web.Request) -> bool:
    """Whether the answer is for people to read."""
    return request.query.get("prettyPrint", "") not in ("", "false")


class _First:
    """Parameters by name, of which the first value counts."""

    def __init__(self, request: web.Request) -> None:
        self._query = request.query

    def text(self, name: str) -> str:
        text = self._query.get(name, "")
        if len(text) > _MAX_TEXT:
            raise bad_request(
                f"parameter '{name}' has {len(text)} characters; at most {_MAX_TEXT} are allowed"
            )
        return text

    def every(self, name: str) -> Sequence[str]:
        return self._query.getall(name, ())

    def time(self, name: str, default_ns: int, *, last_ns: int = 0) -> int:
        """Return nanoseconds since the epoch of microseconds, and of what belongs to them."""
        microseconds = self._parsed(name, parse_int, None)
        if microseconds is None:
            return default_ns
        return min(max(0, microseconds * _MICROSECOND_NS + last_ns), MAX_NS - 1)

    def duration(self, name: str) -> int:
        return self._parsed(name, _duration, 0)

    def boolean(self, name: str) -> bool:
        return self._parsed(name, parse_bool, False)

    def _parsed(self, name: str, parse: Callable[[str], _T], default: _T) -> _T:
        text = self.text(name)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            raise bad_request(f"unable to parse param '{name}': {error}") from error


def _duration(text: str) -> int:
    duration_ns = parse_go_duration(text)
    if duration_ns < 0:
        raise ValueError(f"time: negative duration {text}")
    return duration_ns


def _limit(text: str, config: JaegerConfig) -> int:
    if not text:
        return config.default_limit
    try:
        return parse_int(text, bits=_LIMIT_BITS)
    except ValueError as error:
        raise bad_request(str(error)) from error


def _trace_ids(texts: Sequence[str]) -> tuple[str, ...]:
    if len(texts) > _MAX_TRACE_IDS:
        raise bad_request(
            f"parameter 'traceID' is given {len(texts)} times; at most {_MAX_TRACE_IDS} are allowed"
        )
    try:
        # In a query string the plus sign of base64 arrives as a space.
        found = [parse_trace_id(text.replace(" ", "+")) for text in texts]
    except ValueError as error:
        raise bad_request(f"cannot parse traceID param: {error}") from error
    return tuple(dict.fromkeys(found))


def _tags(pairs: Sequence[str], documents: Sequence[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for pair in pairs:
        key, colon, value = pair.partition(":")
        if not colon:
            raise bad_request(
                f"malformed 'tag' parameter, expecting key:value, received: {pair[:_MAX_TEXT]}"
            )
        tags[key] = value
    for document in documents:
        tags.update(_json_tags(document))
    if len(tags) > _MAX_TAGS:
        raise bad_request(f"{len(tags)} tags are asked for; at most {_MAX_TAGS} are allowed")
    if any(len(text) > _MAX_TEXT for tag in tags.items() for text in tag):
        raise bad_request(f"a tag has more than the {_MAX_TEXT} characters that are allowed")
    return tags


def _json_tags(document: str) -> dict[str, str]:
    try:
        found = msgspec.json.decode(document, type=dict[str, str | None] | None)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _malformed_tags(error) from error
    return {key: value or "" for key, value in (found or {}).items()}  # Go takes null for nothing


def _malformed_tags(error: Exception) -> ApiError:
    """Say what is wrong as Go does, where it is the type of a value."""
    wrong = _WRONG_TYPE.match(str(error))
    reason = str(error)
    if wrong is not None:
        found = _GO_TYPES.get(wrong[1], wrong[1])
        wanted = "string" if "$[...]" in reason else "map[string]string"
        found = "string" if found == "str" else found
        reason = f"json: cannot unmarshal {found} into Go value of type {wanted}"
    return bad_request(f"malformed 'tags' parameter, cannot unmarshal JSON: {reason}")
