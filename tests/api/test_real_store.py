"""The API over a real store answers as it does over the reference."""

import re
from collections.abc import Iterator

import pytest

from storage.interface import Store
from tests.api.conftest import Connect
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, CART_REQUEST, CART_TRACE, ODD_TRACE, sample_spans
from tests.engines import Engine
from tests.storage.batches import batch_from_spans


@pytest.fixture(scope="module")
def store(engine: Engine) -> Iterator[Store]:
    with engine.place() as open_it:
        store = open_it()
        store.writer.write(batch_from_spans(sample_spans()), [])
        yield store


QUESTIONS: list[tuple[str, list[tuple[str, str]]]] = [
    ("/api/v1/services", []),
    ("/api/v1/services/front.shop/operations", []),
    ("/api/v1/services/pay/operations", [("kind", "client")]),
    ("/api/v1/traces", []),
    ("/api/v1/traces", [("limit", "2")]),
    ("/api/v1/traces", [("service", "cart"), ("min_duration", "1s")]),
    ("/api/v1/traces", [("min_trace_duration", "2ms"), ("max_trace_duration", "1s")]),
    ("/api/v1/traces", [("error", "true")]),
    ("/api/v1/traces", [("status", "ok"), ("kind", "server"), ("namespace", "shop")]),
    ("/api/v1/traces", [("request_id", CART_REQUEST)]),
    ("/api/v1/traces", [("attribute", "http.status_code>=500")]),
    ("/api/v1/traces", [("attribute", "http.status_code!=200")]),
    ("/api/v1/traces", [("attribute", "!http.status_code")]),
    ("/api/v1/traces", [("attribute", "user.id")]),
    ("/api/v1/traces", [("attribute", "user.id=7")]),
    ("/api/v1/traces", [("attribute", "span:user.id<8")]),
    ("/api/v1/traces", [("attribute", "event:attempt")]),
    ("/api/v1/traces", [("attribute", "link:why=self")]),
    ("/api/v1/traces", [("attribute", "why")]),
    ("/api/v1/traces", [("attribute", "scope:build=release")]),
    ("/api/v1/traces", [("attribute", "resource:k8s.pod.name~cart")]),
    ("/api/v1/traces", [("attribute", '"quote=d key"=x'), ("attribute", "any:event:id=e")]),
    ("/api/v1/traces", [("trace_id", ODD_TRACE), ("trace_id", "c47"), ("trace_id", "beef")]),
    (f"/api/v1/traces/{CART_TRACE}", []),
    (f"/api/v1/traces/{BROKEN_TRACE}", [("adjust_clock_skew", "true")]),
    (f"/api/v1/traces/{ODD_TRACE}", []),
    (f"/api/v1/traces/{ODD_TRACE}", [("format", "otlp")]),
    (f"/api/v1/requests/{CART_REQUEST}", []),
    ("/api/v1/attributes", []),
    ("/api/v1/attributes/http.status_code/values", []),
    ("/api/v1/attributes/http.status_code/values", [("service", "pay"), ("prefix", "2")]),
    ("/api/v1/search/histogram", [("last", "5m"), ("width", "30s")]),
    ("/api/v1/search/histogram", [("last", "5m"), ("width", "1m"), ("error", "true")]),
]


@pytest.mark.parametrize(("path", "pairs"), QUESTIONS)
async def test_a_question_has_the_same_answer(
    connect: Connect,
    store: Store,
    reader: ReferenceReader,
    path: str,
    pairs: list[tuple[str, str]],
) -> None:
    expected = await connect(of=reader)
    stored = await connect(of=store.reader)
    answers = [await (await api.get(path, *pairs)).text() for api in (expected, stored)]

    to_the_minute = re.compile(r'"last_seen[a-z_]*":"[^"]*"')  # is exact to the minute by contract
    one, other = (to_the_minute.sub("", answer) for answer in answers)
    assert one == other
