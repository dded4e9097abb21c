from spanloom.counters import CounterHistory, Counters

MINUTE_NS = 60_000_000_000


def counters(requests, **labels):
    return Counters({("requests_total", frozenset(labels.items())): float(requests)})


def test_samples_are_summed_over_the_labels_that_are_not_asked_for():
    found = Counters(
        {
            ("spans", frozenset({("transport", "grpc"), ("reason", "a")})): 2.0,
            ("spans", frozenset({("transport", "grpc"), ("reason", "b")})): 3.0,
            ("spans", frozenset({("transport", "http"), ("reason", "a")})): 4.0,
            ("other", frozenset()): 5.0,
        }
    )

    assert (9, 5) == (found.total("spans"), found.total("spans", transport="grpc"))
    assert {"a": 6, "b": 3} == found.by("reason", "spans")


def test_what_nobody_counted_is_nothing():
    assert (0, {}) == (Counters({}).total("spans"), Counters({}).by("reason", "spans"))


def test_lately_is_what_has_grown_in_the_last_five_minutes():
    minute, count = 0, 0
    history = CounterHistory(lambda: minute * MINUTE_NS, lambda: counters(count))
    for minute in range(10):
        count = minute * 100
        history.remember()
    minute, count = 10, 1000

    now, lately, window_ns = history.read()

    assert 1000 == now.total("requests_total")
    assert (600, 6 * MINUTE_NS) == (lately.total("requests_total"), window_ns)


def test_before_anything_is_remembered_all_of_it_is_lately():
    history = CounterHistory(lambda: 0, lambda: counters(7))

    _, lately, window_ns = history.read()

    assert (7, 0) == (lately.total("requests_total"), window_ns)


def test_a_gauge_that_fell_has_not_grown():
    assert 0 == counters(2).since(counters(5)).total("requests_total")
