"""Whether a store is whole: its version, its tables, and what they say about each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    MetaData,
    Select,
    Table,
    create_mock_engine,
    func,
    literal_column,
    select,
    tablesample,
    text,
)
from sqlalchemy.schema import CreateIndex

from model.columns import WellKnownColumn
from storage.graph.state import StateName, read_numbers
from storage.interface import StoreError
from storage.migrations import latest_version, stored_schema, stored_version
from storage.postgresql.tables import METADATA as POSTGRESQL_TABLES
from storage.postgresql.tables import WRITER_STATE
from storage.schema import Schema
from storage.table_sizes import postgresql_size

__all__ = ["Check", "check_store"]

# Reading this many rows takes PostgreSQL some ten seconds; DuckDB reads a few columns of any size.
_ALL_UP_TO_ROWS = 10_000_000
_SAMPLED_SPANS = 1_000_000
_SAMPLED_TRACES = 10_000  # each asks for its spans


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found, in words; ``passed`` unless something is wrong."""

    name: str
    passed: bool
    found: str


def check_store(engine: Engine, columns: tuple[WellKnownColumn, ...]) -> Iterator[Check]:
    """Check a store in one snapshot, and yield what each check found.

    Stops after a check that the others need. A PostgreSQL store of more than 10 million spans is
    checked in samples, and the findings say so.
    """
    try:
        schema = stored_schema(engine, columns)
    except StoreError as error:
        yield Check("version", False, str(error))
        return
    with engine.connect() as connection:
        version = stored_version(connection)
        yield Check("version", True, f"{version}, the newest is {latest_version()}")
        absent = list(_absent(connection, schema.metadata))
        if connection.dialect.name == "postgresql":
            absent += _absent(connection, POSTGRESQL_TABLES)
            absent += _absent_indexes(connection, schema.metadata)
        if absent:
            yield Check("tables", False, f"not there: {', '.join(absent)}")
            return
        yield Check("tables", True, f"{len(schema.metadata.tables)} with all columns and indexes")
        for name, check in _CHECKS.items():
            passed, found = check(connection, schema)
            yield Check(name, passed, found)


def _absent(connection: Connection, metadata: MetaData) -> Iterator[str]:
    statement = text(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema()"
    )
    stored = {(table, column) for table, column in connection.execute(statement)}
    for table in metadata.sorted_tables:
        missing = [c.name for c in table.columns if (table.name, c.name) not in stored]
        if len(missing) == len(table.columns):
            yield f"table {table.name}"
        else:
            yield from (f"column {table.name}.{name}" for name in missing)


def _absent_indexes(connection: Connection, metadata: MetaData) -> Iterator[str]:
    wanted: list[str] = []

    def note(statement: object, *_: object, **__: object) -> None:
        if isinstance(statement, CreateIndex):
            wanted.append(str(statement.element.name))

    # Only this engine's indexes are created, also by an engine that only tells what it would do.
    metadata.create_all(create_mock_engine("postgresql+psycopg://", note), checkfirst=False)
    statement = text(
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE indisvalid AND relnamespace = current_schema()::regnamespace"
    )
    there = set(connection.execute(statement).scalars())
    yield from (f"index {name}" for name in wanted if name not in there)


def _references(connection: Connection, schema: Schema) -> tuple[bool, str]:
    """Every span names a resource, a scope and a shape that are there."""
    spans, scope = _rows(connection, schema.spans, _SAMPLED_SPANS)
    wrong = []
    for name in ("resource", "scope", "shape"):
        target = schema.metadata.tables[f"{name}s"]
        number = spans.c[name]
        used = select(number).distinct().subquery()
        dangling = select(func.count()).where(used.c[name].not_in(select(target.c.id)))
        count = connection.execute(dangling.select_from(used)).scalar_one()
        if count:
            wrong.append(f"{count} ids of {target.name} that are not there")
    if wrong:
        return False, f"spans name {', '.join(wrong)} ({scope})"
    return True, f"every span's resource, scope and shape is there ({scope})"


def _traces(connection: Connection, schema: Schema) -> tuple[bool, str]:
    """The traces have as many spans as they say."""
    pieces, scope = _rows(connection, schema.traces, _SAMPLED_TRACES)
    spans = schema.spans.c
    told = func.coalesce(func.sum(pieces.c.span_count), 0)
    stored = select(func.count()).select_from(schema.spans)
    if pieces is schema.traces:
        statement = select(told, stored.scalar_subquery())
    else:
        of_piece = stored.where(
            spans.trace_id == pieces.c.trace_id,
            spans.seq >= pieces.c.first_seq,
            spans.seq < pieces.c.first_seq + pieces.c.span_count,
            spans.start_ns.between(pieces.c.start_ns, pieces.c.end_ns),
        ).scalar_subquery()
        statement = select(told, func.coalesce(func.sum(of_piece), 0))
    expected, found = (int(value) for value in connection.execute(statement).one())
    if expected != found:
        return False, f"traces tell of {expected:,} spans, {found:,} are there ({scope})"
    return True, f"their {found:,} spans are there ({scope})"


def _rollups(connection: Connection, schema: Schema) -> tuple[bool, str]:
    """How far the rollups are; they catch up by themselves."""
    pending = _number(connection, select(func.count()).select_from(schema.graph.pending_minutes))
    watermark = read_numbers(connection, schema)[StateName.WATERMARK]
    new = schema.traces.c.first_seq >= watermark
    unseen = _number(connection, select(func.count()).where(new))
    return True, f"minutes to roll up: {pending:,}; parts of traces not looked at: {unseen:,}"


def _numbers(connection: Connection, schema: Schema) -> tuple[bool, str]:
    """The numbers that PostgreSQL's writers will give are above those that are given."""
    if connection.dialect.name != "postgresql":
        return True, "are counted from what is stored"
    state = connection.execute(select(WRITER_STATE)).mappings().one()
    wrong = []
    for name, column in (
        ("next_seq", schema.spans.c.seq),
        ("next_resource", schema.resources.c.id),
        ("next_scope", schema.scopes.c.id),
        ("next_shape", schema.shapes.c.id),
    ):
        last = connection.execute(select(func.max(column))).scalar_one()
        if last is not None and state[name] <= last:
            wrong.append(f"{name} is {state[name]}, but {column} goes up to {last}")
    if wrong:
        return False, f"writer_state: {', '.join(wrong)}"
    return True, "the next numbers of rows are above those in use"


_CHECKS: dict[str, Callable[[Connection, Schema], tuple[bool, str]]] = {
    "references": _references,
    "traces": _traces,
    "numbers": _numbers,
    "rollups": _rollups,
}


def _rows(connection: Connection, table: Table, sample: int) -> tuple[FromClause, str]:
    """Return what is to be checked of a table, and that in words."""
    if connection.dialect.name == "postgresql":
        _, rows = postgresql_size(connection, table.name)
        if rows > _ALL_UP_TO_ROWS:
            percent: ColumnElement[float] = literal_column(f"{100 * sample / rows:.6f}")
            what = f"in a sample of about {sample:,} of {rows:,} rows"
            return tablesample(table, func.system(percent), name="sampled"), what
    return table, "all rows were looked at"


def _number(connection: Connection, statement: Select[int]) -> int:
    return int(connection.execute(statement).scalar_one())
