"""Collectors and queries as processes of their own on one PostgreSQL, and the server away."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.end_to_end.load import Load
from tests.postgresql import PostgreSQLServer

pytestmark = pytest.mark.end_to_end

ROLES = {"one": "collector", "other": "collector", "first": "query", "second": "query"}
COLLECTORS = [name for name, role in ROLES.items() if role == "collector"]
QUERIES = [name for name, role in ROLES.items() if role == "query"]
MINUTE_NS = 60_000_000_000
IS_ROLLED_UP = """
    SELECT NOT EXISTS (SELECT 1 FROM pending_minutes)
      AND (SELECT max(seq) FROM spans) < (SELECT value FROM rollup_state WHERE name = 'watermark')
"""
COUNT_BY_SPAN = "SELECT span_id, count(*) FROM span_view GROUP BY span_id"


class Cluster:
    """Two collectors and two queries, by name; each keeps its directory and its addresses."""

    def __init__(self, serve, directory, url):
        self._serve = serve
        self._directory = directory
        self.url = url
        self.services = {}
        # As long ago as keeps rollups and corrections busy while spans still come.
        self.start_ns = time.time_ns() // MINUTE_NS * MINUTE_NS - 10 * MINUTE_NS
        with ThreadPoolExecutor(len(ROLES)) as pool:
            list(pool.map(self.start, ROLES))

    def start(self, name):
        before = self.services.get(name)
        self.services[name] = self._serve(
            data_dir=self._directory / name,
            role=ROLES[name],
            addresses=before and before.addresses,
            SPANLOOM_STORE_URL=self.url,
            SPANLOOM_STORE_ROLLUPS_INTERVAL="500ms",
        )

    @contextmanager
    def load(self):
        """Exports to each collector from several threads; yields the two of them."""
        with ExitStack() as running:
            yield [
                running.enter_context(Load(self.services[name].grpc, threads=1, fields=self._call))
                for name in COLLECTORS
            ]

    def _call(self):
        """A call to another service, at some moment of the window."""
        start_ns = self.start_ns + random.randrange(5 * MINUTE_NS)
        return {
            "name": "GET /",
            "kind": Span.SPAN_KIND_CLIENT,
            "start_time_unix_nano": start_ns,
            "end_time_unix_nano": start_ns + 1_000_000,
            "attributes": {"upstream_cluster": "outbound|80||ratings.default.svc.cluster.local"},
        }

    def wait_until_written(self):
        for name in COLLECTORS:
            service = self.services[name]
            service.eventually(lambda s=service: s.metric("spanloom_spool_backlog_spans") == 0)

    def wait_for_backlogs(self, of_spans):
        for name in COLLECTORS:
            service = self.services[name]
            service.eventually(
                lambda s=service: s.metric("spanloom_spool_backlog_spans") >= of_spans
            )

    def assert_exactly_once(self, loads):
        self.wait_until_written()
        counts = stored(self.url)

        assert set() == set().union(*(load.acknowledged for load in loads)) - set(counts)
        assert {1} == set(counts.values())
        return len(counts)

    def window(self):
        return f"from={self.start_ns}&to={self.start_ns + 5 * MINUTE_NS}"

    def ask(self, path):
        """What each query says."""
        return [self.services[name].get(path) for name in QUERIES]

    def assert_queries_agree_on(self, spans):
        """Both count each span once, before and after everything is rolled up."""
        graph = f"/api/v1/graph?{self.window()}"
        before = self.ask(graph)
        self.services["first"].eventually(self.is_rolled_up)
        after = self.ask(graph)
        assert before[0] == before[1] == after[0] == after[1]
        assert spans == sum(edge["calls"] for edge in after[0]["edges"])

        for path in (f"traces?{self.window()}&limit=1000", "services", "attributes"):
            one, other = self.ask(f"/api/v1/{path}")
            assert one == other
        for found in self.ask(f"/api/v1/search/histogram?{self.window()}&width=1m"):
            assert spans == sum(bucket["span_count"] for bucket in found["buckets"])

    def is_rolled_up(self):
        with psycopg.connect(self.url) as connection:
            return connection.execute(IS_ROLLED_UP).fetchone()[0]

    def leaders(self):
        return [
            name
            for name, service in self.services.items()
            if service.metric("spanloom_store_leading") == 1
        ]

    def wait_for_one_leader(self):
        any_one = next(iter(self.services.values()))
        any_one.eventually(lambda: len(self.leaders()) == 1)
        return self.leaders()[0]


def stored(url):
    """How often each span id is in the database; none if there is no store yet."""
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT to_regclass('span_view')").fetchone() == (None,):
            return {}
        return dict(connection.execute(COUNT_BY_SPAN).fetchall())


@pytest.fixture
def cluster(serve, tmp_path, postgresql_url):
    return Cluster(serve, tmp_path, postgresql_url)


def test_all_is_there_once_and_the_same_everywhere_whoever_is_killed(cluster):
    with cluster.load() as loads:
        for name in ("one", "first", "other", "second"):
            for load in loads:
                load.wait_for_acks(50)
            # The moment of the kill is the point of this test: it must fall anywhere.
            time.sleep(random.uniform(0, 0.8))
            cluster.services[name].kill()
            cluster.start(name)
        for load in loads:
            load.wait_for_acks(50)

    spans = cluster.assert_exactly_once(loads)
    cluster.assert_queries_agree_on(spans)


def test_another_process_leads_when_the_leader_is_killed(cluster):
    leaders = []
    while len(leaders) < len(ROLES):
        leaders.append(cluster.wait_for_one_leader())
        cluster.services.pop(leaders[-1]).kill()

    assert set(ROLES) == set(leaders)


def test_nothing_is_refused_lost_or_doubled_while_the_server_is_away(serve, tmp_path):
    with PostgreSQLServer() as server, server.databases.fresh() as url:
        cluster = Cluster(serve, tmp_path, url)
        with cluster.load() as loads:
            for take_away in (server.stop, server.kill, lambda: server.stop("immediate")):
                for load in loads:
                    load.wait_for_acks(50)
                take_away()
                for load in loads:
                    load.wait_for_acks(500)
                cluster.wait_for_backlogs(of_spans=500)
                assert [0, 0] == [load.refused for load in loads]
                server.start()
        assert [0, 0] == [load.refused for load in loads]

        cluster.assert_queries_agree_on(cluster.assert_exactly_once(loads))
        cluster.wait_for_one_leader()


def test_a_collector_that_starts_while_the_server_is_away_takes_spans(serve, tmp_path):
    with PostgreSQLServer() as server, server.databases.fresh() as url:
        server.stop()
        collector = serve(role="collector", SPANLOOM_STORE_URL=url)
        with Load(collector.grpc) as load:
            load.wait_for_acks(100)
        server.start()
        expected = dict.fromkeys(load.acknowledged, 1)
        collector.eventually(lambda: len(stored(url)) >= len(expected))

        assert (0, expected) == (load.refused, stored(url))
