"""Whatever is asked of a service, in any order, it answers as a few lists would.

Products come, change and go, customers are forgotten, feedback comes twice, late or about nothing,
the folder is compacted, and the service ends and begins again, in the middle of it all.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from starlette.testclient import TestClient

from shopwright.agents.rules import Rule
from shopwright.catalogue.generate import generate_products
from shopwright.serving.app import create_app
from shopwright.serving.service import Service
from shopwright.shop.compact import compact_shop
from shopwright.shop.living import LivingShop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.store.store import Store

PRODUCTS = list(generate_products(12, seed=6))
ASINS = [*(product.asin for product in PRODUCTS[:4]), "new/1", "new/2"]
CUSTOMERS = ("ann", "bob")
KINDS = ("shown", "clicked", "bought", "dismissed")
REQUESTS = ("a lamp", "xyzzy gadget", "something warm in red")


@dataclass
class Answered:
    """A recommendation, and what was done with it."""

    items: list[str]
    customer: str | None
    done: set[tuple[str, str]] = field(default_factory=set)

    @property
    def outcome(self) -> int | None:
        if any(kind == "bought" for kind, _ in self.done):
            return 1
        dismissed = {asin for kind, asin in self.done if kind == "dismissed"}
        return 0 if "" in dismissed or len(dismissed) >= max(1, len(self.items)) else None


class Traffic(RuleBasedStateMachine):
    """A service, and what it should know."""

    built: Path

    ids = Bundle("ids")
    conversations = Bundle("conversations")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.built.parent))
        shutil.copytree(self.built, self.folder / "shop")
        # What products cost; None: as they were made, which may be a range.
        self.prices: dict[str, str | None] = dict.fromkeys(product.asin for product in PRODUCTS)
        self.answered: dict[str, Answered] = {}
        self.heard: dict[str, list[str]] = {}
        self.begin()

    def begin(self) -> None:
        agents = {"rule": Rule(choose_options=True)}
        self.service = Service(
            LivingShop.open(self.folder / "shop").shop,
            agents,
            Store(self.folder / "kept.sqlite", "shop"),
            reopen=lambda shop: agents,
        )
        self.client = TestClient(create_app(self.service), raise_server_exceptions=False)

    def teardown(self) -> None:
        self.client.close()
        self.service.close()

    def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        answer = self.client.post(path, json=body)
        return answer.status_code, answer.json()

    def logged(self, record: dict[str, Any], customer: str | None) -> None:
        """Note a recommendation; it has nothing that is not there."""
        items = [item["asin"] for item in record["items"]]
        assert len({*items}) == len(items)
        assert {*items} <= self.prices.keys()
        for item in record["items"]:
            assert self.prices[item["asin"]] in (None, item["price"])
        self.answered[record["recommendation_id"]] = Answered(items, customer)

    @rule(
        target=ids,
        request=st.sampled_from(REQUESTS),
        count=st.integers(1, 3),
        customer=st.none() | st.sampled_from(CUSTOMERS),
    )
    def ask(self, request: str, count: int, customer: str | None) -> str:
        status, record = self.post("/recommend", request=request, count=count, customer_id=customer)
        assert status == 200
        assert len(record["items"]) <= count
        self.logged(record, customer)
        return str(record["recommendation_id"])

    @rule(id=ids, kind=st.sampled_from(KINDS), data=st.data())
    def tell(self, id: str, kind: str, data: st.DataObject) -> None:
        known = self.answered.get(id)
        asin = data.draw(st.sampled_from([None, *(known.items if known else ASINS)]))
        status, record = self.post("/feedback", recommendation_id=id, kind=kind, asin=asin)
        if known is None:
            assert status == 404
        elif asin is None and kind not in ("shown", "dismissed"):
            assert status == 422
        else:
            assert (status, record["new"]) == (200, (kind, asin or "") not in known.done)
            known.done.add((kind, asin or ""))

    @rule(id=ids, kind=st.sampled_from(KINDS))
    def tell_of_something_else(self, id: str, kind: str) -> None:
        status, _ = self.post("/feedback", recommendation_id=id, kind=kind, asin="no item of it")
        assert status == (422 if id in self.answered else 404)

    @rule(target=conversations, message=st.sampled_from(REQUESTS))
    def begin_to_talk(self, message: str) -> str:
        status, record = self.post("/conversations", message=message, count=2)
        assert (status, record["message"]) == (200, 0)
        self.logged(record, None)
        self.heard[record["conversation_id"]] = [message]
        return str(record["conversation_id"])

    @rule(id=conversations, message=st.sampled_from(("red", "under 30 dollars", *REQUESTS)))
    def go_on_talking(self, id: str, message: str) -> None:
        status, record = self.post(f"/conversations/{id}/messages", message=message, count=2)
        assert (status, record["message"]) == (200, len(self.heard[id]))
        self.logged(record, None)
        self.heard[id].append(message)

    @rule(price=st.integers(1, 99), asins=st.lists(st.sampled_from(ASINS), min_size=1, unique=True))
    def change(self, price: int, asins: list[str]) -> None:
        products = [{"asin": asin, "title": "Xyzzy Gadget", "price": price} for asin in asins]
        answer = self.client.patch("/products", json={"products": products})
        assert answer.status_code == 200
        assert answer.json()["new"] == sum(asin not in self.prices for asin in asins)
        self.prices |= dict.fromkeys(asins, f"${price}.00")

    @rule(asin=st.sampled_from(ASINS))
    def remove(self, asin: str) -> None:
        status = self.client.delete(f"/products/{asin}").status_code
        assert status == (200 if asin in self.prices else 404)
        self.prices.pop(asin, None)

    @rule(target=ids, customer=st.sampled_from(CUSTOMERS))
    def forget(self, customer: str) -> Any:
        theirs = {id: each for id, each in self.answered.items() if each.customer == customer}
        assert self.client.delete(f"/customers/{customer}").json() == {
            "customer_id": customer,
            "recommendations_deleted": len(theirs),
            "feedback_deleted": sum(len(each.done) for each in theirs.values()),
        }
        self.answered = {id: each for id, each in self.answered.items() if id not in theirs}
        return multiple()

    @rule()
    def compact(self) -> None:
        compact_shop(self.folder / "shop", tagger=WordTagger())

    @rule()
    def end_and_begin_again(self) -> None:
        self.teardown()
        self.begin()

    @rule(id=consumes(conversations))
    def read_what_was_said(self, id: str) -> None:
        record = self.client.get(f"/conversations/{id}").json()
        assert [each["heard"] for each in record["messages"]] == self.heard[id]
        assert self.client.get(f"/conversations/{id[::-1]}").status_code == 404

    @invariant()
    def knows_what_it_should(self) -> None:
        lines = self.client.get("/feed").text.splitlines()
        assert sorted(json.loads(line)["id"] for line in lines) == sorted(self.prices)
        for asin in ASINS:
            answer = self.client.get(f"/products/{asin}")
            assert answer.status_code == (200 if asin in self.prices else 404)
            if asin in self.prices:
                assert self.prices[asin] in (None, answer.json()["price"])
        assert [each.id for each in self.service.store.recommendations()] == [*self.answered]
        outcomes = Counter(each.outcome for each in self.answered.values())
        succeeded, failed = self.service.store.counts()
        assert (succeeded.total(), failed.total()) == (outcomes[1], outcomes[0])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop folder."""
    folder = tmp_path_factory.mktemp("traffic") / "built"
    shop: Shop = build_shop(PRODUCTS, folder, source={}, tagger=WordTagger())
    return shop.folder


def play(folder: Path, examples: int, steps: int) -> None:
    """Let things happen, each time to a new service of a copy of the shop."""
    run_state_machine_as_test(
        type("Placed", (Traffic,), {"built": folder}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_some_traffic(built: Path) -> None:
    play(built, examples=3, steps=15)


@pytest.mark.slow
def test_much_traffic(built: Path) -> None:
    play(built, examples=10, steps=40)
