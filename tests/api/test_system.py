"""``GET /api/v1/system``: what the process, its store and its graph tell, as one answer."""

from __future__ import annotations

from typing import Any

import pytest

from api.system.state import FaultKind, SystemState
from storage.interface import StoreState, StoreUnavailable
from tests.api.conftest import Connect
from tests.api.contract import contract
from tests.api.graph_reader import bookinfo_graph
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import SECOND
from tests.api.system_states import (
    NOW_NS,
    KnownSystem,
    fault,
    query_role,
    receiving,
    spool,
    store,
    system,
)


async def report(connect: Connect, state: SystemState | None = None, **more: Any) -> Any:
    api = await connect(system=KnownSystem(state or system()), **more)
    return await api.json("/api/v1/system")


async def test_the_process_says_who_it_is_and_since_when(connect: Connect) -> None:
    answer = await report(connect)

    assert ("1.2.3", "serve") == (answer["version"], answer["role"])
    assert 60 * SECOND == int(answer["now_unix_nano"]) - int(answer["start_time_unix_nano"])


async def test_a_receiver_says_where_it_listens_and_who_is_connected(connect: Connect) -> None:
    grpc, http = (await report(connect))["receivers"]

    assert ("otlp/grpc", "0.0.0.0:4317", False) == (
        grpc["protocol"],
        grpc["address"],
        grpc["loopback_only"],
    )
    assert ["/v1/traces"] == http["paths"]
    assert {"open": 2, "closing": 1} == http["connections"]


async def test_what_came_is_summed_over_the_protocols(connect: Connect) -> None:
    received = (await report(connect))["received"]

    assert (40, 200, "5m") == (
        received["total"]["requests"],
        received["total"]["accepted_spans"],
        received["recent_window"],
    )
    assert [20, 0] == [each["recent"]["requests"] for each in received["by_protocol"]]


async def test_services_are_counted_by_their_namespace(connect: Connect) -> None:
    senders = (await report(connect))["senders"]

    assert {("east", "shop", 2), ("west", "bank", 1)} == {
        (each["cluster"], each["namespace"], each["services"]) for each in senders["namespaces"]
    }
    assert senders["service_count"] == len(senders["services"]) == 3


async def test_a_sender_has_its_spans_of_the_settled_minutes(connect: Connect) -> None:
    graph = bookinfo_graph()
    senders = (await report(connect, graph=graph))["senders"]

    assert int(senders["to_time_unix_nano"]) <= graph.settled_ns()
    assert (senders["from_time_unix_nano"], senders["to_time_unix_nano"]) == tuple(
        str(end) for end in graph.windows[0]
    )


async def test_faults_come_with_their_meaning_and_advice_the_latest_first(
    connect: Connect,
) -> None:
    faults = (
        fault(FaultKind.MENDED, "empty_span_name", count=90, recent=0),
        fault(FaultKind.REFUSED, "http2", count=3, recent=3),
    )
    told = (await report(connect, system(receiving=receiving(faults=faults))))["faults"]

    assert ["http2", "empty_span_name"] == [each["reason"] for each in told]
    assert all(each["meaning"] and each["advice"] for each in told)


async def test_a_reason_that_is_new_is_told_by_its_name(connect: Connect) -> None:
    faults = (fault(FaultKind.MENDED, "odd_thing"),)
    (told,) = (await report(connect, system(receiving=receiving(faults=faults))))["faults"]

    assert "odd thing" in told["meaning"]


async def test_the_age_of_what_waits_is_that_of_its_oldest(connect: Connect) -> None:
    spools = (
        spool(0, waiting_spans=7, waiting_bytes=700, oldest_ns=NOW_NS - 3 * SECOND),
        spool(1, waiting_spans=1, waiting_bytes=100, oldest_ns=NOW_NS - 9 * SECOND),
        spool(4, max_bytes=None, running=False),
    )
    answer = await report(connect, system(receiving=receiving(spools=spools)))

    assert ("600ms", "9s") == (answer["lag"]["last_batch"], answer["lag"]["oldest_waiting"])
    assert (8, 800) == (answer["spool"]["waiting_spans"], answer["spool"]["waiting_bytes"])
    assert ["3s", "9s", None] == [each["oldest_age"] for each in answer["spool"]["receivers"]]
    assert answer["spool"]["receivers"][2]["max_bytes"] is None


async def test_the_store_names_its_tables_the_largest_first(connect: Connect) -> None:
    told = (await report(connect))["store"]

    assert ("duckdb", 3, 12) == (told["engine"], told["data_version"], told["spans"])
    assert ["spans", "services"] == [each["name"] for each in told["tables"]]


async def test_the_retention_says_what_is_kept_and_what_was_deleted(connect: Connect) -> None:
    told = (await report(connect))["retention"]

    assert ("168h", "720h", 5) == (
        told["max_age"],
        told["rollups_max_age"],
        told["deleted_spans_by_age"],
    )


async def test_the_rollups_say_until_when_they_are_settled(connect: Connect) -> None:
    graph = bookinfo_graph()
    told = (await report(connect, graph=graph))["rollups"]

    assert str(graph.settled_ns()) == told["settled_to_unix_nano"]


@pytest.mark.parametrize("part", ["receivers", "received", "peers", "faults", "spool", "lag"])
async def test_what_happens_elsewhere_is_null_with_a_reason(connect: Connect, part: str) -> None:
    answer = await report(connect, query_role())

    assert answer[part] is None
    assert {"part": part, "reason": "the collectors are elsewhere"} in answer["not_known"]


async def test_a_process_that_leaves_the_rollups_to_another_says_so(connect: Connect) -> None:
    elsewhere = system(store=store(leading=False, pending_minutes=None))
    answer = await report(connect, elsewhere)

    assert answer["rollups"]["pending_minutes"] is None
    assert "rollups.pending_minutes" in {each["part"] for each in answer["not_known"]}


async def test_a_store_that_does_not_answer_leaves_the_rest_of_the_answer(
    connect: Connect, reader: ReferenceReader
) -> None:
    def fail() -> None:
        raise StoreUnavailable("connection refused")

    reader.before = fail
    down = system(store=store(state=StoreState.UNAVAILABLE, stats=None, tables=None))
    answer = await report(connect, down)

    assert (None, "unavailable", None) == (
        answer["senders"],
        answer["store"]["state"],
        answer["store"]["spans"],
    )
    assert {"senders", "store", "store.tables"} == {each["part"] for each in answer["not_known"]}
    assert answer["received"]["total"]["requests"]


async def test_an_application_that_was_told_nothing_answers_all_the_same(connect: Connect) -> None:
    api = await connect(version="9.9")
    answer = await api.json("/api/v1/system")

    assert ("9.9", None, None) == (
        answer["version"],
        answer["store"]["engine"],
        answer["retention"],
    )


async def test_every_check_is_named_in_the_order_of_the_contract(connect: Connect) -> None:
    declared = contract()["components"]["schemas"]["SystemCheck"]["properties"]["id"]["enum"]
    for state in (system(), query_role()):
        assert declared == [each["id"] for each in (await report(connect, state))["checks"]]
