"""Conversations that point at what was listed, and go back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from shopwright.conversations.agents import NEVER
from shopwright.serving.conversations import Conversations
from shopwright.serving.deciding import Deciding
from shopwright.serving.kept_messages import KeptMessage
from shopwright.serving.service import Service
from shopwright.shop.shop import Shop
from shopwright.store.conversations import add_message, messages_of
from shopwright.understanding.request import Part


@pytest.fixture
def talking(service: Service) -> Conversations:
    """Conversations in which nothing is asked."""
    return Conversations(service, NEVER)


@pytest.fixture
def kind(served_shop: Shop) -> str:
    """A kind of which there are several products."""
    kinds = [product.query for product in served_shop.catalogue]
    return max(sorted(set(kinds)), key=kinds.count)


def asins(answer: dict[str, Any]) -> list[str]:
    return [item["asin"] for item in answer["items"]]


def test_one_of_a_list_is_looked_at(talking: Conversations, kind: str, served_shop: Shop) -> None:
    first = talking.start(kind, 3)
    id = first["conversation_id"]
    second = talking.go_on(id, "tell me about the second one", 3)
    assert asins(second) == asins(first)[1:2]
    assert second["heading"] == "This is number 2:"
    assert second["text"].splitlines()[1].startswith("2. ")
    product = served_shop.product(asins(first)[1])
    said = second["about"][product.asin]
    for group in product.options:
        assert any(line.lower().startswith(group.replace("_", " ").lower()) for line in said)
    assert second["understood"]["pieces"] == first["understood"]["pieces"]
    # Numbers still are those of the list.
    third = talking.go_on(id, "and the third?", 3)
    assert asins(third) == asins(first)[2:3]
    both = talking.go_on(id, "compare 1 and 3", 3)
    assert asins(both) == [asins(first)[0], asins(first)[2]]
    assert both["heading"] == "These are numbers 1 and 3:"


def test_what_is_asked_about_one_is_answered_and_no_wish(talking: Conversations, kind: str) -> None:
    first = talking.start(kind, 3)
    id = first["conversation_id"]
    asked = talking.go_on(id, "is the first one under 0.01 dollars?", 3)
    (lines,) = asked["about"].values()
    assert lines[0].startswith("price up to $0.01: no (price: $")
    unknown = talking.go_on(id, "is it made of zirconium", 3)
    assert asins(unknown) == asins(first)[:1]
    (lines,) = unknown["about"].values()
    assert "zirconium: the shop does not say." in lines
    assert unknown["understood"]["pieces"] == first["understood"]["pieces"]


def test_more_leaves_out_what_was_shown(talking: Conversations, kind: str) -> None:
    first = talking.start(kind, 3)
    id = first["conversation_id"]
    more = talking.go_on(id, "show me more", 3)
    still = talking.go_on(id, "more", 3)
    shown = [*asins(first), *asins(more), *asins(still)]
    assert len(shown) == len(set(shown))
    again = talking.go_on(id, "at most 100000 dollars", 3)
    assert set(asins(again)) & set(asins(first))


def test_what_is_refused_stays_away(talking: Conversations, kind: str) -> None:
    first = talking.start(kind, 3)
    id = first["conversation_id"]
    refused = asins(first)[0]
    for message in ("not the first one", "at most 100000 dollars", "show me more"):
        assert refused not in asins(talking.go_on(id, message, 3))


def test_cheaper_and_alike(talking: Conversations, kind: str, served_shop: Shop) -> None:
    first = talking.start(kind, 3)
    id = first["conversation_id"]
    dearest = max(
        range(3), key=lambda place: served_shop.product(asins(first)[place]).price_dollars
    )
    price = served_shop.product(asins(first)[dearest]).price_dollars
    cheaper = talking.go_on(id, f"something cheaper than number {dearest + 1}", 3)
    (limit,) = [p["highest"] for p in cheaper["understood"]["pieces"] if p["part"] == "price"]
    assert limit == pytest.approx(price - 0.01, abs=0.01)
    chosen = asins(cheaper)[0]
    alike = talking.go_on(id, "more like the first one", 3)
    assert chosen not in asins(alike)
    assert [p for p in alike["understood"]["pieces"] if p["part"] == "feature"]


def test_going_back_as_often_as_there_was_something(talking: Conversations, kind: str) -> None:
    first = talking.start(kind, 3)
    id = first["conversation_id"]
    limited = talking.go_on(id, "under 50 dollars", 3)
    talking.go_on(id, "under 0.01 dollars", 3)
    for expected in (limited, first):
        back = talking.go_on(id, "undo", 3)
        assert back["understood"]["pieces"] == expected["understood"]["pieces"]
        assert asins(back) == asins(expected)
    nothing = talking.go_on(id, "undo", 3)
    assert nothing["text"] == "What are you looking for?"
    assert talking.go_on(id, "undo", 3)["text"] == "What are you looking for?"


def test_what_asks_for_no_product_changes_nothing(
    talking: Conversations, kind: str, service: Service
) -> None:
    first = talking.start(kind, 3)
    id, size = first["conversation_id"], service.store.size()
    for message, reply in (
        ("do you ship to Canada?", "I can only help"),
        ("that's not what I asked for", "Sorry."),
        ("thanks", "You are welcome."),
        ("what do you sell?", "For example: "),
    ):
        answer = talking.go_on(id, message, 3)
        assert answer["text"].startswith(reply)
        assert answer["items"] == []
        assert answer["understood"]["pieces"] == first["understood"]["pieces"]
    # Nothing was recommended, and the numbers are those of the list.
    assert service.store.size() == size
    assert asins(talking.go_on(id, "the second one", 3)) == asins(first)[1:2]
    begun = talking.start("are you a bot?")
    assert begun["text"].startswith("I can only help")


def test_a_wish_beside_a_remark_counts(talking: Conversations, kind: str) -> None:
    answer = talking.start(f"do you ship {kind}")
    assert answer["items"]


def test_what_is_looked_at_counts_for_the_list(
    talking: Conversations, kind: str, service: Service
) -> None:
    first = talking.start(kind, 3)
    looked = talking.go_on(first["conversation_id"], "the second one", 3)
    assert looked["recommendation_id"] == first["recommendation_id"]
    assert service.feedback(looked["recommendation_id"], "bought", asins(looked)[0])


@pytest.mark.parametrize("between", ["do you ship to Canada?", "the first one", "thanks"])
def test_going_back_from_what_changed_nothing_is_the_list(
    talking: Conversations, kind: str, between: str
) -> None:
    first = talking.start(kind, 3)
    id = first["conversation_id"]
    talking.go_on(id, between, 3)
    back = talking.go_on(id, "go back", 3)
    assert asins(back) == asins(first)
    assert back["heading"] == first["heading"]


def test_going_back_to_a_remark_repeats_none(talking: Conversations, kind: str) -> None:
    first = talking.start(kind, 3)
    for message in ("thanks", "under 0.01 dollars"):
        talking.go_on(first["conversation_id"], message, 3)
    back = talking.go_on(first["conversation_id"], "undo", 3)
    assert asins(back) == asins(first)
    assert back["heading"] == first["heading"]


@pytest.mark.parametrize("message", ["cheaper", "more like the first", "which is the cheapest?"])
def test_products_that_are_gone_are_left_out(served_shop: Shop, kind: str, message: str) -> None:
    listed = [p.asin for p in served_shop.catalogue if p.query == kind][:2]
    deciding = Deciding(served_shop, NEVER, lambda kept: ("GONE", *listed))
    first = deciding.decide([], kind)
    then = deciding.decide([first], message)
    assert then.understood.of(Part.KIND)


@pytest.mark.parametrize(
    "message",
    [
        "any " + "-" * 1990, "any " + "a" * 1980 + " b c", "\r" * 1990, "just " * 400,
        "red or " * 280, "with a " * 280, "pay " * 490, "good bye " * 220, "ok no " * 330,
        "1,000 " * 330, "if " * 660, "not small " * 200, "a, b; " * 330, "is it " * 330,
    ],
)  # fmt: skip
def test_no_message_holds_a_worker(served_shop: Shop, kind: str, message: str) -> None:
    deciding = Deciding(served_shop, NEVER, lambda kept: ("A", "B", "C"))
    first = deciding.decide([], kind)
    began = time.process_time()
    deciding.decide([first], message)
    assert time.process_time() - began < 2.0


def test_a_chat_without_memory_points_as_well(client: TestClient, kind: str) -> None:
    def said(*messages: str) -> dict[str, Any]:
        body = {"messages": [{"role": "user", "content": each} for each in messages]}
        answer: dict[str, Any] = client.post("/v1/chat/completions", json=body).json()
        return answer["shopwright"]

    first = said(kind)
    assert asins(said(kind, "the second one please")) == asins(first)[1:2]


def test_what_was_shown_can_be_read_again(talking: Conversations, kind: str) -> None:
    first = talking.start(kind, 2)
    (message,) = talking.read(first["conversation_id"])["messages"]
    assert message["items"] == [
        {"asin": item["asin"], "title": item["title"].strip()} for item in first["items"]
    ]


def test_messages_of_earlier_versions_are_read(
    talking: Conversations, kind: str, service: Service
) -> None:
    id = talking.start(kind, 3)["conversation_id"]
    (record,) = messages_of(service.store.database, id)
    for name in ("back", "recommendation_id", "left_out", "refused", "points"):
        del record[name]
    add_message(service.store.database, "old", 0, 1.0, record)
    assert talking.read("old")["messages"][0]["items"] == []
    # Nothing is known of what was listed, so that nothing is pointed at.
    answer = talking.go_on("old", "tell me about the second one", 3)
    assert len(answer["items"]) == 3


def test_a_message_is_kept_whole(talking: Conversations, kind: str, service: Service) -> None:
    id = talking.start(kind, 3)["conversation_id"]
    talking.go_on(id, "is the second one red?", 3)
    for number, record in enumerate(messages_of(service.store.database, id)):
        assert KeptMessage.from_record(record, number).record() == record
