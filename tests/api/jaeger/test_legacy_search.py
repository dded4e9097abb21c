"""``/api/traces``: every parameter, default and error (jaeger-api §4.3)."""

from typing import Any

import pytest

from api import ApiConfig
from api.jaeger.config import JaegerConfig
from model.query import TraceQuery
from tests.api.conftest import Connect
from tests.api.jaeger.conftest import JaegerClient, golden
from tests.api.reference_reader import ReferenceReader
from tests.api.sample import BROKEN_TRACE, NOON_NS, ODD_TRACE, SECOND

CART, BROKEN, ODD = "0000000000000c47", BROKEN_TRACE, ODD_TRACE
NOON_US = NOON_NS // 1000
MINUTE_US = 60_000_000
UNKNOWN = "4bf92f3577b34da6a3ce929d0e0e4799"
HOUR = 3600 * SECOND


def ids(data: list[dict[str, Any]]) -> list[str]:
    return [trace["traceID"] for trace in data]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([("service", "front.shop")], [CART]),
        ([("service", "front")], [CART]),
        ([("service", "front.shop.svc.cluster.local")], [CART]),
        ([("service", "pay.bank")], [BROKEN, ODD]),
        ([("service", "nobody")], []),
        ([], [CART, BROKEN, ODD]),
        ([("service", "")], [CART, BROKEN, ODD]),
        ([("service", "pay.bank"), ("service", "front.shop")], [BROKEN, ODD]),
        ([("operation", "charge")], [BROKEN]),
        ([("operation", "char")], []),
        ([("limit", "2")], [CART, BROKEN]),
        ([("limit", "")], [CART, BROKEN, ODD]),
        ([("limit", "2147483647")], [CART, BROKEN, ODD]),
        ([("start", str(NOON_US))], [CART]),
        ([("start", str(NOON_US + 200_000))], [CART]),  # its last span
        ([("start", str(NOON_US + 200_001))], []),
        ([("end", str(NOON_US))], [CART, BROKEN, ODD]),
        ([("end", str(NOON_US - 1))], [BROKEN, ODD]),
        ([("end", str(NOON_US - 2 * MINUTE_US))], [ODD]),
        ([("end", str(NOON_US - 2 * MINUTE_US - 1))], []),
        ([("start", "0"), ("end", "9223372036854775807")], [CART, BROKEN, ODD]),
        ([("start", "-9223372036854775808")], [CART, BROKEN, ODD]),
        ([("minDuration", "1.5s")], [CART]),
        ([("minDuration", "1500001us")], []),
        ([("minDuration", "20ms"), ("maxDuration", "20ms")], [BROKEN]),
        ([("maxDuration", "1000us")], [ODD]),
        ([("maxDuration", "999999ns")], []),
        ([("minDuration", "0"), ("maxDuration", "")], [CART, BROKEN, ODD]),
        ([("tag", "http.status_code:503")], [CART]),
        ([("tag", "http.status_code:200"), ("tag", "upstream_cluster:inbound|8080||")], [CART]),
        ([("tag", "http.status_code:503"), ("tag", "upstream_cluster:inbound|8080||")], []),
        ([("tags", '{"http.status_code":"503","response_flags":"UH,URX"}')], [CART]),
        ([("tags", '{"http.status_code":"503"}'), ("tags", '{"user.id":"7"}')], []),
        ([("tags", '{"error":"true"}')], [CART]),
        ([("tags", '{"error":"true"}'), ("service", "cart.shop")], []),
        ([("tags", '{"user.id":"7"}')], [BROKEN]),
        ([("tags", '{"attempt":"2305843009213693952"}')], [ODD]),
        ([("tags", '{"why":"self"}')], [ODD]),
        ([("tags", '{"scope.name":"envoy","span.kind":"server"}')], [CART]),
        ([("tags", '{"resource.service.name":"pay.bank"}')], [BROKEN, ODD]),
        ([("tags", '{"empty.key":null}')], []),
        ([("tags", "{}")], [CART, BROKEN, ODD]),
        ([("tags", "null")], [CART, BROKEN, ODD]),
        ([("tag", "event:id:e")], []),  # the key is what stands before the first colon
        ([("lookback", "no time"), ("log", "x"), ("no.such", "1")], [CART, BROKEN, ODD]),
    ],
)
async def test_a_search_finds_the_newest_first(
    jaeger: JaegerClient, pairs: list[tuple[str, str]], found: list[str]
) -> None:
    assert found == ids(await jaeger.data("/api/traces", *pairs))


