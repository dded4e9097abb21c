import socket

import pytest

from spanloom.endpoint import AddressInUse, Endpoint, bound_endpoint

LOOPBACK = Endpoint("127.0.0.1", 0)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("localhost:4317", "localhost", 4317), ("0.0.0.0:0", "0.0.0.0", 0), ("[::1]:1", "::1", 1)],
)
def test_an_address_is_a_host_and_a_port(text, host, port):
    endpoint = Endpoint.parse(text)

    assert (host, port) == (endpoint.host, endpoint.port)
    assert text == str(endpoint)


@pytest.mark.parametrize(
    "text", ["", "4317", ":4317", "host", "::1:4317", "h:65536", "h:-1", "h:x"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="endpoint"):
        Endpoint.parse(text)


@pytest.mark.parametrize(
    ("text", "dialable"),
    [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:1", "[::1]:1"), ("10.0.0.1:1", "10.0.0.1:1")],
)
def test_a_wildcard_is_dialled_by_the_loopback(text, dialable):
    assert dialable == str(Endpoint.parse(text).dialable)


def test_port_0_takes_a_free_port():
    with LOOPBACK.bind() as bound:
        assert bound_endpoint(bound).port > 0


def test_a_reserved_port_can_be_listened_on_by_several_processes():
    with LOOPBACK.reserve() as reserved:
        address = bound_endpoint(reserved)
        for _ in range(2):
            listener = socket.create_server((address.host, address.port), reuse_port=True)
            listener.close()


def test_a_port_that_others_share_cannot_be_reserved():
    with (
        socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken,
        pytest.raises(AddressInUse, match=r"cannot listen on 127\.0\.0\.1:"),
    ):
        bound_endpoint(taken).reserve()


def test_a_host_that_does_not_exist_is_named():
    with pytest.raises(AddressInUse, match=r"cannot listen on no-such-host\.invalid:1"):
        Endpoint("no-such-host.invalid", 1).bind()
