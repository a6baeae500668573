"""A service of rules on a small demo shop: everything but the learning is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("fastapi", reason="needs FastAPI (pip install 'shopwright[serve]')")

from starlette.testclient import TestClient

from shopwright.agents.registry import built_in
from shopwright.agents.rules import RulePage
from shopwright.catalogue.generate import generate_products
from shopwright.serving.agent_queue import LoadLimits
from shopwright.serving.app import create_app
from shopwright.serving.service import Service
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.store.store import Store


@pytest.fixture(scope="session")
def served_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A demo shop of 80 products."""
    folder = tmp_path_factory.mktemp("served") / "shop"
    return build_shop(
        generate_products(80, seed=5), folder, source={"kind": "test"}, tagger=WordTagger()
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    opened = Store(tmp_path / "feedback.sqlite", "shop")
    yield opened
    opened.close()


@pytest.fixture
def service(served_shop: Shop, store: Store) -> Service:
    """A service of one rule."""
    return Service(served_shop, {"rule-page": RulePage()}, store)


@pytest.fixture
def two_agents(served_shop: Shop, store: Store) -> Service:
    """A service of two rules."""
    agents = {name: built_in(name) for name in ("rule", "rule-options")}
    return Service(served_shop, agents, store)


@pytest.fixture
def client_of() -> Iterator[Callable[..., TestClient]]:
    """Makes a client of a service."""
    opened = []

    def make(service: Service, token: str | None = None, **limits: int) -> TestClient:
        app = create_app(service, LoadLimits(**limits), token=token)
        client = TestClient(app, raise_server_exceptions=False)
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(service: Service, client_of: Callable[..., TestClient]) -> TestClient:
    """A client of the service of one rule."""
    return client_of(service)
