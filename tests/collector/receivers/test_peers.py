"""Who sends to a receiver."""

import json

import grpc
import pytest

from collector.receivers.peers import PeerTable, address_of
from collector.receivers.request import Accepted
from tests.collector.builders import request, span

NO_CLIENT = str


def known(table):
    return {
        (peer["transport"], peer["address"]): {
            name: value for name, value in peer.items() if name not in ("transport", "address")
        }
        for peer in json.loads(table.encoded())
    }


def counts(peer):
    return (
        peer["requests"],
        peer["empty_requests"],
        peer["unsuccessful_requests"],
        peer["spans"],
    )


async def test_an_exporter_over_http_is_counted_by_its_address(serve_http):
    peers = PeerTable()
    client = await serve_http(peers=peers)

    await client.post(request(span(1), span(2)), User_Agent="OTel-OTLP-Exporter-Envoy/1.40.0")
    await client.post(b"")
    await client.post(b"nonsense")

    (peer,) = known(peers).values()
    assert (3, 1, 1, 2) == counts(peer)
    assert "OTel-OTLP-Exporter-Envoy/1.40.0" == peer["client"]
    assert peer["last_seen_ns"]


async def test_an_exporter_over_grpc_is_counted_by_its_address(serve_grpc):
    peers = PeerTable()
    client = await serve_grpc(peers=peers)

    await client.export(request(span(1)))
    await client.export(b"")
    with pytest.raises(grpc.aio.AioRpcError):
        await client.export(b"nonsense")

    (peer,) = known(peers).values()
    assert [("grpc", "127.0.0.1")] == list(known(peers))
    assert (3, 1, 1, 1) == counts(peer)
    assert "grpc-python" in peer["client"]


async def test_empty_exports_are_counted(serve_http, metric):
    labels = {"receiver": "otlp", "transport": "http"}
    metric("spanloom_receiver_empty_requests_total", **labels)
    client = await serve_http()

    await client.post(b"")
    await client.post(request(span(1, trace_id=bytes(16))))

    assert 1 == metric("spanloom_receiver_empty_requests_total", **labels)


def test_a_full_table_forgets_who_was_silent_for_longest():
    table = PeerTable(limit=2)
    nothing = Accepted(b"", 0, {}, "")
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.3"):
        table.of("grpc", address, NO_CLIENT).succeeded(nothing)

    assert {("grpc", "10.0.0.1"), ("grpc", "10.0.0.3")} == set(known(table))


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:10.1.2.3:4711", "10.1.2.3"),
        ("ipv6:%5B::1%5D:4711", "::1"),
        ("ipv6:%5Bfd00::7%25eth0%5D:4711", "fd00::7%eth0"),
        ("unix:/run/x.sock", "unix:/run/x.sock"),
    ],
)
def test_the_address_is_taken_from_grpcs_name_of_a_peer(peer, address):
    assert address == address_of(peer)
