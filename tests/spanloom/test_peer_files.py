import asyncio

import msgspec
from structlog.testing import capture_logs

from collector.receivers.peers import MAX_PEERS, Peer, PeerTable
from collector.receivers.request import Accepted
from spanloom import peer_files
from spanloom.peer_files import publish_peers, read_peers


def write(path, *peers):
    path.write_bytes(msgspec.json.encode(peers))


def test_a_peer_of_several_receivers_is_one_and_the_last_heard_comes_first(tmp_path):
    write(
        tmp_path / "receiver-0.json",
        Peer("grpc", "10.0.0.1", "old", requests=2, spans=10, last_seen_ns=5),
        Peer("grpc", "10.0.0.2", "", requests=1, last_seen_ns=7),
    )
    write(
        tmp_path / "receiver-1.json",
        Peer("grpc", "10.0.0.1", "new", requests=3, spans=15, last_seen_ns=9),
    )

    first, second = read_peers(tmp_path)

    assert ("10.0.0.1", "new", 5, 25, 9) == (
        first.address,
        first.client,
        first.requests,
        first.spans,
        first.last_seen_ns,
    )
    assert "10.0.0.2" == second.address


def test_one_address_by_two_transports_is_two_peers(tmp_path):
    write(tmp_path / "receiver-0.json", Peer("grpc", "10.0.0.1"), Peer("http", "10.0.0.1"))

    assert 2 == len(read_peers(tmp_path))


def test_no_more_peers_than_one_table_holds_are_told(tmp_path):
    for worker in range(2):
        peers = (Peer("grpc", f"10.{worker}.0.{n}") for n in range(MAX_PEERS))
        write(tmp_path / f"receiver-{worker}.json", *peers)

    assert MAX_PEERS == len(read_peers(tmp_path))


def test_before_any_receiver_wrote_nobody_is_known(tmp_path):
    assert [] == read_peers(tmp_path)


async def test_a_table_that_changed_is_written_anew(tmp_path, monkeypatch):
    loop, written, replace = asyncio.get_running_loop(), asyncio.Event(), peer_files._replace

    def tell(path, content):
        replace(path, content)
        loop.call_soon_threadsafe(written.set)

    monkeypatch.setattr(peer_files, "_INTERVAL_S", 0.001)
    monkeypatch.setattr(peer_files, "_replace", tell)
    table = PeerTable()
    publishing = asyncio.create_task(publish_peers(table, tmp_path / "receiver-0.json"))
    for number in range(2):
        table.of("http", f"10.0.0.{number}", str).succeeded(Accepted(b"", 1, {}, ""))
        written.clear()
        await asyncio.wait_for(written.wait(), 60)
    publishing.cancel()

    assert ["10.0.0.1", "10.0.0.0"] == [peer.address for peer in read_peers(tmp_path)]


async def test_a_table_that_cannot_be_written_is_tried_again_and_told_once(tmp_path, monkeypatch):
    loop, tried_often = asyncio.get_running_loop(), asyncio.Event()
    tries = 0

    def fail(path, content):
        nonlocal tries
        tries += 1
        if tries == 3:
            loop.call_soon_threadsafe(tried_often.set)
        raise OSError("no space left")

    monkeypatch.setattr(peer_files, "_INTERVAL_S", 0.001)
    monkeypatch.setattr(peer_files, "_replace", fail)
    with capture_logs() as told:
        publishing = asyncio.create_task(publish_peers(PeerTable(), tmp_path / "receiver-0.json"))
        await asyncio.wait_for(tried_often.wait(), 60)
        publishing.cancel()

    assert ["who sends cannot be told"] == [line["event"] for line in told]
