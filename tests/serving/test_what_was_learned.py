"""What was learned, as the dashboard shows it."""

from __future__ import annotations

from typing import Any

import pytest

from shopwright.conversations.agents import RuleConverser
from shopwright.serving.conversations import Conversations
from shopwright.serving.learned import DAY, MONTH, learned_record
from shopwright.serving.service import Service
from shopwright.store.store import Feedback, Recommendation, Store

NOW = 1_800_000_000.0


def ask(store: Store, number: int, *, bought: bool | None, **more: object) -> None:
    """Log a recommendation with its outcome; ``None`` for none yet."""
    customer = more.pop("customer", None)
    at = NOW - float(more.pop("days_ago", 0.0)) * DAY  # type: ignore[arg-type]
    agent = str(more.pop("agent", "agent"))
    id = f"id-{number:06}"
    store.add_recommendation(
        Recommendation(
            id=id, at=at, agent=agent, propensities={agent: 1.0}, request="a rug", settings=more,
            items=("A",),
        ),
        customer,  # type: ignore[arg-type]
    )  # fmt: skip
    if bought is not None:
        store.add_feedback(Feedback(id, "bought" if bought else "dismissed", "A", at))


def spoken(id: str, questions: int) -> dict[str, object]:
    return {"conversation": {"id": id, "questions": questions}}


def test_an_empty_store_has_learned_nothing(store: Store) -> None:
    assert learned_record(store, NOW) == {
        "releases": {"steps": [], "latest": None},
        "conversations": [],
        "questions": [],
        "customers": {"customers": 0, "agents": []},
    }


def test_a_conversation_ends_once_whatever_was_shown_in_it(store: Store) -> None:
    ask(store, 0, bought=False, **spoken("one", 0))
    ask(store, 1, bought=True, **spoken("one", 1))
    ask(store, 2, bought=False, **spoken("two", 0))
    ask(store, 3, bought=False, **spoken("two", 1))
    ask(store, 4, bought=None, **spoken("three", 0))
    ask(store, 5, bought=True)
    (one,) = learned_record(store, NOW)["conversations"]
    assert (one["questions"], one["judged"], one["successes"]) == (1, 2, 1)
    low, high = one["success_interval"]
    assert low < 0.5 < high


def test_questions_are_counted_with_what_came_of_them(service: Service, client_of: Any) -> None:
    asks = Conversations(service, RuleConverser(name="asks", least_gain=0.01))
    begun = asks.start(next(p.query for p in service.shop.catalogue if len(p.options) > 1))
    asks.go_on(begun["conversation_id"], begun["question"]["choices"][0])
    (asked, *others) = client_of(service).get("/learned").json()["questions"]
    assert not others, "the second question has no answer yet"
    assert (asked["asked"], asked["chose"], asked["went_on"]) == (1, 1, 1)
    settings = [each.settings for each in service.store.recommendations()]
    assert [each["conversation"]["questions"] for each in settings] == [0, 1]


def test_a_customer_counts_for_the_agent_that_answered_first(store: Store) -> None:
    ask(store, 0, bought=True, customer="ann", days_ago=40, agent="old")
    ask(store, 1, bought=True, customer="ann", days_ago=35, agent="new")
    ask(store, 2, bought=True, customer="ann", days_ago=5, agent="new")  # In the second month.
    ask(store, 3, bought=False, customer="bob", days_ago=40, agent="old")
    ask(store, 4, bought=True, customer="cleo", days_ago=MONTH / DAY + 1, agent="new")
    ask(store, 5, bought=True, customer="dan", days_ago=3, agent="new")  # Not a month yet.
    record = learned_record(store, NOW)["customers"]
    assert record["customers"] == 4
    new, old = record["agents"]
    assert (new["agent"], new["customers"], new["purchases"], new["returned"]) == ("new", 1, 1, 0)
    assert new["purchases_interval"] is None
    assert (old["agent"], old["customers"], old["purchases"], old["returned"]) == ("old", 2, 1, 0.5)
    low, high = old["purchases_interval"]
    assert low == pytest.approx(0.0)
    assert high == pytest.approx(2.0)
