"""From the parameters of a search to a TraceQuery: its conditions, its window, its page."""

from __future__ import annotations

from api.conditions import parse_condition
from api.config import ApiConfig
from api.cursors import SearchPosition, decode_cursor, digest_conditions
from api.documents import KINDS, STATUSES
from api.errors import bad_parameter
from api.parameters import Parameters
from api.times import MAX_NS, format_duration
from model.query import TraceQuery

__all__ = ["CONDITIONS", "PAGE", "REPEATED", "WINDOW", "page_digest", "read_query", "read_window"]

WINDOW = ("from", "to", "last")
CONDITIONS = (
    "service",
    "namespace",
    "cluster",
    "operation",
    "kind",
    "status",
    "error",
    "min_duration",
    "max_duration",
    "min_trace_duration",
    "max_trace_duration",
    "request_id",
)
PAGE = ("limit", "cursor")
REPEATED = ("attribute",)

_SECOND_NS = 1_000_000_000


def page_digest(parameters: Parameters) -> bytes:
    """Return the digest that the cursors of this search carry."""
    return digest_conditions(parameters.given(without=PAGE))


def read_query(parameters: Parameters, config: ApiConfig, now_ns: int) -> TraceQuery:
    """Return the query of a request's parameters. Raises ApiError, a 400."""
    position = _position(parameters)
    if position is None:
        from_ns, to_ns = read_window(parameters, now_ns, config.default_window_s * _SECOND_NS)
    else:
        from_ns, to_ns = position.from_ns, position.to_ns
    min_duration, max_duration = _range(parameters, "min_duration", "max_duration")
    min_trace, max_trace = _range(parameters, "min_trace_duration", "max_trace_duration")
    return TraceQuery(
        from_ns=from_ns,
        to_ns=to_ns,
        service=parameters.text("service"),
        namespace=parameters.text("namespace"),
        cluster=parameters.text("cluster"),
        operation=parameters.text("operation"),
        kind=parameters.choice("kind", KINDS),
        status=parameters.choice("status", STATUSES),
        error=parameters.boolean("error"),
        min_duration_ns=min_duration,
        max_duration_ns=max_duration,
        min_trace_duration_ns=min_trace,
        max_trace_duration_ns=max_trace,
        request_id=parameters.text("request_id"),
        attributes=tuple(
            parameters.texts("attribute", parse_condition, limit=config.max_attribute_conditions)
        ),
        limit=parameters.integer(
            "limit", config.default_page_size, minimum=1, maximum=config.max_page_size
        ),
        after=None if position is None else position.after,
    )


def read_window(parameters: Parameters, now_ns: int, default_ns: int) -> tuple[int, int]:
    """Return the half-open window [from, to) that ``from``, ``to`` and ``last`` say.

    ``last`` counts back from ``to``, and ``to`` is now unless given.
    """
    parameters.exclusive("last", ("from",))
    to_ns = parameters.time("to")
    from_ns = parameters.time("from")
    last_ns = parameters.duration("last")
    if last_ns == 0:
        raise bad_parameter("last", "must be longer than 0")
    if to_ns is None:
        to_ns = max(now_ns, (from_ns or 0) + 1)
    if from_ns is None:
        from_ns = max(0, to_ns - (default_ns if last_ns is None else last_ns))
    if from_ns >= to_ns:
        raise bad_parameter("to", "must be later than from; the window is [from, to)")
    return from_ns, min(to_ns, MAX_NS)


def _range(parameters: Parameters, minimum: str, maximum: str) -> tuple[int | None, int | None]:
    least, most = parameters.duration(minimum), parameters.duration(maximum)
    if least is not None and most is not None and least > most:
        raise bad_parameter(
            minimum, f"{format_duration(least)} is longer than {maximum} {format_duration(most)}"
        )
    return least, most


def _position(parameters: Parameters) -> SearchPosition | None:
    if not parameters.has("cursor"):
        return None
    position = parameters.parsed("cursor", decode_cursor)
    if position is not None and position.digest != page_digest(parameters):
        raise bad_parameter(
            "cursor",
            "belongs to a search with other parameters",
            "repeat the first page's parameters with each cursor; only limit may change",
        )
    return position
