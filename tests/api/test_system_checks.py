"""The walk "is my mesh reaching us?": what is found, and that each fault has advice."""

from __future__ import annotations

from typing import Any

import pytest

from api.system.arrival_checks import arrival_checks
from api.system.check import Check, CheckStatus
from api.system.state import Connections, FaultKind, ReceivedCounts
from api.system.store_checks import Evidence, store_checks
from model.summary import TraceSummary
from storage.interface import StoreState
from tests.api.sample import SECOND
from tests.api.system_states import (
    NOTHING_RECEIVED,
    NOW_NS,
    both_receivers,
    fault,
    query_role,
    receiver,
    receiving,
    spool,
    stats,
    store,
    system,
)


def arrival(name: str, **changed: Any) -> Check:
    return next(each for each in arrival_checks(receiving(**changed)) if each.id == name)


def traces(count: int, **changed: Any) -> list[TraceSummary]:
    fields: dict[str, Any] = {
        "start_ns": NOW_NS,
        "duration_ns": 1,
        "root_service": "front",
        "root_operation": "GET /",
        "root_missing": False,
        "span_count": 4,
        "error_count": 0,
        "services": (),
        "missing_span_count": 0,
        "orphan_span_count": 0,
    }
    return [TraceSummary(f"{n:032x}", **{**fields, **changed}) for n in range(count)]


def of_store(name: str, *, recent: Any = None, has_proxies: Any = True, **changed: Any) -> Check:
    evidence = Evidence(NOW_NS, traces(20) if recent is None else recent, has_proxies)
    state = changed.pop("state", None) or system(**changed)
    return next(each for each in store_checks(state, evidence) if each.id == name)


def found(check: Check) -> tuple[str, str]:
    assert check.summary
    if check.status in (CheckStatus.WARNING, CheckStatus.FAILED):
        assert check.advice, "what is wrong needs advice"
    return check.status.value, check.finding


def test_all_is_well_where_spans_arrive() -> None:
    of_arrival = [each.status for each in arrival_checks(receiving())]
    stored = store_checks(system(), Evidence(NOW_NS, traces(20), True))

    assert {CheckStatus.OK} == {*of_arrival, *(each.status for each in stored)}


def test_receivers_that_do_not_accept_are_found() -> None:
    assert ("failed", "not_accepting") == found(arrival("listening", accepting=False))


def test_receivers_that_only_this_machine_reaches_are_found() -> None:
    silent = {**NOTHING_RECEIVED, "receivers": both_receivers(host="127.0.0.1")}

    assert ("warning", "loopback_only") == found(arrival("listening", **silent))


def test_receivers_on_this_machine_alone_are_fine_when_exports_come() -> None:
    check = arrival("listening", receivers=both_receivers(host="::1"))

    assert ("ok", "loopback_only") == found(check)


def test_no_exporter_is_found_and_the_likeliest_reason_comes_first() -> None:
    check = arrival("connected", **NOTHING_RECEIVED)

    assert ("failed", "no_exporter") == found(check)
    assert "extensionProviders" in check.advice[0]
    assert "randomSamplingPercentage" in check.advice[1]


def test_connections_without_an_export_are_found() -> None:
    connected = {**NOTHING_RECEIVED, "receivers": both_receivers(connections=Connections(1, 0))}
    check = arrival("connected", **connected)

    assert ("warning", "no_request") == found(check)
    assert "grpc-" in check.advice[0]


@pytest.mark.parametrize("asked", ["protocol", "spans_arrive", "accepted", "kept"])
def test_without_an_export_nothing_more_can_be_told(asked: str) -> None:
    assert ("unknown", "nothing_came") == found(arrival(asked, **NOTHING_RECEIVED))


def test_http_1_on_the_grpc_port_is_found_by_its_connections() -> None:
    http_only = {"otlp/grpc": ReceivedCounts(), "otlp/http": ReceivedCounts(accepted_requests=1)}
    check = arrival("protocol", total=http_only)

    assert ("warning", "grpc_port_without_calls") == found(check)
    assert "HTTP/1.1 to 4317" in check.advice[0]


def test_a_kernel_that_tells_no_connections_is_no_fault() -> None:
    http_only = {"otlp/grpc": ReceivedCounts(), "otlp/http": ReceivedCounts(accepted_requests=1)}
    check = arrival("protocol", total=http_only, receivers=both_receivers(connections=None))

    assert ("ok", "right") == found(check)


@pytest.mark.parametrize(
    ("reason", "named"),
    [
        ("http2", "HTTP/2 on the HTTP port"),
        ("tls", "TLS"),
        ("not_found", "path"),
        ("media_type", "Content-Type"),
        ("undecodable", "not OTLP"),
        ("other_signal", "metrics"),
    ],
)
def test_what_is_no_otlp_is_found_with_its_name(reason: str, named: str) -> None:
    check = arrival("protocol", faults=(fault(FaultKind.REFUSED, reason),))

    assert ("warning", "wrong") == found(check)
    assert named in check.summary
    assert {"reasons": reason} == check.values


