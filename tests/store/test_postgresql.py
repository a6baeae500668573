"""A store in PostgreSQL, as far as it is other than one in a file."""

from __future__ import annotations

import threading

import pytest

from shopwright.errors import InputError, StoreError
from shopwright.store import schema
from shopwright.store.backup import back_up
from shopwright.store.database import open_database
from shopwright.store.store import Feedback, Recommendation, Store

pytest.importorskip("sqlalchemy")
from shopwright.store.postgresql import migrate


def recommendation(number: int, items: tuple[str, ...] = ("M1", "M2")) -> Recommendation:
    return Recommendation(
        id=f"recommendation-{number}", at=0.0, agent="a", propensities={"a": 1.0},
        request="a mug", settings={}, items=items,
    )  # fmt: skip


def test_a_database_without_a_store_is_refused_untouched_and_migrated(postgresql_server):
    address = postgresql_server.new_database(empty=True)
    with pytest.raises(InputError, match="got none; run: shopwright store migrate"):
        Store(address, "shop")
    assert migrate(address) == 0
    store = Store(address, "shop")
    store.add_recommendation(recommendation(1))
    assert migrate(address) == schema.VERSION
    assert store.size() == 1
    with pytest.raises(InputError, match="expected feedback of shop two, got shop"):
        Store(address, "two")
    store.close()


def test_another_version_is_refused(postgresql_server):
    address = postgresql_server.new_database()
    database = open_database(address)
    with database.transaction() as execute:
        execute(schema.SET_VERSION, version="99")
    database.close()
    with pytest.raises(InputError, match=r"expected a store of version \d+, got version 99"):
        Store(address, "shop")
    with pytest.raises(InputError, match=r"expected a store of version \d+ or before, got 99"):
        migrate(address)


def test_readers_and_backups_have_a_copy_as_it_was(postgresql_server, tmp_path):
    address = postgresql_server.new_database()
    store = Store(address, "shop")
    store.add_recommendation(recommendation(1))
    store.add_feedback(Feedback("recommendation-1", "shown", "", 1.0))
    reader = Store(address)
    assert back_up(address, tmp_path / "copy.sqlite") == 1
    reader.settle()
    assert reader.counts() == ({}, {"a": 1})
    assert store.counts() == ({}, {})
    store.close()
    from_file = Store(tmp_path / "copy.sqlite", "shop")
    assert from_file.feedback() == reader.feedback()
    assert [*from_file.recommendations()] == [recommendation(1)]
    from_file.close()


def test_events_of_one_recommendation_at_once_count_all(postgresql_server):
    address = postgresql_server.new_database()
    stores = [Store(address, "shop") for _ in range(4)]
    for number in range(10):
        items = tuple(f"M{each}" for each in range(4))
        stores[0].add_recommendation(recommendation(number, items))
        together = threading.Barrier(4)

        def dismiss(place: int, number: int = number, barrier: threading.Barrier = together):
            barrier.wait()
            event = Feedback(f"recommendation-{number}", "dismissed", f"M{place}", 0.0)
            stores[place].add_feedback(event)

        threads = [threading.Thread(target=dismiss, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert stores[0].counts() == ({}, {"a": 10})
    for store in stores:
        store.close()


def test_a_server_that_is_not_there_is_said_in_one_line():
    with pytest.raises(StoreError) as refused:
        Store("postgresql://nobody:secret@127.0.0.1:1/none", "shop")
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)
    with pytest.raises(InputError, match="expected postgresql://"):
        Store("postgresql://localhost:port/none", "shop")


@pytest.mark.parametrize("statement", ["x INTEGER PRIMARY KEY", "x REAL", "x INTEGER", "x TEXT"])
def test_types_are_as_wide_as_sqlites(statement):
    ours = schema.for_postgresql(statement)
    assert ours.split()[1] in ("BIGINT", "DOUBLE", "TEXT")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER DATABASE {name} SET default_transaction_read_only = on",
        "DROP SCHEMA shopwright CASCADE",
    ],
)
def test_a_database_that_takes_nothing_any_more_is_the_stores_trouble(postgresql_server, change):
    import psycopg

    address = postgresql_server.new_database()
    store = Store(address, "shop")
    assert store.trouble() == ""
    with psycopg.connect(address, autocommit=True) as other:
        (name,) = other.execute("SELECT current_database()").fetchone()
        other.execute(change.format(name=name))
        ours = "application_name = 'shopwright' AND datname = current_database()"
        other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
    with pytest.raises(StoreError):
        store.add_recommendation(recommendation(1))
    assert store.trouble()
    store.close()


def test_a_statement_that_is_wrong_is_not_the_stores_trouble(postgresql_server):
    from sqlalchemy.exc import DataError, ProgrammingError

    database = open_database(postgresql_server.new_database())
    with pytest.raises(ProgrammingError), database.transaction() as execute:
        execute("SELEKT 1")
    with pytest.raises(DataError), database.transaction() as execute:
        execute("SELECT CAST('x' AS INTEGER)")
    database.close()
