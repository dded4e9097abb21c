"""Any JSON of traces that tools download, as OTLP/JSON.

Known are OTLP's own documents, answers of Jaeger (legacy and v3) and Tempo, bare traces in
Jaeger's JSON, and Zipkin's lists of spans or of traces.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from collector.jaeger_json import jaeger_to_otlp
from collector.otlp_answers import answer_to_otlp
from collector.zipkin_json import zipkin_to_otlp
from model.attributes import JsonValue

__all__ = ["TraceJsonError", "json_documents", "to_otlp_json", "uploaded"]

_MAX_LINE_BYTES = 1 << 30

_KNOWN = (
    "known are OTLP/JSON (an object with resourceSpans), answers of Jaeger and Tempo (data, result,"
    " batches or trace), a trace in Jaeger's JSON (traceID and spans), and Zipkin's lists of spans"
)

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


class TraceJsonError(ValueError):
    """The document holds no traces in a known form; the message says what is known."""


def uploaded(body: bytes) -> Iterator[bytes]:
    """Yield OTLP/JSON documents with the traces of an upload: one document, or lines of them.

    Raises ValueError, also while they are taken, and leaves the spans themselves unexamined.
    """
    try:
        for document in json_documents(io.BytesIO(body)):
            yield from to_otlp_json(document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise TraceJsonError(f"not JSON of traces: {error}") from error


def json_documents(file: BinaryIO) -> Iterator[bytes]:
    """Yield each line if the first line is a document of its own, else the whole file."""
    first = file.readline(_MAX_LINE_BYTES)
    if not _is_json(first):
        yield first + file.read()
        return
    yield first
    while line := file.readline(_MAX_LINE_BYTES):
        if line.strip():
            yield line


def to_otlp_json(document: bytes) -> Iterator[bytes]:
    """Yield ExportTraceServiceRequests in OTLP/JSON with the traces of one document.

    A document of OTLP is yielded as it is. Raises ValueError (JaegerJsonError, ZipkinJsonError,
    TraceJsonError) and msgspec.DecodeError on what is no JSON.
    """
    if document.lstrip()[:1] == b"[":
        yield from _from_list(_elements(document))
        return
    members = _members(document)
    if "resourceSpans" in members:
        yield document
    elif "data" in members:
        yield from _encoded(jaeger_to_otlp(_traces(members["data"])))
    elif "spans" in members:
        yield from _encoded(jaeger_to_otlp([document]))
    elif wrapped := next((key for key in ("result", "trace") if key in members), None):
        inner = _members(members[wrapped])
        yield msgspec.json.encode(answer_to_otlp(inner.get("resourceSpans") or _missing()))
    elif "batches" in members:
        yield msgspec.json.encode(answer_to_otlp(members["batches"]))
    else:
        _missing()


def _from_list(elements: list[msgspec.Raw]) -> Iterator[bytes]:
    first = bytes(elements[0]).lstrip() if elements else b""
    if first.startswith(b"["):
        for trace in elements:
            yield from _encoded(zipkin_to_otlp(_elements(trace)))
    elif first.startswith(b"{") and {"traceId", "id"} <= _members(first).keys():
        yield from _encoded(zipkin_to_otlp(elements))
    else:
        for element in elements:
            if not bytes(element).lstrip().startswith(b"{"):
                _missing()
            yield from to_otlp_json(bytes(element))


def _traces(data: msgspec.Raw) -> list[msgspec.Raw]:
    """The traces of Jaeger's envelope, which has none when it says an error."""
    found = msgspec.json.decode(data, type=list[msgspec.Raw] | None)
    if found is None:
        raise TraceJsonError("Jaeger's answer holds no traces, but an error")
    return found


def _encoded(requests: Iterable[dict[str, JsonValue]]) -> Iterator[bytes]:
    return map(msgspec.json.encode, requests)


def _missing() -> msgspec.Raw:
    raise TraceJsonError(f"no traces in a form that is known; {_KNOWN}")


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True