async def test_a_search_answers_whole_traces_as_documented(jaeger: JaegerClient) -> None:
    answer = await jaeger.get("/jaeger/api/traces", ("service", "front.shop"), ("limit", "1"))

    assert (200, "application/json") == (answer.status, answer.content_type)
    assert golden("cart_trace") == answer.document


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (
            [("start", "yesterday")],
            (
                "unable to parse param 'start': "
                'strconv.ParseInt: parsing "yesterday": invalid syntax'
            ),
        ),
        (
            [("end", "9223372036854775808")],
            (
                "unable to parse param 'end': "
                'strconv.ParseInt: parsing "9223372036854775808": value out of range'
            ),
        ),
        (
            [("start", str(NOON_US)), ("end", str(NOON_US - 1))],
            "invalid parameter: start time must be before end time",
        ),
        ([("limit", "many")], 'strconv.ParseInt: parsing "many": invalid syntax'),
        ([("limit", "3000000000")], 'strconv.ParseInt: parsing "3000000000": value out of range'),
        ([("limit", "0")], "invalid parameter: limit must be greater than 0"),
        ([("limit", "-1")], "invalid parameter: limit must be greater than 0"),
        (
            [("minDuration", "20")],
            "unable to parse param 'minDuration': time: missing unit in duration \"20\"",
        ),
        (
            [("maxDuration", "1d")],
            'unable to parse param \'maxDuration\': time: unknown unit "d" in duration "1d"',
        ),
        (
            [("minDuration", "-1s")],
            "unable to parse param 'minDuration': time: negative duration -1s",
        ),
        (
            [("minDuration", "2s"), ("maxDuration", "1s")],
            "'maxDuration' should be greater than 'minDuration'",
        ),
        ([("tag", "alone")], "malformed 'tag' parameter, expecting key:value, received: alone"),
        (
            [("tags", '{"http.status_code":503}')],
            (
                "malformed 'tags' parameter, cannot unmarshal JSON: "
                "json: cannot unmarshal number into Go value of type string"
            ),
        ),
        (
            [("tags", '{"a":{"b":"c"}}')],
            (
                "malformed 'tags' parameter, cannot unmarshal JSON: "
                "json: cannot unmarshal object into Go value of type string"
            ),
        ),
        (
            [("tags", '{"a":true}')],
            (
                "malformed 'tags' parameter, cannot unmarshal JSON: "
                "json: cannot unmarshal bool into Go value of type string"
            ),
        ),
        (
            [("tags", '["a"]')],
            (
                "malformed 'tags' parameter, cannot unmarshal JSON: "
                "json: cannot unmarshal array into Go value of type map[string]string"
            ),
        ),
        (
            [("tags", '"a"')],
            (
                "malformed 'tags' parameter, cannot unmarshal JSON: "
                "json: cannot unmarshal string into Go value of type map[string]string"
            ),
        ),
        (
            [("traceID", "c47"), ("traceID", "xyz")],
            'cannot parse traceID param: strconv.ParseUint: parsing "xyz": invalid syntax',
        ),
        (
            [("traceID", "")],
            'cannot parse traceID param: strconv.ParseUint: parsing "": invalid syntax',
        ),
        (
            [("raw", "maybe")],
            "unable to parse param 'raw': strconv.ParseBool: parsing \"maybe\": invalid syntax",
        ),
        (
            [("operation", "x" * 1025)],
            "parameter 'operation' has 1025 characters; at most 1024 are allowed",
        ),
        (
            [("tag", f"k{number}:v") for number in range(101)],
            "101 tags are asked for; at most 100 are allowed",
        ),
        ([("tag", "k:" + "v" * 1025)], "a tag has more than the 1024 characters that are allowed"),
        (
            [("traceID", "c47")] * 1501,
            "parameter 'traceID' is given 1501 times; at most 1500 are allowed",
        ),
    ],
)
async def test_what_cannot_be_read_is_refused_in_the_words_of_jaeger(
    jaeger: JaegerClient, pairs: list[tuple[str, str]], message: str
) -> None:
    assert message == await jaeger.refusal("/api/traces", *pairs)


@pytest.mark.parametrize("document", ["", "{", "{]", '{"a":', "[" * 100_000])
async def test_tags_that_are_no_json_are_refused(jaeger: JaegerClient, document: str) -> None:
    refusal = await jaeger.refusal("/api/traces", ("tags", document))

    assert refusal.startswith("malformed 'tags' parameter, cannot unmarshal JSON: ")


