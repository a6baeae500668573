"""Shoppers made of rules: what they want, what they say of it, and how they take what they get.

A shopper knows a goal of the shop and answers from it, never from its product: no title and no
asin passes its lips. What tempers are like is assumed, not estimated from people; the assumptions
stand in :data:`TEMPERS`, one below the other.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from shopwright.catalogue.attributes import request_text
from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.conversations.acts import FEW_CHOICES, Act, Item, Kind
from shopwright.conversations.manners import EVEN, Manner
from shopwright.errors import InputError
from shopwright.shop.goals import Goal
from shopwright.shop.price_limits import is_limit
from shopwright.shop.reward import Reward, count_attributes, option_match
from shopwright.shop.shop import Shop

INDIFFERENT, UNSURE, NONE_OF_THESE = "It does not matter.", "I am not sure.", "None of these."
COME_TO_THE_POINT = "Please come to the point."
_KIN = 50  # Products of a kind that are looked at for a wish that none of them fulfils.


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How a shopper talks and decides.

    Attributes:
        name: what tables call it.
        openings: what a first message says beside the kind; one of them, each as likely: "" for
            nothing, "attribute" for one attribute, "attributes" for all, "options" for all options.
        cost: what each turn takes off the reward, unless the manner says.
        patience: so many turns, then the shopper leaves without a purchase.
        values: how many wishes a message names at most.
        recall: how likely the shopper can name an option or a limit when asked. What is among
            few choices is recognised, and attributes always are.
        cares: how likely each option of the goal matters; those that do not are no part of it.
        explains: whether the shopper says what is wrong with what was offered.
        unfulfilled: whether there is a wish that no product of the kind fulfils.
        corrects: whether the first option that is named is the wrong one, corrected a turn later.
    """

    name: str
    openings: tuple[str, ...] = ("", "attribute", "attributes", "options")
    cost: float = 0.02
    patience: int = 10
    values: int = 9
    recall: float = 1.0
    cares: float = 1.0
    explains: bool = True
    unfulfilled: bool = False
    corrects: bool = False


TEMPERS: Mapping[str, Temper] = {
    temper.name: temper
    for temper in (
        Temper(name="plain"),
        Temper(name="terse", openings=("",), cost=0.03, patience=8, values=1, explains=False),
        Temper(name="vague", openings=("", "attribute"), recall=0.4),
        Temper(name="indifferent", openings=("", "attribute"), cost=0.03, patience=8, cares=0.3),
        Temper(name="impatient", openings=("", "options"), cost=0.06, patience=4, explains=False),
        Temper(name="unfulfilled", unfulfilled=True),
        Temper(name="contradicting", corrects=True),
    )
}


def temper_of(name: object) -> Temper:
    """Return a temper by name.

    Raises:
        InputError: there is no such temper.
    """
    if name not in TEMPERS:
        raise InputError(f"temper: expected one of {', '.join(TEMPERS)}, got {name!r:.60}")
    return TEMPERS[str(name)]


class Speaker(Protocol):
    """Who plays a shopper.

    Attributes:
        goal: what is wanted, by which a purchase is rewarded.
        temper: what turns cost, and how many there are.
        manner: what a question or an offer costs, if that differs.
    """

    goal: Goal
    temper: Temper
    manner: Manner

    def open(self) -> str:
        """Return the first message."""

    def answer(self, question: Act, sentence: str) -> str:
        """Return what is said to a question."""

    def look_at(self, items: Sequence[Item]) -> tuple[Item | None, str]:
        """Return the item that is bought, if one is, and what is said."""


