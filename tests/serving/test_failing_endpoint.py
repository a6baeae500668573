"""An agent whose model's server fails while the service serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

pytest.importorskip("httpx")

from starlette.testclient import TestClient

from scripted_server import Scripted, said
from shopwright.agents.registry import open_agent
from shopwright.agents.rules import RulePage
from shopwright.language.config import LanguageConfig
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.store import Store


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """The model's server."""
    server = Scripted()
    yield server
    server.close()


@pytest.fixture
def asking(
    served_shop: Shop,
    store: Store,
    scripted: Scripted,
    client_of: Callable[..., TestClient],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[float], Callable[[str], Any]]:
    """Given how long the model may take, returns what asks a service of two agents one of them,
    never the same twice: what was said once would be said again."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    numbers = count()

    def ask_within(seconds: float) -> Callable[[str], Any]:
        config = LanguageConfig(retries=0, timeout_seconds=seconds)
        model = open_agent(scripted.agent, served_shop, language=config)
        client = client_of(Service(served_shop, {"model": model, "rule-page": RulePage()}, store))
        return lambda agent: client.post(
            "/recommend", json={"request": f"lamp {next(numbers)}", "agent": agent}
        )

    return ask_within


FAULTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "it fails": lambda body: (500, {}, b"out of memory at 10.0.0.1"),
    "its key is taken back": lambda body: (401, {}, b'{"error": "sk-secret is revoked"}'),
    "its model is taken away": lambda body: (404, {}, b"no model of 10.0.0.1"),
    "what it says is no JSON": lambda body: b"<html>",
    "what it says is cut off": lambda body: b'{"choices": [',
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_said_once_and_the_service_lives_on(
    asking: Callable[[float], Callable[[str], Any]],
    scripted: Scripted,
    fault: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = asking(30)
    assert asked("model").status_code == 200
    well, scripted.answer = scripted.answer, FAULTS[fault]
    for _ in range(2):
        answer = asked("model")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "agent_unavailable")
        assert "10.0.0.1" not in answer.text
        assert "OPENAI_API_KEY" not in answer.text
        assert asked("rule-page").status_code == 200
    assert [line.levelname for line in caplog.records if "scripted@" in line.getMessage()] == [
        "ERROR"
    ] * 2
    assert all("\n" not in line.getMessage() for line in caplog.records)
    assert "sk-secret" not in caplog.text
    scripted.answer = well
    assert asked("model").status_code == 200


def test_a_server_that_answers_too_slowly_or_is_gone(
    asking: Callable[[float], Callable[[str], Any]], scripted: Scripted
) -> None:
    scripted.drip = 0.1
    asked = asking(0.2)
    assert asked("model").status_code == 503
    scripted.close()
    assert asked("model").json()["error"]["code"] == "agent_unavailable"
    assert asked("rule-page").status_code == 200


def test_what_it_says_that_is_no_action_is_an_answer(
    asking: Callable[[float], Callable[[str], Any]], scripted: Scripted
) -> None:
    scripted.answer = lambda body: said("I cannot help with that.")
    assert asking(30)("model").status_code == 200
