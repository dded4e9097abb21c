"""Where every span was made (rules G3 to G8 and G18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from model.envoy import ProxyType
from model.graph.agreement import Subject, agreeing
from model.graph.ancestry import NONE, nearest, nearest_or_self
from model.graph.attempts import find_attempts
from model.graph.directions import is_proxy, proxy_type_of
from model.graph.distinct import Distinct
from model.graph.forest import Forest
from model.graph.grouping import group
from model.graph.place import Place, PlaceKind
from model.graph.span_columns import SpanClass, SpanColumns
from model.graph.waypoints import find_destinations

__all__ = ["Places", "find_places", "lone_place"]

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_KINDS = {ProxyType.GATEWAY: PlaceKind.GATEWAY, ProxyType.WAYPOINT: PlaceKind.WAYPOINT}


@dataclass(frozen=True, slots=True)
class Places:
    """The place of each member of a forest.

    Within one trace equal places have equal indexes; in another trace the same workload has
    another index if it is known by another name there (rule G46).

    Attributes:
        table: the places, with their names.
        made: of each member, the index in ``table`` of the place that made it; NONE (-1) if
            nothing is known of it: such spans are transparent (rule G8).
        place: the same, but a waypoint's span counts for the waypoint's destination (rule G18),
            NONE where that is not told.
    """

    table: Distinct[Place]
    made: Int64s
    place: Int64s


def lone_place(span: SpanClass) -> Place | None:
    """Return the place of a span of which nothing but its class is known; None for none."""
    unnamed = _own_place(span)
    return None if unnamed is None else replace(unnamed, name=span.service_name)


def _own_place(span: SpanClass) -> Place | None:
    """Return the place that a span tells by itself, without its name (rules G3 and G5)."""
    identity = span.identity
    if not identity.service and not identity.workload:
        return None
    proxy_type = proxy_type_of(span)
    kind = PlaceKind.WORKLOAD if proxy_type is None else _KINDS.get(proxy_type, PlaceKind.WORKLOAD)
    return Place(
        kind,
        identity.cluster,
        identity.namespace,
        identity.service,
        identity.version,
        identity.workload,
    )


def find_places(spans: SpanColumns, forest: Forest) -> Places:
    """Return the place of every member of ``forest``, which was built of ``spans``.

    A span whose workload is known is complete; a proxy says it best, so an app's span takes the
    place of a proxy beside it. A span with just a service takes the place of the nearest
    complete span above, if that may be the same; else of the only one in its trace that may be;
    else it has a place of its own without a workload. An upstream attempt has the place of the
    proxy span above it (rule G4).
    """
    classes = _Classes(spans)
    unnamed = _find_unnamed(spans, classes, forest)
    table: Distinct[Place] = Distinct()
    made = _name(forest, classes, unnamed, table)
    is_waypoint = classes.is_waypoint[forest.span_class]
    place = np.where(is_waypoint, NONE, made)
    if is_waypoint.any():
        find_destinations(spans, forest, is_waypoint, place, table)
    return Places(table, made, place)


class _Classes:
    """What the classes of spans tell of places, by class."""

    def __init__(self, spans: SpanColumns) -> None:
        self.all = spans.classes
        self.table: Distinct[Place] = Distinct()
        own = [_own_place(one) for one in spans.classes]
        self.own = _int64s(NONE if one is None else self.table.index(one) for one in own)
        self.is_proxy = _bools(is_proxy(one) for one in spans.classes)
        self.is_waypoint = _bools(proxy_type_of(one) is ProxyType.WAYPOINT for one in spans.classes)
        self.is_complete = _bools(bool(one.identity.workload) for one in spans.classes)
        self.is_complete &= ~self.is_waypoint
        names = sorted({one.service_name for one in spans.classes})
        rank = {name: index for index, name in enumerate(names)}
        self.names = names
        self.name = _int64s(rank[one.service_name] for one in spans.classes)
        # By which an app may know the service of a proxy (rule G6).
        self.aliases = [
            one.service_name.removesuffix(f".{one.identity.namespace}") if proxy else ""
            for one, proxy in zip(spans.classes, self.is_proxy.tolist(), strict=True)
        ]


def _find_unnamed(spans: SpanColumns, classes: _Classes, forest: Forest) -> Int64s:
    """Return each member's place, as an index in ``classes.table``."""
    span_class, parent = forest.span_class, forest.parent
    found = classes.own[span_class]
    is_try = find_attempts(spans, forest)
    attempts = np.flatnonzero(is_try)
    found[attempts] = NONE
    is_complete = classes.is_complete[span_class]
    is_complete[attempts] = False
    of_app = is_complete & ~classes.is_proxy[span_class]
    if of_app.any():
        _join_proxies(classes, forest, found, of_app, is_complete & ~of_app)
    is_known = is_complete | classes.is_waypoint[span_class] | (found == NONE)
    if not is_known.all():
        _join_complete(classes, forest, found, np.flatnonzero(~is_known), is_complete)
    if len(attempts):
        proxy = nearest_or_self(~is_try, parent)[attempts]  # G4
        # What a waypoint calls is told by the waypoint's span itself.
        found[attempts] = np.where(classes.is_waypoint[span_class[proxy]], NONE, found[proxy])
    return found


