"""A service of rules on a small demo shop: everything but the learning is real."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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

CHROMIUM = os.environ.get("SHOPWRIGHT_CHROMIUM", "/usr/bin/chromium")


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, headless."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"needs a browser: no {CHROMIUM} (apt-get install chromium)")
    with playwright.sync_playwright() as run:
        opened = run.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        )  # fmt: skip
        yield opened
        opened.close()
