"""The JSON document of the critical path over many traces, as ``openapi.yaml`` declares it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from api.documents import kind_word
from api.times import format_duration, format_time
from api.trace_sample import Chosen
from model.critical_shares import (
    Band,
    CriticalShares,
    HopDifference,
    HopKey,
    HopShare,
    compare_shares,
)

__all__ = ["CriticalPathsDocument", "Side", "critical_paths_document"]


@dataclass(frozen=True, slots=True)
class Side:
    """What one window, or one version, has to say."""

    from_ns: int
    to_ns: int
    version: str
    chosen: Chosen
    shares: CriticalShares


class BandDocument(msgspec.Struct, frozen=True):
    """Traces of about one duration."""

    traces: int
    min_duration: str
    min_duration_nano: str
    max_duration: str
    max_duration_nano: str
    mean_duration: str
    mean_duration_nano: str
    slowest_trace_id: str


class ShareDocument(msgspec.Struct, frozen=True):
    """What a hop holds in a band."""

    share: float
    mean: str
    mean_nano: str
    traces: int


class HopDocument(msgspec.Struct, frozen=True):
    """A hop and what it holds."""

    service: str
    operation: str
    hop: str
    kind: str
    all: ShareDocument
    typical: ShareDocument
    slowest: ShareDocument


class HopDifferenceDocument(msgspec.Struct, frozen=True):
    """How much more a hop holds than before."""

    service: str
    operation: str
    hop: str
    kind: str
    typical_nano: str
    typical_share: float
    slowest_nano: str
    slowest_share: float


class CriticalSideDocument(msgspec.Struct, frozen=True):
    """One window or version."""

    from_time: str
    from_time_unix_nano: str
    to_time: str
    to_time_unix_nano: str
    version: str
    is_complete: bool
    too_large_traces: int
    all: BandDocument
    typical: BandDocument
    slowest: BandDocument
    hops: list[HopDocument]


class CriticalPathsDocument(msgspec.Struct, frozen=True):
    """Answer of ``/critical-path``."""

    after: CriticalSideDocument
    before: CriticalSideDocument | None
    differences: list[HopDifferenceDocument]


def critical_paths_document(after: Side, before: Side | None) -> CriticalPathsDocument:
    """Encode one side, or two with their differences."""
    differences = [] if before is None else compare_shares(after.shares, before.shares)
    return CriticalPathsDocument(
        after=_side(after),
        before=None if before is None else _side(before),
        differences=[_difference(each) for each in differences],
    )


def _side(side: Side) -> CriticalSideDocument:
    shares = side.shares
    return CriticalSideDocument(
        from_time=format_time(side.from_ns),
        from_time_unix_nano=str(side.from_ns),
        to_time=format_time(side.to_ns),
        to_time_unix_nano=str(side.to_ns),
        version=side.version,
        is_complete=side.chosen.is_complete,
        too_large_traces=side.chosen.too_large,
        all=_band(shares.all),
        typical=_band(shares.typical),
        slowest=_band(shares.slowest),
        hops=[
            HopDocument(
                *_names(key),
                all=_share(shares.all.hop(key)),
                typical=_share(shares.typical.hop(key)),
                slowest=_share(shares.slowest.hop(key)),
            )
            for key in shares.hops()
        ],
    )


def _band(band: Band) -> BandDocument:
    mean_ns = round(band.mean_ns)
    return BandDocument(
        traces=band.traces,
        min_duration=format_duration(band.least_ns),
        min_duration_nano=str(band.least_ns),
        max_duration=format_duration(band.most_ns),
        max_duration_nano=str(band.most_ns),
        mean_duration=format_duration(mean_ns),
        mean_duration_nano=str(mean_ns),
        slowest_trace_id=band.slowest_trace_id,
    )


def _share(share: HopShare) -> ShareDocument:
    mean_ns = round(share.mean_ns)
    return ShareDocument(share.share, format_duration(mean_ns), str(mean_ns), share.traces)


def _difference(difference: HopDifference) -> HopDifferenceDocument:
    return HopDifferenceDocument(
        *_names(difference.key),
        typical_nano=str(round(difference.typical_ns)),
        typical_share=difference.typical_share,
        slowest_nano=str(round(difference.slowest_ns)),
        slowest_share=difference.slowest_share,
    )


def _names(key: HopKey) -> tuple[str, str, str, str]:
    return key.service, key.operation, key.hop, kind_word(key.kind)