def _join_proxies(
    classes: _Classes, forest: Forest, found: Int64s, of_app: Bools, of_proxy: Bools
) -> None:
    """Give apps' spans the place of a proxy of the same pod, else of the same workload (G6)."""
    identities = [one.identity for one in classes.all]
    texts = sorted({repr(identity) for identity in identities})
    ranks = {text: index for index, text in enumerate(texts)}
    rank = _int64s(ranks[repr(identity)] for identity in identities)
    own_of_rank = np.empty(len(texts), np.int64)
    complete_proxies = classes.is_proxy & classes.is_complete
    own_of_rank[rank[complete_proxies]] = classes.own[complete_proxies]
    subjects: Distinct[Subject] = Distinct()

    def numbers(*names: tuple[str, ...]) -> Int64s:
        return _int64s(
            subjects.index(Subject(name, identity.namespace, identity.cluster))
            for name, identity in zip(names, identities, strict=True)
        )

    by_pod = numbers(*(("pod", one.pod) for one in identities))
    by_workload = numbers(*(("workload", one.service, one.workload) for one in identities))
    by_podless = numbers(*(("podless", one.service, one.workload) for one in identities))
    has_pod = _bools(bool(one.pod) for one in identities)
    asking = np.flatnonzero(of_app)
    asked = forest.span_class[asking]
    offering = np.flatnonzero(of_proxy & _traces_of(forest, asking)[forest.trace])
    offered = forest.span_class[offering]
    best = np.full(len(asking), NONE)
    for subject_of_ask, of_ask, subject_of_offer, of_offer in (
        (by_pod, has_pod, by_pod, has_pod),
        (by_podless, np.ones_like(has_pod), by_podless, ~has_pod),
        (by_workload, ~has_pod, by_workload, has_pod),
    ):
        offers = of_offer[offered]
        asks = np.flatnonzero(of_ask[asked] & (best == NONE))
        best[asks], _ = agreeing(
            (
                forest.trace[offering[offers]],
                subject_of_offer[offered[offers]],
                rank[offered[offers]],
            ),
            (forest.trace[asking[asks]], subject_of_ask[asked[asks]]),
            subjects.items,
        )
    joined = best != NONE
    found[asking[joined]] = own_of_rank[best[joined]]


