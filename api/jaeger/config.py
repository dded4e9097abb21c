"""Settings of Jaeger's APIs."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from api.jaeger.grpc.config import JaegerGrpcConfig

__all__ = ["JaegerConfig"]

_BASE_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*", re.ASCII)
_Limit = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class JaegerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Jaeger's query APIs.

    Attributes:
        base_path: where the APIs and the UI are served besides the root, such as `/jaeger`.
        ui: directory of a built Jaeger UI that is served below `base_path`; empty for none.
        ui_config: file with the UI's configuration, a JSON object as Jaeger's `--query.ui-config`
            takes it; empty for the UI's defaults.
        default_limit: traces of a search by the legacy API that names no limit. Jaeger's is 100;
            Kiali counts errors by such searches, so more makes its numbers right.
        max_limit: of a search; a higher limit asked for is taken as this.
        max_spans: of one search's answer; the traces beyond are left out, and the answer says so.
        max_clock_skew_s: clocks are adjusted by up to so much, as Jaeger's
            `max_clock_skew_adjust`; at 0 spans keep their times and carry a warning.
        unknown_trace_is_empty: answer gRPC's GetTrace for an unknown trace with an empty stream
            instead of NOT_FOUND; Kiali then says "not found" where it otherwise reports a fault.
        cluster: name of the cluster of spans without `istio.cluster_id`. Kiali always asks for
            one, and would otherwise find nothing in a mesh that does not send it.
        max_upload_bytes: largest body of `/api/transform`, before and after decompression;
            beyond: 413.
        grpc: the same APIs over gRPC, on a port of their own.
    """

    base_path: str = "/jaeger"
    ui: str = ""
    ui_config: str = ""
    default_limit: _Limit = 1500
    max_limit: _Limit = 10_000
    max_spans: Annotated[int, msgspec.Meta(ge=1)] = 200_000
    max_clock_skew_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    unknown_trace_is_empty: bool = False
    cluster: str = ""
    max_upload_bytes: Annotated[int, msgspec.Meta(ge=1)] = 32 << 20
    grpc: JaegerGrpcConfig = msgspec.field(default_factory=JaegerGrpcConfig)

    def __post_init__(self) -> None:
        """Raise ValueError on settings that contradict each other."""
        if _BASE_PATH.fullmatch(self.base_path) is None:
            raise ValueError(
                f"base_path: {self.base_path!r} is no path; write it as /jaeger, without a final "
                "slash, or leave it empty for the root alone"
            )
        if self.default_limit > self.max_limit:
            raise ValueError(
                f"default_limit ({self.default_limit}) is larger than max_limit ({self.max_limit})"
            )
