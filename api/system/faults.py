"""What each kind of fault means, and what to do about it, in words for an operator."""

from __future__ import annotations

from api.system.state import FaultKind

__all__ = ["EXPLAINED", "WITHOUT_TLS", "explained"]

_K = FaultKind

_RETRIED = "Clients were asked to try again; SDKs and Collectors do, Envoy does not."
_EXPORTER_BUG = (
    "Update the exporter, or report it to its makers: the service in the span says which."
)
WITHOUT_TLS = "Switch TLS off in the exporter (insecure: true), or let the mesh encrypt instead."
_NOTHING = "Nothing is lost and nothing needs to be done."

EXPLAINED: dict[tuple[FaultKind, str], tuple[str, str]] = {
    (_K.REFUSED, "undecodable"): (
        "The body was not an export of OTLP in the encoding that its Content-Type names.",
        "Let the exporter send OTLP, protobuf or JSON; other formats have other ports.",
    ),
    (_K.REFUSED, "damaged_compression"): (
        "The compressed body was damaged or cut off.",
        "Look for a proxy on the way that changes or cuts bodies.",
    ),
    (_K.REFUSED, "unknown_encoding"): (
        "The body was compressed in a way that is not known here.",
        "Let the exporter compress with gzip, deflate or zstd, or not at all.",
    ),
    (_K.REFUSED, "http2"): (
        "HTTP/2 came to the HTTP port: mostly OTLP/gRPC that was sent to 4318.",
        "Send gRPC to port 4317. In Istio, name that port grpc-…, and 4318 http-….",
    ),
    (_K.REFUSED, "tls"): (
        "TLS came to a port that speaks plain HTTP.",
        WITHOUT_TLS,
    ),
    (_K.REFUSED, "not_found"): (
        "Something was sent to a path that takes no spans.",
        "Send to /v1/traces, or add the path to receivers.otlp.protocols.http.traces_paths.",
    ),
    (_K.REFUSED, "other_signal"): (
        "Metrics, logs or profiles were sent; Spanloom takes traces.",
        "Send the other signals elsewhere, or switch them off in the exporter.",
    ),
    (_K.REFUSED, "method_not_allowed"): (
        "Somebody asked with another method than POST: mostly a browser or a probe.",
        "Point probes at the health port, 13133.",
    ),
    (_K.REFUSED, "too_large"): (
        "A request was larger than is allowed; its spans are lost.",
        "Let the exporter send smaller batches, or raise max_request_bytes of the receiver.",
    ),
    (_K.REFUSED, "media_type"): (
        "The Content-Type was neither application/x-protobuf nor application/json.",
        "Set the exporter's protocol to http/protobuf or http/json.",
    ),
    (_K.REFUSED, "slow_client"): (
        f"A body did not arrive in time. {_RETRIED}",
        "Look at the network between the sender and Spanloom, and at throttled senders.",
    ),
    (_K.REFUSED, "overloaded"): (
        f"More bytes were on their way in than memory allows. {_RETRIED}",
        "Give Spanloom more processor or workers, or raise receivers.otlp.in_flight_bytes.",
    ),
    (_K.REFUSED, "spool_full"): (
        f"The spool holds as much as it may, as the store does not keep up. {_RETRIED}",
        "Look at the store first; spool.max_bytes lets a longer outage pass.",
    ),
    (_K.REFUSED, "spool_unavailable"): (
        f"The spool could not be written. {_RETRIED}",
        "Look at the disk of the data directory: full, read-only or failing. The log says which.",
    ),
    (_K.REFUSED, "draining"): (
        f"Spanloom was stopping. {_RETRIED}",
        "Set shutdown.delay so that load balancers turn away first.",
    ),
    (_K.REFUSED, "unexpected"): (
        f"A fault in Spanloom. {_RETRIED}",
        "Report it with the traceback in Spanloom's log.",
    ),
    (_K.REFUSED, "aborted"): (
        "The client went away before its request was answered.",
        "If it goes on: raise the exporter's timeout; Istio's provider has one of its own.",
    ),
    (_K.REJECTED, "trace_id_length"): ("The trace id is not 16 bytes long.", _EXPORTER_BUG),
    (_K.REJECTED, "trace_id_zero"): ("The trace id is all zeros.", _EXPORTER_BUG),
    (_K.REJECTED, "span_id_length"): ("The span id is not 8 bytes long.", _EXPORTER_BUG),
    (_K.REJECTED, "span_id_zero"): ("The span id is all zeros.", _EXPORTER_BUG),
    (_K.MENDED, "empty_span_name"): (
        "A span had no name; it is called unnamed_span.",
        "Give the operation a name where the span is made.",
    ),
    (_K.MENDED, "empty_service_name"): (
        "A span told no service; it is called unknown_service.",
        "Set OTEL_SERVICE_NAME; in Istio, tracingServiceName.",
    ),
    (_K.MENDED, "missing_start_time"): (
        "A span had no start; its end, or the time of arrival, was taken.",
        _EXPORTER_BUG,
    ),
    (_K.MENDED, "negative_duration"): (
        "A span ended before it started; its duration is 0.",
        "Look at the clock of the sender; a clock that was set back does this.",
    ),
    (_K.MENDED, "long_trace_id"): (
        "The upper half of a trace id became zeros, as strict_trace_ids is off.",
        _NOTHING,
    ),
    (_K.MENDED, "impossible_time"): (
        "A time was beyond the year 2262 and counts as missing.",
        "Look at the sender's clock, and whether it sends nanoseconds.",
    ),
    (_K.MENDED, "unknown_kind"): (
        "A span's kind is not one of OTLP's; it counts as unspecified.",
        _EXPORTER_BUG,
    ),
    (_K.MENDED, "unknown_status_code"): (
        "A span's status is not one of OTLP's; it counts as unset.",
        _EXPORTER_BUG,
    ),
    (_K.MENDED, "invalid_parent_span_id"): (
        "A parent's id was not 8 bytes long; the span became a root.",
        _EXPORTER_BUG,
    ),
    (_K.MENDED, "invalid_utf8"): (
        "A text was not UTF-8; what could not be read became \N{REPLACEMENT CHARACTER}.",
        "Find the attribute in the span, and encode it where it is set.",
    ),
    (_K.MENDED, "duplicate_attribute_key"): (
        "A span had one attribute twice; the last value stays.",
        "Set the attribute once; customTags of Istio may repeat one that Envoy sends.",
    ),
    (_K.MENDED, "undecodable_attribute"): ("An attribute could not be read.", _EXPORTER_BUG),
    (_K.MENDED, "undecodable_event"): ("An event of a span could not be read.", _EXPORTER_BUG),
    (_K.MENDED, "undecodable_link"): ("A link of a span could not be read.", _EXPORTER_BUG),
    (_K.MENDED, "undecodable_resource"): (
        "The resource of spans could not be read; they tell no service.",
        _EXPORTER_BUG,
    ),
    (_K.MENDED, "undecodable_scope"): ("The scope of spans could not be read.", _EXPORTER_BUG),
    (_K.DROPPED, "drop"): (
        "The drop processor took these spans out, as the configuration says.",
        "Nothing, if it was meant so; else see processors in the configuration.",
    ),
    (_K.DROPPED, "sample"): (
        "The sample processor left these traces out, as the configuration says.",
        "Nothing, if it was meant so; else raise ratio of the sample processor.",
    ),
    (_K.SET_ASIDE, "not_storable"): (
        "Records of the spool that the store could not take. They are kept as files.",
        "Report it with the log; spanloom import reads spool/set-aside/ again later.",
    ),
}


def explained(kind: FaultKind, reason: str) -> tuple[str, str]:
    """Return what a fault means and what to do about it."""
    known = EXPLAINED.get((kind, reason))
    return known or (f"Counted as {reason.replace('_', ' ')}.", "See docs/operations.md.")