def _join_complete(
    classes: _Classes, forest: Forest, found: Int64s, asking: Int64s, is_complete: Bools
) -> None:
    """Give spans without a workload a complete place, of above or of the only one that agrees."""
    own = found[asking]
    above = nearest(is_complete, forest.parent)[asking]
    joins = np.flatnonzero(above != NONE)
    joins = joins[_agree(classes, own[joins], found[above[joins]], forest.span_class[above[joins]])]
    found[asking[joins]] = found[above[joins]]
    asking, own = np.delete(asking, joins), np.delete(own, joins)
    offering = np.flatnonzero(is_complete & _traces_of(forest, asking)[forest.trace])
    subjects: Distinct[Subject] = Distinct()
    by_place = _int64s(
        subjects.index(Subject((place.service,), place.namespace, place.cluster))
        for place in classes.table.items
    )
    by_class = _int64s(
        subjects.index(Subject((alias,), one.identity.namespace, one.identity.cluster))
        for alias, one in zip(classes.aliases, classes.all, strict=True)
    )
    places = found[offering]
    least, greatest = agreeing(
        (
            np.tile(forest.trace[offering], 2),
            np.concatenate([by_place[places], by_class[forest.span_class[offering]]]),
            np.tile(places, 2),
        ),
        (forest.trace[asking], by_place[own]),
        subjects.items,
    )
    only = (least != NONE) & (least == greatest)
    found[asking[only]] = least[only]


def _agree(classes: _Classes, one: Int64s, other: Int64s, other_class: Int64s) -> Bools:
    """Whether the service of place ``one`` may be that of ``other``, which a span told (G6)."""
    texts: Distinct[str] = Distinct("")
    places = classes.table.items
    service = _int64s(texts.index(place.service) for place in places)
    namespace = _int64s(texts.index(place.namespace) for place in places)
    cluster = _int64s(texts.index(place.cluster) for place in places)
    alias = _int64s(texts.index(text) for text in classes.aliases)
    agree: Bools = service[one] == service[other]
    agree |= service[one] == alias[other_class]
    for known in (namespace, cluster):
        agree &= (known[one] == known[other]) | (known[one] == 0) | (known[other] == 0)
    return agree


def _traces_of(forest: Forest, members: Int64s) -> Bools:
    wanted = np.zeros(len(forest.main_root), bool)
    wanted[forest.trace[members]] = True
    return wanted


def _name(forest: Forest, classes: _Classes, unnamed: Int64s, table: Distinct[Place]) -> Int64s:
    """Return each member's place by its name in that trace: the proxies' least, else the least."""
    names, places = len(classes.names), len(classes.table)
    named = np.flatnonzero(unnamed != NONE)
    place = unnamed[named]
    own = (classes.name + np.where(classes.is_proxy, 0, names))[forest.span_class[named]]
    called, _ = group(place * 2 * names + own, max(places * 2 * names, 1))
    best = np.full(places, 2 * names)
    worst = np.full(places, NONE)
    np.minimum.at(best, called // (2 * names), called % (2 * names))
    np.maximum.at(worst, called // (2 * names), called % (2 * names))
    score = best[place]
    # Only where a place has several names does it matter which trace it is.
    several = np.flatnonzero((best != worst)[place])
    if len(several):
        groups = forest.trace[named[several]] * places + place[several]
        own = own[several]
        order = np.argsort(groups)
        begins = np.flatnonzero(np.append(True, np.diff(groups[order]) != 0))
        least = np.minimum.reduceat(own[order], begins)
        score[several[order]] = np.repeat(least, np.diff(np.append(begins, len(order))))
    distinct, inverse = group(place * names + score % names, places * names)
    index = _int64s(
        table.index(replace(classes.table.items[one // names], name=classes.names[one % names]))
        for one in distinct.tolist()
    )
    made = np.full(len(forest), NONE)
    made[named] = index[inverse]
    return made


def _int64s(numbers: Iterable[int]) -> Int64s:
    return np.fromiter(numbers, np.int64)


def _bools(flags: Iterable[bool]) -> Bools:
    return np.fromiter(flags, np.bool_)
