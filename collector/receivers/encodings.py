"""The two encodings of OTLP/HTTP, chosen by Content-Type: how bodies and answers look.

https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from aiohttp.helpers import parse_mimetype
from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector import otlp_json
from collector.receivers.request import Accepted

__all__ = ["JSON", "PROTOBUF", "Encoding", "encoding_of", "response_message"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoding of OTLP.

    Attributes:
        media_type: its Content-Type.
        success: the answer to a request that was taken completely.
        to_protobuf: turns a body into a serialised ExportTraceServiceRequest; raises
            Undecodable.
        encode: serialises an answer.
    """

    media_type: str
    success: bytes
    to_protobuf: Callable[[bytes], bytes]
    encode: Callable[[Message], bytes]


def _as_it_is(body: bytes) -> bytes:
    return body


def _to_protobuf(message: Message) -> bytes:
    return message.SerializeToString()


def _to_json(message: Message) -> bytes:
    return json_format.MessageToJson(message, indent=None).encode()


PROTOBUF = Encoding("application/x-protobuf", b"", _as_it_is, _to_protobuf)
JSON = Encoding("application/json", b"{}", otlp_json.to_protobuf, _to_json)

_BY_MEDIA_TYPE = {encoding.media_type: encoding for encoding in (PROTOBUF, JSON)}


@lru_cache(maxsize=256)
def encoding_of(content_type: str) -> Encoding | None:
    """Return the encoding that a Content-Type header names, whatever its parameters."""
    mime = parse_mimetype(content_type)
    return _BY_MEDIA_TYPE.get(f"{mime.type}/{mime.subtype}")


def response_message(accepted: Accepted) -> ExportTraceServiceResponse:
    """Return the answer to ``accepted``; ``partial_success`` is unset if nothing was rejected."""
    response = ExportTraceServiceResponse()
    if accepted.rejected:
        response.partial_success.rejected_spans = accepted.rejected_count
        response.partial_success.error_message = accepted.message
    return response
