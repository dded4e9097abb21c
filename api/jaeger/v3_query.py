"""The parameters of the v3 API: two names for most of them, the canonical one wins."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec
from multidict import MultiMapping

from api.jaeger.durations import parse_go_duration
from api.jaeger.errors import bad_request
from api.jaeger.filtered_search import filtered
from api.jaeger.filters import UnsupportedFilter
from api.jaeger.search import Search
from api.jaeger.strconv import parse_bool, parse_int
from api.jaeger.v3_errors import malformed
from api.times import parse_time

__all__ = ["read_operations_query", "read_search", "read_trace_query"]

_DEFAULT_DEPTH = 100
_MAX_ATTRIBUTES = 100

_START_MIN = ("query.startTimeMin", "query.start_time_min")
_START_MAX = ("query.startTimeMax", "query.start_time_max")
_SERVICE = ("query.serviceName", "query.service_name")
_OPERATION = ("query.operationName", "query.operation_name")
_DEPTH = ("query.searchDepth", "query.search_depth", "query.num_traces")
_DURATION_MIN = ("query.durationMin", "query.duration_min")
_DURATION_MAX = ("query.durationMax", "query.duration_max")
_RAW = ("query.rawTraces", "query.raw_traces")
_ATTRIBUTES = ("query.attributes",)
_FILTER = "query.filter"

_NUMBER = re.compile(r"[0-9]*", re.ASCII)
_Value = TypeVar("_Value")
_Given = MultiMapping[str]


def read_search(given: _Given) -> Search:
    """Return the search that ``query.*`` asks for. Raises ApiError, a 400."""
    tags = _read(given, _ATTRIBUTES, _attributes, dict[str, str]())
    start_ns = _read(given, _START_MIN, _time, None)
    end_ns = _read(given, _START_MAX, _time, None)
    if start_ns is None or end_ns is None:
        raise bad_request(f"{_START_MIN[0]} and {_START_MAX[0]} are required")
    if start_ns >= end_ns:
        raise bad_request(f"{_START_MIN[0]} must be before {_START_MAX[0]}")
    depth = _read(given, _DEPTH, _depth, 0)
    search = Search(
        start_ns,
        end_ns,
        service=_text(given, _SERVICE),
        operation=_text(given, _OPERATION),
        tags=tags,
        min_duration_ns=_read(given, _DURATION_MIN, _duration, 0),
        max_duration_ns=_read(given, _DURATION_MAX, _duration, 0),
        limit=depth if depth > 0 else _DEFAULT_DEPTH,
        raw=_read(given, _RAW, parse_bool, default=False),
    )
    return _filtered(given, search)


def read_trace_query(given: _Given) -> bool:
    """Return whether a trace is wanted as it was sent. Raises ApiError, a 400.

    The times are hints for stores that need them; here they are only checked.
    """
    for names in (("startTime", "start_time"), ("endTime", "end_time")):
        _read(given, names, _time, None)
    return _read(given, ("rawTraces", "raw_traces"), parse_bool, default=False)


def read_operations_query(given: _Given) -> tuple[str, str]:
    """Return the service and the kind of spans; empty for all."""
    return given.get("service", ""), _text(given, ("spanKind", "span_kind"))


def _filtered(given: _Given, search: Search) -> Search:
    text = given.get(_FILTER, "")
    if not text:
        return search
    for names in (_SERVICE, _OPERATION, _ATTRIBUTES, _DURATION_MIN, _DURATION_MAX):
        name, value = _sent(given, names)
        if value:
            raise bad_request(f"{_FILTER} cannot be combined with {name}")
    try:
        return filtered(search, text)
    except UnsupportedFilter as error:
        raise bad_request(f"unsupported {_FILTER}: {error}") from error
    except ValueError as error:
        raise malformed(_FILTER, error) from error


def _sent(given: _Given, names: tuple[str, ...]) -> tuple[str, str]:
    """Return the name that was used, and its value; empty if there is none."""
    for name in names:
        value = given.get(name, "")
        if value:
            return name, value
    return names[0], ""


def _text(given: _Given, names: tuple[str, ...]) -> str:
    return _sent(given, names)[1]


def _read(
    given: _Given, names: tuple[str, ...], parse: Callable[[str], _Value], default: _Value
) -> _Value:
    name, value = _sent(given, names)
    if not value:
        return default
    try:
        return parse(value)
    except ValueError as error:
        raise malformed(name, error) from error


def _time(text: str) -> int | None:
    if _NUMBER.fullmatch(text) is not None:
        raise ValueError(f"{text!r} is not an RFC 3339 time, such as 2026-11-20T09:30:00.5Z")
    return parse_time(text)


def _depth(text: str) -> int:
    return parse_int(text, bits=32, function="Atoi")


def _duration(text: str) -> int:
    ns = parse_go_duration(text)
    if ns < 0:
        raise ValueError(f"time: negative duration {text!r}")
    return ns


def _attributes(text: str) -> dict[str, str]:
    try:
        found = msgspec.json.decode(text, type=dict[str, str | None] | None) or {}
    except RecursionError as error:
        raise ValueError("JSON is nested too deeply") from error
    if len(found) > _MAX_ATTRIBUTES:
        raise ValueError(f"{len(found)} attributes; at most {_MAX_ATTRIBUTES} are allowed")
    return {key: value or "" for key, value in found.items()}
