"""Cursors: opaque, and tied to their search."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import decode_cursor, digest_conditions, encode_cursor
from api.times import MAX_NS
from model.query import Cursor

TIMES = st.integers(0, MAX_NS)
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@given(TIMES, st.binary(min_size=16, max_size=16), TIMES, TIMES)
def test_a_cursor_gives_back_position_and_window(
    start_ns: int, trace_id: bytes, from_ns: int, to_ns: int
) -> None:
    after = Cursor(start_ns, trace_id.hex())
    position = decode_cursor(encode_cursor(after, from_ns, to_ns, b"12345678"))

    assert (after, from_ns, to_ns, b"12345678") == (
        position.after,
        position.from_ns,
        position.to_ns,
        position.digest,
    )


def _packed(*members: object) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(members)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "!!!!",
        "AAAA",
        "\u00e4",
        encode_cursor(Cursor(1, TRACE_ID), 0, 1, b"12345678")[:-4],
        _packed(1, 1, b"short", 0, 1, b"12345678"),
        _packed(2, 1, bytes(16), 0, 1, b"12345678"),
        _packed(1, -1, bytes(16), 0, 1, b"12345678"),
        _packed(1, 1, bytes(16), 0, MAX_NS + 1, b"12345678"),
        _packed(1, 1, bytes(16), 0, 1, b"12345678", "more"),
    ],
)
def test_what_this_api_has_not_written_is_no_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        decode_cursor(text)


def test_the_digest_tells_searches_apart() -> None:
    assert digest_conditions([("a", "b")]) == digest_conditions([("a", "b")])
    assert digest_conditions([("a", "b")]) != digest_conditions([("ab", "")])
