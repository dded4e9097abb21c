"""Decompression of HTTP bodies."""

import gzip
import tracemalloc
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from collector.receivers.compression import TooLarge, decompressor
from collector.receivers.errors import Condition, RequestError

COMPRESS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
}
BODY = bytes(range(256)) * 40
MIB = 1 << 20


def decompress(encoding, *pieces, max_bytes=MIB):
    stream = decompressor([encoding])
    grown = []
    for piece in pieces:
        grown.append(stream.feed(piece, max_bytes - sum(map(len, grown))))
    stream.finish()
    return b"".join(grown)


@pytest.mark.parametrize("encoding", COMPRESS)
def test_a_compressed_body_is_restored(encoding):
    assert decompress(encoding, COMPRESS[encoding](BODY)) == BODY


@given(
    encoding=st.sampled_from(sorted(COMPRESS)),
    body=st.binary(max_size=5000),
    size=st.integers(1, 700),
)
def test_it_does_not_matter_how_a_body_is_cut_into_pieces(encoding, body, size):
    compressed = COMPRESS[encoding](body)
    pieces = [compressed[start : start + size] for start in range(0, len(compressed), size)]

    assert decompress(encoding, *pieces) == body


@pytest.mark.parametrize("encoding", COMPRESS)
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda whole: whole[:-1], "cut off"),
        (lambda whole: whole[: len(whole) // 2], "cut off"),
        (lambda whole: whole + b"x", "behind its end"),
        (lambda whole: whole + whole, "behind its end"),
        (lambda _: b"this is not compressed at all", "damaged"),
    ],
)
def test_a_damaged_body_is_refused(encoding, damage, message):
    with pytest.raises(RequestError, match=message) as caught:
        decompress(encoding, damage(COMPRESS[encoding](BODY)))

    assert caught.value.condition is Condition.DAMAGED_COMPRESSION


@pytest.mark.parametrize("encoding", COMPRESS)
def test_bytes_behind_the_end_are_refused_in_a_piece_of_their_own(encoding):
    with pytest.raises(RequestError, match="behind its end"):
        decompress(encoding, COMPRESS[encoding](BODY), b"x")


@pytest.mark.parametrize("encoding", COMPRESS)
def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_not(encoding):
    assert len(decompress(encoding, COMPRESS[encoding](bytes(MIB)))) == MIB
    with pytest.raises(TooLarge):
        decompress(encoding, COMPRESS[encoding](bytes(MIB + 1)))


@pytest.mark.parametrize("encoding", COMPRESS)
def test_a_bomb_is_stopped_early(encoding):
    bomb = COMPRESS[encoding](bytes(128 * MIB))
    stream = decompressor([encoding])
    tracemalloc.start()

    with pytest.raises(TooLarge):
        stream.feed(bomb, MIB)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * MIB


def test_a_zstd_window_that_no_decoder_has_to_offer_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    huge = stream.compress(BODY) + stream.flush()

    with pytest.raises(RequestError, match="damaged"):
        decompress("zstd", huge)


@pytest.mark.parametrize("encodings", [["identity"], [""], [" Identity "]])
def test_identity_needs_no_decompression(encodings):
    assert decompressor(encodings) is None


@pytest.mark.parametrize(
    "encodings",
    [["snappy"], ["br"], ["gzip, gzip"], ["gzip", "gzip"], ["identity, gzip"], ["gzip,"]],
)
def test_unknown_and_several_encodings_are_refused(encodings):
    with pytest.raises(RequestError) as caught:
        decompressor(encodings)

    assert caught.value.condition is Condition.UNKNOWN_ENCODING
