"""Requests that wait are read together, and answered as if each had come alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from shopwright.encoding.language_model import LanguageModel

torch = pytest.importorskip("torch")
pytest.importorskip("fastapi", reason="needs pip install 'shopwright[serve]'")

from shopwright.agents.learned import LearnedAgent
from shopwright.policy import evidence
from shopwright.policy.choice import ChoiceConfig, ChoiceNetwork
from shopwright.serving import agent_queue, app
from shopwright.serving.agent_queue import AgentQueue
from shopwright.serving.messages import RecommendBody
from shopwright.serving.metrics import Metrics
from shopwright.serving.routes import recommend_routes
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.store import Store
from tiny import reader_of

BODIES: list[dict[str, Any]] = [
    {"request": "a green mug"},
    {"request": "a large mug, dishwasher safe", "price_limit": 40.0},
    {"request": "some red mug", "filters": {"options": {"color": "green"}}},
    {
        "request": "a red mug",
        "understood": {"pieces": [{"part": "kind", "text": "mug", "value": "mug"}]},
    },
]


class Client:
    """One that never hangs up."""

    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}


@pytest.fixture
def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The texts that were given to the language model, of each time."""
    read: list[list[str]] = []
    encode_each = LanguageModel.encode_each

    def noted(model: LanguageModel, texts: list[str], *, limit: int) -> Any:
        read.append(list(texts))
        return encode_each(model, texts, limit=limit)

    monkeypatch.setattr(LanguageModel, "encode_each", noted)
    return read


def answers(service: Service, *, together: bool) -> list[Mapping[str, Any]]:
    """What the bodies are answered with, when all wait, or one after the other."""

    async def ask() -> list[bytes]:
        queue = AgentQueue(10, service.read_ahead)
        (recommend,) = (
            route.endpoint  # type: ignore[attr-defined]
            for route in recommend_routes(service, queue, Metrics()).routes
            if route.path == "/recommend"  # type: ignore[attr-defined]
        )
        release = threading.Event()
        asked = [recommend(RecommendBody(**body), Client()) for body in BODIES]
        if together:
            blocked = asyncio.create_task(queue.run(lambda: release.wait(10)))
            asked = [asyncio.create_task(each) for each in asked]
            await asyncio.sleep(0)
            release.set()
            await blocked
        found = [(await each).body for each in asked]
        queue.close()
        return found

    records = [orjson.loads(body) for body in asyncio.run(asyncio.wait_for(ask(), 30))]
    return [{**record, "recommendation_id": ""} for record in records]


@pytest.fixture
def serving(store: Store) -> Iterator[Callable[..., Service]]:
    """Makes services, whose work in the background ends with the test."""
    made: list[Service] = []

    def service(shop: Shop, agents: Mapping[str, LearnedAgent], **how: Any) -> Service:
        made.append(Service(shop, agents, store, **how))
        return made[-1]

    yield service
    for each in made:
        each.generations.close()


def agent_in(shop: Shop, model: Path) -> LearnedAgent:
    torch.manual_seed(0)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
    return LearnedAgent(network, reader_of(shop, model), name="tiny")


def test_who_waits_is_read_together_and_answered_as_alone(
    tiny_shop: Shop,
    tiny_model_folder: Path,
    serving: Callable[..., Service],
    texts_read: list[list[str]],
) -> None:
    def service() -> Service:
        return serving(tiny_shop, {"tiny": agent_in(tiny_shop, tiny_model_folder)})

    alone = answers(service(), together=False)
    one_by_one = list(texts_read)
    texts_read.clear()
    assert answers(service(), together=True) == alone
    assert all(len(texts) == 1 for texts in one_by_one)
    assert len(one_by_one) == len(BODIES)
    # What is read ahead is what is read then: nothing else is read, and nothing twice. As many as
    # wait for it are read at once.
    assert agent_queue.READ_TOGETHER == evidence.AT_ONCE >= len(BODIES)
    assert texts_read == [[text for texts in one_by_one for text in texts]]


@pytest.mark.parametrize(("labels", "fast"), [(("a", "b"), False), (("a",), True)])
def test_nothing_is_read_for_an_agent_that_may_not_be_asked(
    labels: tuple[str, ...],
    fast: bool,
    tiny_shop: Shop,
    tiny_model_folder: Path,
    serving: Callable[..., Service],
    texts_read: list[list[str]],
) -> None:
    agent = agent_in(tiny_shop, tiny_model_folder)
    service = serving(tiny_shop, dict.fromkeys(labels, agent), fast=fast)
    assert service.text_to_read("a mug") is None
    assert texts_read == []


def test_nothing_is_read_for_an_agent_that_reads_nothing(
    service: Service, two_agents: Service
) -> None:
    for each in (service, two_agents):
        assert each.text_to_read("a mug") is None
        each.read_ahead(["a mug", "a lamp"])


def test_what_will_be_refused_is_not_even_understood(
    tiny_shop: Shop,
    tiny_model_folder: Path,
    serving: Callable[..., Service],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = serving(tiny_shop, {"tiny": agent_in(tiny_shop, tiny_model_folder)})
    assert service.text_to_read("a mug", agent="tiny") == "a mug"
    monkeypatch.setattr(Service, "understand", None)
    assert service.text_to_read("a mug", agent="other") is None


def test_an_agent_reads_ahead_when_it_does_not_compute(
    tiny_shop: Shop,
    tiny_model_folder: Path,
    serving: Callable[..., Service],
    texts_read: list[list[str]],
) -> None:
    service = serving(tiny_shop, {"tiny": agent_in(tiny_shop, tiny_model_folder)})
    reading = threading.Thread(target=service.read_ahead, args=(["a mug", "a lamp"],))
    with service._computing:
        reading.start()
        reading.join(0.05)
        assert texts_read == []
    reading.join(10)
    assert texts_read == [["a mug", "a lamp"]]


def test_the_application_reads_ahead(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def queue(waiting: int, read_ahead: object) -> AgentQueue:
        given.append(read_ahead)
        return AgentQueue(waiting)

    monkeypatch.setattr(app, "AgentQueue", queue)
    app.create_app(service)
    assert given == [service.read_ahead]
