"""Reads files of traces as the bodies of OTLP exports.

Known are OTLP/JSON documents and lines of them (the Collector's file exporter), OTLP protobuf,
bare or with the file exporter's length prefixes, and the JSON of Jaeger, Tempo and Zipkin; each
also gzipped or compressed by zstd.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.split import NotProtobuf, split_request
from collector.trace_json import json_documents, to_otlp_json

__all__ = [
    "Body",
    "TraceFileError",
    "looks_like_json",
    "partial_success",
    "protobuf_messages",
    "read_bodies",
]

JSON, PROTOBUF = "application/json", "application/x-protobuf"
_MAX_SPANS = 2000
_MAX_BYTES = 4 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_LENGTH_BYTES = 4


class TraceFileError(ValueError):
    """The file cannot be read as traces; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Body:
    """One export.

    Attributes:
        content_type: the media type of ``data``.
        span_count: spans in it.
        read_bytes: how far its file has been read, in bytes of the file on disk.
    """

    content_type: str
    data: bytes
    span_count: int
    read_bytes: int


class _ScopeSpans(msgspec.Struct, omit_defaults=True, rename="camel"):
    spans: list[msgspec.Raw] = []
    scope: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    schema_url: str = ""


class _ResourceSpans(msgspec.Struct, omit_defaults=True, rename="camel"):
    scope_spans: list[_ScopeSpans] = []
    resource: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    schema_url: str = ""


class _Request(msgspec.Struct, rename="camel"):
    resource_spans: list[_ResourceSpans]


def read_bodies(path: Path) -> Iterator[Body]:
    """Yield the spans of a file as exports of a bounded size. Raises TraceFileError."""
    try:
        with path.open("rb") as file:
            plain = _decompressed(file)
            for content_type, data, spans in _bodies(plain):
                yield Body(content_type, data, spans, file.tell())
    except (msgspec.DecodeError, RecursionError) as error:
        raise TraceFileError(f"{path}: not JSON of traces: {error}") from error
    except (OSError, EOFError, zstandard.ZstdError, ValueError) as error:
        raise TraceFileError(f"{path}: {error}") from error


class _PartialSuccess(msgspec.Struct, frozen=True, rename="camel"):
    rejected_spans: int | str = 0
    error_message: str = ""


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    partial_success: _PartialSuccess = _PartialSuccess()


def partial_success(content_type: str, answer: bytes) -> tuple[int, str]:
    """Return how many spans the answer to an export rejects, and the reason that it gives."""
    if content_type == JSON:
        found = msgspec.json.decode(answer, type=_Answer).partial_success
        return int(found.rejected_spans), found.error_message
    partial = ExportTraceServiceResponse.FromString(answer).partial_success
    return partial.rejected_spans, partial.error_message


def _decompressed(file: BinaryIO) -> io.BufferedReader:
    head = file.read(4)
    file.seek(0)
    if head.startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    if head == _ZSTD:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        return io.BufferedReader(reader)
    assert isinstance(file, io.BufferedReader)
    return file


def _bodies(file: io.BufferedReader) -> Iterator[tuple[str, bytes, int]]:
    head = file.peek(1)[:64]
    if looks_like_json(head):
        for document in json_documents(file):
            for request in to_otlp_json(document):
                for data, spans in _otlp_json_bodies(request):
                    yield JSON, data, spans
    else:
        for message in protobuf_messages(file, is_framed=not head.startswith(b"\n")):
            for data, spans in split_request(message, _MAX_SPANS, _MAX_BYTES):
                yield PROTOBUF, data, spans


def _otlp_json_bodies(document: bytes) -> Iterator[tuple[bytes, int]]:
    request = msgspec.json.decode(document, type=_Request)
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for start in range(0, len(scope.spans), _MAX_SPANS):
                spans = scope.spans[start : start + _MAX_SPANS]
                part = _ResourceSpans(
                    [_ScopeSpans(spans, scope.scope, scope.schema_url)],
                    resource.resource,
                    resource.schema_url,
                )
                yield msgspec.json.encode(_Request([part])), len(spans)


def looks_like_json(head: bytes) -> bool:
    """Whether what begins with ``head`` is JSON, and not protobuf."""
    # A newline is no blank here: it is also the first byte of a request in protobuf.
    return head.lstrip(b" \t\r").startswith((b"{", b"["))


def protobuf_messages(file: BinaryIO, *, is_framed: bool) -> Iterator[bytes]:
    """Yield the one request in ``file``, or each with its length before it. Raises NotProtobuf."""
    if not is_framed:
        yield file.read()
        return
    while prefix := file.read(_LENGTH_BYTES):
        length = int.from_bytes(prefix, "big")
        message = file.read(length)
        if len(prefix) < _LENGTH_BYTES or len(message) < length:
            raise NotProtobuf("neither JSON nor OTLP protobuf, or the file is cut off")
        yield message
