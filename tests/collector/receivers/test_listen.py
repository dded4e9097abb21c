"""Addresses of the HTTP receiver."""

import contextlib
import socket

import pytest

from collector.receivers.config import split_endpoint
from collector.receivers.listen import listening_sockets


@pytest.fixture
async def listen():
    with contextlib.ExitStack() as opened:

        async def listen(endpoint, reuse_port=False):
            sockets = await listening_sockets(endpoint, reuse_port)
            for listener in sockets:
                opened.enter_context(listener)
            return sockets

        yield listen


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("localhost:4317", ("localhost", 4317)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:65535", ("::1", 65535)),
        (":4318", ("", 4318)),
    ],
)
def test_an_endpoint_is_a_host_and_a_port(endpoint, expected):
    assert split_endpoint(endpoint) == expected


@pytest.mark.parametrize(
    "endpoint", ["", "localhost", "host:", "host:http", "host:65536", "::1:4317", "host:-1"]
)
def test_a_malformed_endpoint_is_an_error_that_names_it(endpoint):
    with pytest.raises(ValueError, match=r"HOST:PORT|brackets") as caught:
        split_endpoint(endpoint)

    assert repr(endpoint) in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "", "[::1]", "[::]"])
async def test_all_addresses_of_a_name_share_one_free_port(listen, host):
    sockets = await listen(f"{host}:0")

    (port,) = {listener.getsockname()[1] for listener in sockets}
    socket.create_connection(("::1" if "[" in host else "127.0.0.1", port)).close()


async def test_the_ipv6_wildcard_takes_ipv4_too(listen):
    (listener,) = await listen("[::]:0")

    socket.create_connection(("127.0.0.1", listener.getsockname()[1])).close()


async def test_a_port_that_is_taken_is_an_error(listen):
    (taken,) = await listen("127.0.0.1:0")
    endpoint = f"127.0.0.1:{taken.getsockname()[1]}"

    with pytest.raises(OSError, match=f"cannot listen on {endpoint}"):
        await listen(endpoint)


async def test_several_processes_share_a_port_when_told_to(listen):
    (first,) = await listen("127.0.0.1:0", reuse_port=True)
    (second,) = await listen(f"127.0.0.1:{first.getsockname()[1]}", reuse_port=True)

    assert second.getsockname() == first.getsockname()


async def test_an_address_of_another_machine_is_an_error(listen):
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.1:0"):
        await listen("192.0.2.1:0")
