"""GET /requests/{x_request_id}?stitch=1."""

import pytest

from model.span import Span
from tests.api.conftest import ApiClient, Connect
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import CART_REQUEST
from tests.model.propagation.mesh import inbound, outbound, request_id

PATH = f"/api/v1/requests/{request_id(7)}"


def chain(*, at: float = 0, ids: tuple[int, int, int] = (7, 8, 9), first: int = 1) -> list[Span]:
    """``front`` calls ``middle`` calls ``back``, and neither app forwards anything."""
    front, middle, back = ids
    return [
        inbound("front", first, first * 16 + 1, at=at, ms=50, id=front),
        outbound("front", "middle", first + 1, first * 16 + 2, at=at + 5, ms=40, id=middle),
        inbound(
            "middle", first + 1, first * 16 + 3, first * 16 + 2, at=at + 6, ms=38, id=middle,
            caller="front",
        ),
        outbound("middle", "back", first + 2, first * 16 + 4, at=at + 10, ms=20, id=back),
        inbound(
            "back", first + 2, first * 16 + 5, first * 16 + 4, at=at + 11, ms=18, id=back,
            caller="middle",
        ),
    ]  # fmt: skip


async def test_a_request_is_followed_through_pods_that_forward_nothing(connect: Connect) -> None:
    api = await connect(of=ReferenceReader([*chain(), *chain(at=500, ids=(17, 18, 19), first=50)]))

    found = await api.json(PATH, ("stitch", "1"))
    stitched = found["stitched"]

    assert [f"{number:032x}" for number in (1, 2, 3)] == stitched["trace_ids"]
    assert [0, 1, 2, 3, 4] == [span["depth"] for span in stitched["trace"]["spans"]]
    assert [(1, 0, "time and pod", "high"), (3, 2, "time and pod", "high")] == [
        (link["span_index"], link["parent_index"], link["sign"], link["confidence"])
        for link in stitched["inferred_links"]
    ]
    assert [] == found["traces"]


async def test_traces_of_one_request_id_are_one(connect: Connect) -> None:
    api = await connect(of=ReferenceReader(chain(ids=(7, 7, 7))))

    stitched = (await api.json(PATH, ("stitch", "true")))["stitched"]

    assert [0] == stitched["trace"]["roots"]
    assert {"request id"} == {link["sign"] for link in stitched["inferred_links"]}


async def test_a_busy_pod_is_not_guessed_about(connect: Connect) -> None:
    api = await connect(of=ReferenceReader([*chain(), *chain(at=2, ids=(17, 18, 19), first=50)]))

    stitched = (await api.json(PATH, ("stitch", "1")))["stitched"]

    assert (1, []) == (len(stitched["trace_ids"]), stitched["inferred_links"])


async def test_a_long_request_that_began_long_before_counts(connect: Connect) -> None:
    long = inbound("front", 90, 0x900, at=-20_000, ms=30_000, id=99)
    api = await connect(of=ReferenceReader([*chain(), long]))

    stitched = (await api.json(PATH, ("stitch", "1")))["stitched"]

    assert [] == stitched["inferred_links"]


async def test_without_it_traces_come_as_they_are(api: ApiClient) -> None:
    found = await api.json(f"/api/v1/requests/{CART_REQUEST}", ("stitch", "0"))

    assert (2, None) == (len(found["traces"]), found["stitched"])


@pytest.mark.parametrize("text", ["yes", "2"])
async def test_what_is_not_understood_is_refused(api: ApiClient, text: str) -> None:
    status, error = await api.error(PATH, ("stitch", text))

    assert (400, "stitch") == (status, error["parameter"])
