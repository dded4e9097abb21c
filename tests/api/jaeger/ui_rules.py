"""What Jaeger UI demands of v3 answers: one item that breaks a rule fails the whole answer.

Follows the zod schemas of ``packages/jaeger-ui/src/api/v3/schemas.ts``.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["check_operations", "check_services", "check_summaries"]

_TRACE_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]+", re.ASCII)


def check_services(answer: Any) -> None:
    assert all(isinstance(name, str) for name in _members(answer, {"services"})["services"])


def check_operations(answer: Any) -> None:
    for operation in _members(answer, {"operations"})["operations"]:
        assert isinstance(_members(operation, {"name", "spanKind"})["name"], str)
        assert isinstance(operation["spanKind"], str)


def check_summaries(answer: Any) -> None:
    for summary in _members(answer, {"summaries"})["summaries"]:
        assert _TRACE_ID.fullmatch(summary["traceId"])
        assert _DECIMAL.fullmatch(summary["minStartTimeUnixNano"])
        assert _DECIMAL.fullmatch(summary["maxEndTimeUnixNano"])
        assert isinstance(summary.get("rootServiceName", ""), str)
        assert isinstance(summary.get("rootOperationName", ""), str)
        for name in ("spanCount", "errorSpanCount", "orphanSpanCount"):
            _check_count(summary, name)
        for service in summary["services"]:
            assert isinstance(service["name"], str)
            _check_count(service, "spanCount")
            _check_count(service, "errorSpanCount")


def _members(answer: Any, names: set[str]) -> dict[str, Any]:
    assert isinstance(answer, dict)
    assert names == set(answer)
    return answer


def _check_count(document: dict[str, Any], name: str) -> None:
    count = document.get(name, 1)
    assert type(count) is int
    assert count > 0  # zero is absent