def test_a_wrong_protocol_of_long_ago_is_no_warning() -> None:
    check = arrival("protocol", faults=(fault(FaultKind.REFUSED, "http2", recent=0),))

    assert ("ok", "was_wrong") == found(check)


def test_exports_without_spans_are_found_as_nothing_sampled() -> None:
    empty = {"otlp/grpc": ReceivedCounts(accepted_requests=5, empty_requests=5)}
    check = arrival("spans_arrive", total=empty, recent=empty)

    assert ("failed", "all_empty") == found(check)
    assert "randomSamplingPercentage" in check.advice[0]


def test_exports_of_which_no_span_is_accepted_are_found() -> None:
    refused = {"otlp/grpc": ReceivedCounts(refused_requests=5)}

    assert ("failed", "none_accepted") == found(
        arrival("spans_arrive", total=refused, recent=refused)
    )


def test_rejected_spans_are_found_by_reason() -> None:
    check = arrival("accepted", faults=(fault(FaultKind.REJECTED, "trace_id_zero"),))

    assert ("warning", "lately") == found(check)
    assert "trace id zero" in check.summary


def test_refusing_every_export_is_a_failure() -> None:
    faults = (fault(FaultKind.REFUSED, "spool_full"),)
    recent = {"otlp/grpc": ReceivedCounts(refused_requests=9)}

    assert ("failed", "lately") == found(arrival("accepted", faults=faults, recent=recent))


def test_what_was_refused_earlier_is_told_without_a_warning() -> None:
    check = arrival("accepted", faults=(fault(FaultKind.REFUSED, "overloaded", recent=0),))

    assert ("ok", "earlier") == found(check)


def test_processors_that_drop_everything_are_found() -> None:
    assert ("failed", "none") == found(arrival("kept", dropped_spans=200))


def test_processors_that_drop_a_part_do_as_they_were_told() -> None:
    assert ("ok", "some") == found(arrival("kept", dropped_spans=50))


def test_a_store_that_does_not_answer_is_found() -> None:
    down = store(state=StoreState.UNAVAILABLE, stats=None)

    assert ("failed", "store_unavailable") == found(of_store("stored", store=down))


def test_records_set_aside_are_found() -> None:
    faults = (fault(FaultKind.SET_ASIDE, "not_storable"),)

    assert ("warning", "set_aside") == found(of_store("stored", receiving=receiving(faults=faults)))


def test_a_spool_that_is_almost_full_is_found() -> None:
    check = of_store("stored", receiving=receiving(spools=(spool(used_bytes=85_000),)))

    assert ("failed", "spool_almost_full") == found(check)
    assert "85 %" in check.summary


def test_spans_that_wait_for_long_are_found() -> None:
    waiting = receiving(spools=(spool(oldest_ns=NOW_NS - 90 * SECOND),))
    check = of_store("stored", receiving=waiting)

    assert ("warning", "slow") == found(check)
    assert "1m30s" in check.summary


def test_without_receivers_of_its_own_a_process_cannot_tell_what_is_stored() -> None:
    assert ("unknown", "elsewhere") == found(of_store("stored", state=query_role()))


@pytest.mark.parametrize(
    ("seconds_ago", "expected"),
    [(5, ("ok", "recent")), (900, ("warning", "silent")), (-300, ("warning", "ahead"))],
)
def test_the_newest_span_tells_silence_and_clocks(
    seconds_ago: int, expected: tuple[str, str]
) -> None:
    newest = stats(newest_ns=NOW_NS - seconds_ago * SECOND)

    assert expected == found(of_store("recent", store=store(stats=newest)))


def test_an_empty_store_is_found() -> None:
    empty = store(stats=stats(spans=0, oldest_ns=None, newest_ns=None))

    assert ("warning", "no_span") == found(of_store("recent", store=empty))


def test_spans_of_applications_alone_are_found() -> None:
    assert ("warning", "applications_only") == found(of_store("proxies", has_proxies=False))


@pytest.mark.parametrize("recent", [[], traces(3)])
def test_too_few_traces_tell_nothing(recent: list[TraceSummary]) -> None:
    assert ("unknown", "too_few") == found(of_store("whole_traces", recent=recent))


def test_traces_of_one_span_are_found_as_headers_that_are_not_forwarded() -> None:
    check = of_store("whole_traces", recent=traces(20, span_count=1))

    assert ("warning", "single_spans") == found(check)
    assert "traceparent" in check.advice[0]


def test_traces_without_their_root_are_found() -> None:
    check = of_store("whole_traces", recent=traces(20, root_missing=True))

    assert ("warning", "rootless") == found(check)


def test_one_receiver_beyond_this_machine_is_enough() -> None:
    mixed = (receiver("otlp/grpc", host="127.0.0.1"), receiver("otlp/http"))
    check = arrival("listening", **{**NOTHING_RECEIVED, "receivers": mixed})

    assert ("ok", "listening") == found(check)