class RuleShopper:
    """A shopper made of rules; the same arguments give the same shopper.

    Args:
        shop: where.
        goal: what is wanted; the temper may change it, see :attr:`goal`.
        temper: how the shopper talks.
        rng: decides what is left to chance.
        manner: what the shopper minds.
        words: decides how what is minded shows; of its own, so that the rest is the same for all.
    """

    def __init__(
        self,
        shop: Shop,
        goal: Goal,
        temper: Temper,
        rng: random.Random,
        manner: Manner = EVEN,
        words: random.Random | None = None,
    ) -> None:
        self._shop, self.temper, self._rng = shop, temper, rng
        self.manner, self._words = manner, words or random.Random(0)
        self.goal = self._own(goal)
        options = self.goal.options
        self._options = dict(options) if isinstance(options, Mapping) else {}
        self._recalled: dict[str, bool] = {}
        self._misnamed = ""  # The group whose value is to be corrected.
        self._has_misnamed = not temper.corrects
        self._turns = 0

    def _own(self, goal: Goal) -> Goal:
        """The goal as somebody of this temper has it."""
        temper, rng = self.temper, self._rng
        if temper.cares < 1.0 and isinstance(goal.options, Mapping):
            kept = {n: v for n, v in goal.options.items() if rng.random() < temper.cares}
            goal = replace(goal, options=kept)
        if temper.unfulfilled and (wish := unfulfilled_wish(self._shop, goal, rng)):
            goal = replace(goal, attributes=(*goal.attributes, wish))
        return goal

    def open(self) -> str:
        """Return the first message."""
        says, goal = self._rng.choice(self.temper.openings), self.goal
        attributes = {"attribute": goal.attributes[:1], "attributes": goal.attributes}.get(says, ())
        kind = goal.query or goal.title
        asked = request_text(kind, attributes).removeprefix("Find me ")
        if says == "options" and self._options:
            named = ", ".join(f"{group}: {value}" for group, value in self._options.items())
            asked = f"{asked}, {named}"
        cue = self.manner.cue(self._words)
        return " ".join(filter(None, (cue, self._in_words("I am looking for {}.", asked))))

    def answer(self, question: Act, sentence: str) -> str:
        """Return what is said to a question."""
        said = self._correction() + self._said(question)
        return self._urged(said, question)

    def _said(self, question: Act) -> str:
        if question.kind is Kind.ATTRIBUTES:
            wanted = [a for a in question.choices if a in self.goal.attributes]
            named = wanted[: self.temper.values]
            if not named:
                return "None of these matters."
            return self._in_words("It should be {}.", " and ".join(named))
        if question.kind is Kind.LIMIT:
            if not is_limit(self.goal.price_upper):
                return INDIFFERENT
            if not self._recalls(""):
                return UNSURE
            amount = format_price(self.goal.price_upper, self._shop.catalogue.currency)
            return self._in_words("At most {}.", amount)
        value = self._options.get(question.group)
        if value is None:
            return INDIFFERENT
        is_recognised = value in question.choices and len(question.choices) <= FEW_CHOICES
        if not is_recognised and not self._recalls(question.group):
            return NONE_OF_THESE if 0 < len(question.choices) <= FEW_CHOICES else UNSURE
        others = [choice for choice in question.choices if choice != value]
        if not self._has_misnamed and others:
            self._has_misnamed, self._misnamed = True, question.group
            value = self._rng.choice(others)
        return self._in_words("I would like {}.", value)

    def look_at(self, items: Sequence[Item]) -> tuple[Item | None, str]:
        """Return the item that is bought: one that fulfils all that can be fulfilled; and what is
        said."""
        rewards = [self._reward(item) for item in items]
        parts = len(self.goal.attributes) + len(self._options) + 1
        enough = 1.0 - (1.0 / parts if self.temper.unfulfilled else 0.0)
        best = max(range(len(items)), key=lambda number: rewards[number].total, default=None)
        if best is not None and rewards[best].total >= enough - 1e-9:
            return items[best], "I take this one."
        said = self._correction() + NONE_OF_THESE
        if items and self.temper.explains:
            said += self._complaint(items[0], rewards[0])
        return None, self._urged(said)

    def _complaint(self, item: Item, reward: Reward) -> str:
        """What is wrong with an item: the first thing that is not as wanted."""
        product = self._shop.catalogue[item.row]
        for group, value in self._options.items():
            met = any(option_match(chosen, (group, value)) for chosen in item.options.values())
            if not met and self._recalls(group):
                return f" I would like {value}."
        for attribute in self.goal.attributes:
            if not count_attributes(product, [attribute]):
                return f" It should be {attribute}."
        return "" if reward.price else " That is too expensive."

    def _correction(self) -> str:
        if not self._misnamed:
            return ""
        value, self._misnamed = self._options[self._misnamed], ""
        return f"Sorry, I meant {value}. "

    def _recalls(self, wish: str) -> bool:
        """Whether a wish can be named: once and for all."""
        if wish not in self._recalled:
            self._recalled[wish] = self._rng.random() < self.temper.recall
        return self._recalled[wish]

    def _in_words(self, sentence: str, value: str) -> str:
        return value if self.temper.values == 1 else sentence.format(value)

    def _urged(self, said: str, question: Act | None = None) -> str:
        """What is said, with a remark at times and a warning before the last turn."""
        self._turns += 1
        remark = self.manner.remark(question, self._words)
        warning = COME_TO_THE_POINT if self._turns == self.temper.patience - 1 else ""
        return " ".join(filter(None, (said, remark, warning)))

    def _reward(self, item: Item) -> Reward:
        return self._shop.reward_of_row(self.goal, item.row, item.options)


def unfulfilled_wish(shop: Shop, goal: Goal, rng: random.Random) -> str:
    """Return an attribute of another product that none of the goal's kind has; "" if none is found
    soon."""
    kin = _of_kind(shop, goal)
    for _ in range(20):
        other = shop.catalogue[rng.randrange(len(shop.catalogue))]
        wish = rng.choice(other.attributes or (DEFAULT_ATTRIBUTE,))
        if wish != DEFAULT_ATTRIBUTE and not any(count_attributes(each, [wish]) for each in kin):
            return wish
    return ""


def _of_kind(shop: Shop, goal: Goal) -> list[Product]:
    """Products of the goal's kind, as far as the shop's search finds them."""
    rows = shop.search_rows(goal.query or goal.title)[:_KIN]
    return [each for row in rows if (each := shop.catalogue[row]).query == goal.query]
