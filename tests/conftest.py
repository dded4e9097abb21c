"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.engines import ENGINES, Engine, engine_named, open_postgresql, postgresql_config
from tests.postgresql import Databases, databases_for_tests, name_of

# Examples are cut so that the whole suite stays quick; a nightly run may ask for more by
# `pytest --hypothesis-profile=thorough`.
settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    """A real PostgreSQL for the whole run."""
    with databases_for_tests() as databases:
        yield databases


@pytest.fixture(scope="session")
def postgresql_template(postgresql_databases: Databases) -> Iterator[str]:
    """A database that was a store already: to copy it is faster than to open an empty one."""
    with postgresql_databases.fresh() as url:
        open_postgresql(postgresql_config(url)).close()
        yield name_of(url)


@pytest.fixture
def postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    """An empty database, of a role that is no superuser."""
    with postgresql_databases.fresh() as url:
        yield url


@pytest.fixture(params=ENGINES, scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """Every engine, one after the other."""
    return engine_named(request.param, request)