async def asked(connect: Connect, reader: ReferenceReader, *pairs: tuple[str, str]) -> TraceQuery:
    config = ApiConfig(jaeger=JaegerConfig(default_limit=7, max_limit=9))
    await JaegerClient(await connect(config)).data("/api/traces", *pairs)
    return reader.queries[-1]


async def test_by_default_the_newest_of_two_days_are_found(
    connect: Connect, reader: ReferenceReader
) -> None:
    query = await asked(connect, reader)
    now = NOON_NS + 60 * SECOND

    assert (now - 48 * HOUR, now + 1, 7) == (query.from_ns, query.to_ns, query.limit)


async def test_bounds_are_whole_microseconds(connect: Connect, reader: ReferenceReader) -> None:
    query = await asked(connect, reader, ("start", "5"), ("end", "7"))

    assert (5000, 8000) == (query.from_ns, query.to_ns)


async def test_a_higher_limit_than_allowed_is_lowered(
    connect: Connect, reader: ReferenceReader
) -> None:
    assert 9 == (await asked(connect, reader, ("limit", "1500"))).limit


async def test_traces_can_be_asked_for_by_their_ids(jaeger: JaegerClient) -> None:
    pairs = [("traceID", each) for each in (ODD, "c47", UNKNOWN, "C47", "1")]
    answer = await jaeger.get("/api/traces", *pairs)

    assert 200 == answer.status
    assert [ODD, CART] == ids(answer.document["data"])
    assert [
        {"msg": "trace not found", "traceID": UNKNOWN},
        {"msg": "trace not found", "traceID": "0000000000000001"},
    ] == answer.document["errors"]


async def test_ids_go_before_conditions(jaeger: JaegerClient) -> None:
    pairs = [("traceID", ODD), ("service", "front.shop"), ("start", str(NOON_US))]

    assert [ODD] == ids(await jaeger.data("/api/traces", *pairs))


async def test_an_id_in_base64_may_have_a_plus_sign(jaeger: JaegerClient) -> None:
    answer = await jaeger.get("/api/traces", ("traceID", "++++++++++8="))

    assert [{"msg": "trace not found", "traceID": "fbefbefbefbefbef"}] == answer.document["errors"]


async def test_a_search_that_is_cut_off_says_so(connect: Connect) -> None:
    jaeger = JaegerClient(await connect(ApiConfig(jaeger=JaegerConfig(max_spans=4))))
    answer = await jaeger.get("/api/traces")

    assert (200, [CART]) == (answer.status, ids(answer.document["data"]))
    assert [
        {
            "msg": "2 traces are left out, because an answer has at most about 4 spans; "
            "ask for less at once"
        }
    ] == answer.document["errors"]


async def test_ids_that_are_cut_off_say_so_each(connect: Connect) -> None:
    jaeger = JaegerClient(await connect(ApiConfig(jaeger=JaegerConfig(max_spans=3))))
    pairs = [("traceID", each) for each in ("c47", BROKEN, ODD)]
    answer = await jaeger.get("/api/traces", *pairs)

    assert (200, [CART]) == (answer.status, ids(answer.document["data"]))
    assert [BROKEN, ODD] == [error["traceID"] for error in answer.document["errors"]]


async def test_raw_leaves_the_order_of_attributes(jaeger: JaegerClient) -> None:
    (trace,) = await jaeger.data("/api/traces", ("service", "cart"), ("raw", "T"))

    assert "guid:x-request-id" == trace["spans"][1]["tags"][2]["key"]


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("cart.shop", ["front.shop", "cart.shop"]),
        ("cart", ["front.shop", "cart"]),
        ("cart.shop.svc.cluster.local", ["front.shop", "cart.shop.svc.cluster.local"]),
        # Its first span is an application's, which keeps its name.
        ("front", ["front.shop", "front", "cart.shop"]),
        ("", ["front.shop", "cart.shop"]),
    ],
)
async def test_proxies_of_an_alias_are_called_by_it(
    jaeger: JaegerClient, service: str, names: list[str]
) -> None:
    traces = await jaeger.data("/api/traces", ("service", service), ("limit", "1"))
    processes = traces[0]["processes"]

    assert names == [process["serviceName"] for process in processes.values()]
    assert {span["processID"] for span in traces[0]["spans"]} == set(processes)
