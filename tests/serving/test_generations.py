"""Agents follow their shop: new texts are read in the background, answers name what is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shopwright.agents.rules import Rule
from shopwright.catalogue.generate import generate_products
from shopwright.rollouts.agent import Answer
from shopwright.serving.messages import Filters
from shopwright.serving.service import Service
from shopwright.shop.changes import Change
from shopwright.shop.living import LivingShop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from shopwright.store.store import Store

*PRODUCTS, PENDING, NEW = generate_products(12, seed=8)


class Reading(Rule):
    """A rule that reads texts in two steps, once it may."""

    def __init__(self) -> None:
        super().__init__(choose_options=False)
        self.read: list[int] = []
        self.may_read = threading.Event()
        self.has_read = threading.Event()

    def at(self, catalogue: object) -> Reading:
        return self

    def reading(self, row: int) -> Iterator[None]:
        yield
        yield
        self.read.append(row)
        self.has_read.set()
        self.may_read.wait(10)


class Interrupted(Rule):
    """A rule whose shop changes while it answers."""

    change: Any = None
    answers = 0

    def answer(self, *arguments: Any, **settings: Any) -> Answer | None:
        self.answers += 1
        answer = super().answer(*arguments, **settings)
        if answer is not None:
            self.change(answer.asin)
        return answer


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return build_shop(PRODUCTS, tmp_path / "shop", source={}, tagger=WordTagger())


def test_texts_that_still_stand_are_read_in_the_background(shop: Shop, store: Store):
    LivingShop.of(shop).apply([Change.put(PENDING)], by="x")
    agent = Reading()
    service = Service(Shop.open(shop.folder), {"reading": agent}, store)
    assert agent.has_read.wait(10)
    for title in ("One", "Two", "Three"):
        service.generations.update([replace(NEW, title=title)], by="x")
    row = service.shop.catalogue.row_of(NEW.asin)
    agent.may_read.set()
    while len(agent.read) < 2:
        threading.Event().wait(0.01)
    service.close()
    # What was pending at the start, and the last of three changes.
    assert agent.read == [len(PRODUCTS), row]
    assert "states" not in {thread.name for thread in threading.enumerate()}


def test_agents_go_on_from_what_they_have_read(shop: Shop, store: Store):
    class Counting(Rule):
        """A rule that counts the changes that it went along with."""

        changes = 0

        def at(self, catalogue: object) -> Counting:
            moved = Counting(choose_options=False)
            moved.changes = self.changes + 1
            return moved

        def reading(self, row: int) -> Iterator[None]:
            return iter(())

    service = Service(shop, {"counting": Counting(choose_options=False)}, store)
    agents = []
    for title in ("One", "Two", "Three"):
        service.generations.update([replace(NEW, title=title)], by="x")
        agents.append(service.generations.current().agents["counting"])
        assert service.generations.latest is service.generations.current()
    service.close()
    first, *_ = counts = [agent.changes for agent in agents]
    assert counts == [first, first + 1, first + 2]


@pytest.mark.parametrize("removes", [False, True])
def test_only_removals_make_an_answer_wait_for_another(shop: Shop, store: Store, removes: bool):
    agent = Interrupted(choose_options=False)
    service = Service(shop, {"rule": agent}, store)
    named = []

    def change(asin: str) -> None:
        named.append(asin)
        cheaper = replace(shop.product(asin), price_dollars=1.0, pricing_dollars=(1.0,))
        gone = [asin] if removes and len(named) == 1 else []
        service.generations.update([] if gone else [cheaper], gone, by="x")

    agent.change = change
    request = service.understand(PRODUCTS[0].title)
    answer = service.answer("rule", request, count=1, filters=Filters())
    assert agent.answers == (2 if removes else 1)
    assert all(service.shop.catalogue.row_of(item.asin) is not None for item in answer)
