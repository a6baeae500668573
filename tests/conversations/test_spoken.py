"""A shopper that a language model plays, here one of a script."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.conversations.agents import RuleConverser, converse
from shopwright.conversations.conversation import Openings
from shopwright.conversations.shopper import TEMPERS
from shopwright.conversations.simulation import Episode
from shopwright.conversations.spoken import SpokenShopper
from shopwright.language.prompts import Message
from shopwright.shop.shop import Shop


class Scripted:
    """Says one thing after the other."""

    def __init__(self, *lines: str) -> None:
        self.lines, self.heard = list(lines), ""

    def say(self, messages: Sequence[Message], seed: int | None = None) -> str:
        self.heard = messages[-1]["content"]
        return self.lines.pop(0)


def test_a_model_plays_a_shopper(tiny_shop: Shop) -> None:
    goal = tiny_shop.goals[0]
    assert isinstance(goal.options, dict)
    model = Scripted(
        f"Some coffee mugs, perhaps {goal.asin}?", f"In {goal.options['color']}.", "BUY 1"
    )
    shopper = SpokenShopper(tiny_shop, goal, TEMPERS["plain"], model)
    episode = Episode(Openings(tiny_shop), shopper)
    assert goal.asin not in episode.conversation.turns[0].heard
    agent = RuleConverser(name="one question", most_questions=1)
    converse(episode, agent)
    assert "1. Coffee Mug" in model.heard
    assert episode.bought is not None
    assert episode.cost == 0.04


def test_a_number_that_is_not_shown_buys_nothing(tiny_shop: Shop) -> None:
    model = Scripted("coffee mugs", "BUY 9", "x" * 10_000)
    shopper = SpokenShopper(tiny_shop, tiny_shop.goals[0], TEMPERS["plain"], model)
    episode = Episode(Openings(tiny_shop), shopper)
    offer = next(act for act, _, _ in episode.conversation.acts() if act.kind == "offer")
    episode.act(offer)
    assert episode.bought is None
    episode.act(offer)
    assert len(episode.conversation.turns[-1].heard) == 500
