"""Conversations over HTTP, and in the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shopwright.agents.rules import RulePage
from shopwright.conversations.agents import RuleConverser
from shopwright.recommending.recommender import Recommender
from shopwright.serving.conversations import MOST_MESSAGES, Conversations
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.conversations import add_message, messages_of
from shopwright.store.store import Store
from shopwright.understanding.request import ParsedRequest

ASKS = RuleConverser(name="asks", least_gain=0.01)


@pytest.fixture
def asking(service: Service) -> Conversations:
    """Conversations in which anything is asked that tells something."""
    return Conversations(service, ASKS)


def kind_with_options(shop: Shop) -> str:
    return next(p.query for p in shop.catalogue if len(p.options) > 1)


def test_questions_are_answered_until_none_is_left(
    asking: Conversations, served_shop: Shop
) -> None:
    answer = asking.start(kind_with_options(served_shop))
    id, asked = answer["conversation_id"], []
    while question := answer["question"]:
        assert question["text"] not in asked
        assert question["text"] in answer["text"]
        asked.append(question["text"])
        said = question["choices"][0] if question["choices"] else "at most 100 dollars"
        answer = asking.go_on(id, said)
        if question["about"] == "option":
            pieces = [p for p in answer["understood"]["pieces"] if p["part"] == "option"]
            assert said in [piece["value"] for piece in pieces]
    assert len(asked) >= 2
    assert answer["items"]
    heard = [each["heard"] for each in asking.read(id)["messages"]]
    assert heard[0] == kind_with_options(served_shop)


def test_a_conversation_survives_a_restart(
    asking: Conversations, served_shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "kept.sqlite"
    answers = []
    for restarts in (False, True):
        store = Store(path, "shop")
        first = Conversations(Service(served_shop, {"rule-page": RulePage()}, store), ASKS)
        id = first.start(kind_with_options(served_shop))["conversation_id"]
        if restarts:
            store.close()
            store = Store(path, "shop")
            first = Conversations(Service(served_shop, {"rule-page": RulePage()}, store), ASKS)
        answer = first.go_on(id, "it does not matter")
        answers.append({n: answer[n] for n in ("items", "question", "understood", "message")})
        store.close()
    assert answers[0] == answers[1]


def test_two_clients_in_one_conversation(asking: Conversations, served_shop: Shop) -> None:
    id = asking.start(kind_with_options(served_shop))["conversation_id"]
    texts = [f"under {price} dollars" for price in range(20, 28)]
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda text: asking.go_on(id, text)["message"], texts))
    assert sorted(numbers) == list(range(1, 9))
    heard = [each["heard"] for each in asking.read(id)["messages"]]
    assert sorted(heard[1:]) == texts


def test_who_contradicts_himself_gets_what_was_said_last(
    asking: Conversations, served_shop: Shop
) -> None:
    id = asking.start(f"{kind_with_options(served_shop)} under 50 dollars")["conversation_id"]
    for limit in (40, 30):
        answer = asking.go_on(id, f"rather under {limit} dollars")
    prices = [p["highest"] for p in answer["understood"]["pieces"] if p["part"] == "price"]
    assert prices == [30.0]


def test_numbers_are_given_once(store: Store) -> None:
    assert add_message(store.database, "c", 0, 1.0, {"heard": "a"})
    assert not add_message(store.database, "c", 0, 2.0, {"heard": "b"})
    assert messages_of(store.database, "c") == [{"heard": "a"}]
    assert messages_of(store.database, "d") == []


def test_over_http(client: TestClient, served_shop: Shop) -> None:
    begun = client.post("/conversations", json={"message": kind_with_options(served_shop)})
    assert begun.status_code == 200
    record = begun.json()
    assert {"conversation_id", "text", "items", "question", "understood"} <= record.keys()
    path = f"/conversations/{record['conversation_id']}"
    more = client.post(f"{path}/messages", json={"message": "something cheap", "count": 2})
    assert more.json()["message"] == 1
    assert len(more.json()["items"]) <= 2
    assert len(client.get(path).json()["messages"]) == 2
    feedback = {"recommendation_id": more.json()["recommendation_id"], "kind": "shown"}
    assert client.post("/feedback", json=feedback).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/conversations/unknown-id/messages", {"message": "red"}, 404),
        ("/conversations", {"message": ""}, 422),
        ("/conversations", {"message": "x" * 2_001}, 422),
        ("/conversations", {"message": "x" * 100_000}, 413),
        ("/conversations", {"message": 5}, 422),
        ("/conversations", {"message": "a mug", "mood": "bad"}, 422),
        ("/v1/chat/completions", {"messages": []}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "assistant", "content": "hi"}]}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": " "}]}, 422),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "x" * 100_000}]}, 413),
    ],
)  # fmt: skip
def test_what_cannot_be_answered(
    client: TestClient, path: str, body: dict[str, Any], status: int
) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_a_conversation_has_an_end(asking: Conversations, service: Service) -> None:
    id = asking.start("blanket")["conversation_id"]
    kept = messages_of(service.store.database, id)[0]
    for number in range(1, MOST_MESSAGES):
        add_message(service.store.database, id, number, 0.0, kept)
    with pytest.raises(ValueError, match="expected at most 60 messages"):
        asking.go_on(id, "red")


def test_chat_completions(client: TestClient, served_shop: Shop) -> None:
    kind = kind_with_options(served_shop)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "You sell things."},
        {"role": "user", "content": [{"type": "text", "text": kind}]},
    ]
    body = {"model": "any", "messages": messages, "temperature": 0.2}
    answer = client.post("/v1/chat/completions", json=body).json()
    message = answer["choices"][0]["message"]
    assert answer["model"] == "any"
    assert answer["object"] == "chat.completion"
    assert message["role"] == "assistant"
    assert answer["shopwright"]["items"][0]["title"].strip() in message["content"]
    messages += [message, {"role": "user", "content": "it does not matter"}]
    with client.stream("POST", "/v1/chat/completions", json={**body, "stream": True}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in stream.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    whole = client.post("/v1/chat/completions", json=body).json()
    assert said == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[0]["id"] == chunks[-1]["id"]


def test_a_chat_is_not_cut_without_a_word(client: TestClient) -> None:
    def status(*said: str) -> tuple[int, str]:
        messages = [{"role": "user", "content": text} for text in said]
        answer = client.post("/v1/chat/completions", json={"model": "any", "messages": messages})
        return answer.status_code, answer.text

    code, text = status(*["blanket"] * (MOST_MESSAGES + 1))
    assert code == 422
    assert "expected at most 60 of the user, got 61" in text
    code, text = status("blanket " * 300)
    assert code == 422
    assert "expected at most 2000 characters each, got 2400" in text


def test_it_is_said_when_nothing_is_understood_or_fits(
    asking: Conversations, served_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = kind_with_options(served_shop)
    with monkeypatch.context() as patched:
        patched.setattr(Recommender, "understand", lambda _, text: ParsedRequest(text=text))
        greeted = asking.start(kind)
    assert greeted["items"] == []
    assert greeted["text"] == "What are you looking for?"
    assert greeted["question"] is None
    id = asking.start(kind)["conversation_id"]
    far = asking.go_on(id, "under 0.01 dollars")
    assert far["text"].startswith("Nothing here is quite that")


def test_the_token_guards_conversations(
    service: Service, client_of: Callable[..., TestClient]
) -> None:
    guarded = client_of(service, token="secret")
    assert guarded.post("/conversations", json={"message": "a mug"}).status_code == 401
    assert guarded.post("/v1/chat/completions", json={"messages": []}).status_code == 401
