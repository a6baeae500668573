"""A store in each of the databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postgresql_server import PostgresqlServer
from shopwright.store.database import Place
from shopwright.store.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a new store can be."""
    if request.param == "sqlite":
        return tmp_path / "f.sqlite"
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return server.new_database()


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """A new store."""
    opened = Store(place, "shop")
    yield opened
    opened.close()
