"""A file that somebody uploads, in any form that ``spanloom import`` reads, as OTLP/JSON."""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector import trace_json
from collector.otlp_answers import answer_to_otlp
from collector.split import NotProtobuf, split_request
from collector.trace_files import looks_like_json, protobuf_messages

__all__ = ["uploaded"]

_MAX_SPANS, _MAX_BYTES = 500, 4 << 20
"""Of one document made of protobuf, so that whoever takes them can stop in between."""


def uploaded(body: bytes) -> Iterator[bytes]:
    """Yield OTLP/JSON documents with the traces of an upload, which is not compressed any more.

    Raises ValueError, also while they are taken, and leaves the spans themselves unexamined.
    """
    if not body:
        raise ValueError("the file is empty")
    if looks_like_json(body):
        yield from trace_json.uploaded(body)
        return
    for message in protobuf_messages(io.BytesIO(body), is_framed=not body.startswith(b"\n")):
        for request, _ in split_request(message, _MAX_SPANS, _MAX_BYTES):
            yield _to_otlp_json(request)


def _to_otlp_json(request: bytes) -> bytes:
    try:
        message = ExportTraceServiceRequest.FromString(request)
    except DecodeError as error:
        raise NotProtobuf(f"not an ExportTraceServiceRequest: {error}") from error
    # Protobuf's own JSON differs from OTLP's as the answers of query APIs do: base64 ids.
    plain = msgspec.json.encode(MessageToDict(message).get("resourceSpans", []))
    return msgspec.json.encode(answer_to_otlp(msgspec.Raw(plain)))
