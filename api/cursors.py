"""The opaque cursor of a search: where its next page starts.

A cursor also carries the time window of the first page, so that pages of a search of "the last
15 minutes" do not slide, and a digest of the conditions, so that a cursor cannot silently
continue another search.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

import msgspec

from api.times import MAX_NS
from model.query import Cursor

__all__ = ["SearchPosition", "decode_cursor", "digest_conditions", "encode_cursor"]

_VERSION = 1
_TRACE_ID_BYTES = 16
_DIGEST_BYTES = 8


class SearchPosition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a cursor holds: the position, the search's window, the digest of its conditions."""

    version: int
    start_ns: int
    trace_id: bytes
    from_ns: int
    to_ns: int
    digest: bytes

    @property
    def after(self) -> Cursor:
        """The position for the store."""
        return Cursor(self.start_ns, self.trace_id.hex())


def digest_conditions(given: Sequence[tuple[str, str]]) -> bytes:
    """Return a short digest of a search's parameters (sorted, without cursor and limit)."""
    return hashlib.blake2b(msgspec.json.encode(given), digest_size=_DIGEST_BYTES).digest()


def encode_cursor(after: Cursor, from_ns: int, to_ns: int, digest: bytes) -> str:
    """Return the text of the cursor that continues after ``after``."""
    trace_id = bytes.fromhex(after.trace_id)
    position = SearchPosition(_VERSION, after.start_ns, trace_id, from_ns, to_ns, digest)
    packed = msgspec.msgpack.encode(position)
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def decode_cursor(text: str) -> SearchPosition:
    """Return what a cursor holds. Raises ValueError if this API cannot have written it."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        position = msgspec.msgpack.decode(packed, type=SearchPosition)
    except (ValueError, msgspec.MsgspecError) as error:
        raise ValueError("this is not a cursor of this API") from error
    times = (position.start_ns, position.from_ns, position.to_ns)
    if (
        position.version != _VERSION
        or len(position.trace_id) != _TRACE_ID_BYTES
        or not all(0 <= ns <= MAX_NS for ns in times)
    ):
        raise ValueError("this is not a cursor of this version of the API")
    return position
