"""How likely each purchase is the one that a shopper wants, and what a question would tell.

A purchase is a product with a value of each of its groups of options. The ranking of the opening
gives the prior; each wish that is named multiplies it by how likely it is named of the
product, as if wishes were independent of each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from shopwright.conversations.acts import (
    FEW_CHOICES,
    MOST_CHOICES,
    MOST_OFFERED,
    Act,
    Item,
    Kind,
)
from shopwright.conversations.answers import Answer
from shopwright.conversations.candidates import Candidates, Group

_CHOSEN_ATTRIBUTES = 3
LIMIT_ABOVE = 1.33  # A limit is taken to be so many times the price of the product.


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """How messages are taken.

    Attributes:
        sharpness: the exponent of the scores of the ranking.
        lacking: how likely a product is meant that lacks a wish that was named, beside one that
            has it.
        wished: how likely an attribute of the product is among the wishes.
        indifferent: how likely a shopper says that a group does not matter that the product has.
    """

    sharpness: float = 0.8
    lacking: float = 0.02
    wished: float = 0.4
    indifferent: float = 0.5


class Posterior:
    """How likely each purchase is the one that is wanted, among candidates.

    Attributes:
        candidates: the products.
        weights: float, (products,): how likely each is meant; they sum to 1.
        options: group → the value that is asked for.
        attributes: the numbers of those that are asked for.
        limit: what it may cost at most; None if nobody said.
        closed: the groups that need not be asked about any more, and "" for the limit.
        unnamed: the groups of which the shopper could not name a value; few choices may help.
        excluded: group → the numbers of values that choices named and that are none of the wishes.
        declined: the numbers of attributes that choices named and the shopper did not.
        refused: the items that were offered and not bought.
    """

    def __init__(self, candidates: Candidates, config: Assumptions | None = None) -> None:
        self.candidates = candidates
        self.assumptions = config or Assumptions()
        self.options: dict[str, str] = {}
        self.attributes: set[int] = set()
        self.limit: float | None = None
        self.closed: set[str] = set()
        self.unnamed: set[str] = set()
        self.excluded: dict[str, set[int]] = {}
        self.declined: set[int] = set()
        self.refused: dict[int, set[frozenset[tuple[str, str]]]] = {}
        self._left: tuple[tuple[int, int], np.ndarray] | None = None
        self.weights = self._weights()

    def hear(self, answer: Answer, question: Act | None = None) -> None:
        """Take in what a message says. What is said last counts."""
        names = self.candidates.attributes
        self.options.update(answer.options)
        self.attributes.update(names.index(name) for name in answer.attributes)
        if answer.limit is not None:
            self.limit = answer.limit
        if answer.too_dear and self.refused:
            self._lower_limit()
        if question and question.kind is Kind.LIMIT:
            self.closed.add("")
        elif question and question.group in self.candidates.groups:
            self._close(question, answer)
        elif question and question.kind is Kind.ATTRIBUTES:
            self.declined.update(names.index(name) for name in question.choices if name in names)
        self.closed.update(self.options)
        self.declined -= self.attributes
        self.weights = self._weights()

    def _close(self, question: Act, answer: Answer) -> None:
        """Take in that a group was asked about, unless its value was not among the choices."""
        group = self.candidates.groups[question.group]
        if answer.none_of_these and question.choices:
            places = {group.values.index(v) for v in question.choices if v in group.values}
            self.excluded.setdefault(group.name, set()).update(places)
            self.unnamed.add(group.name)
        elif answer.unsure and len(question.choices) > FEW_CHOICES:
            self.unnamed.add(group.name)
        else:
            self.closed.add(group.name)

    def offers_of(self, group: Group) -> np.ndarray:
        """What each product offers of a group and may still be wanted: bool, (products, values)."""
        if group.name not in self.excluded:
            return group.offers
        offers = group.offers.copy()
        offers[:, sorted(self.excluded[group.name])] = False
        return offers

    def refuse(self, items: tuple[Item, ...]) -> None:
        """Take in that these were offered and not bought; what is no candidate does not matter."""
        for item in items:
            if item.row in self.candidates.rows:
                place = self.candidates.rows.index(item.row)
                self.refused.setdefault(place, set()).add(item.key[1])
        self.weights = self._weights()

    def _lower_limit(self) -> None:
        prices = [self.candidates.prices[place] for place in self.refused]
        known = [price for price in prices if np.isfinite(price)]
        if known:
            below = 0.99 * min(known)
            self.limit = below if self.limit is None else min(self.limit, below)

    def _weights(self) -> np.ndarray:
        known, config = self.candidates, self.assumptions
        weights: np.ndarray = known.scores**config.sharpness
        for number in self.attributes:
            weights = weights * np.where(known.has[:, number], 1.0, config.lacking)
        for number in self.declined:
            weights = weights * np.where(known.has[:, number], 1.0 - config.wished, 1.0)
        for name, value in self.options.items():
            group = known.groups[name]
            offered = group.offers[:, group.values.index(value)]
            weights = weights * np.where(offered, 1.0, config.lacking)
        for name in self.excluded.keys() - self.options.keys():
            group = known.groups[name]
            left = self.offers_of(group).sum(axis=1) / np.maximum(group.counts, 1.0)
            weights = weights * np.where(group.counts > 0, np.maximum(left, config.lacking), 1.0)
        for name in self.closed - self.options.keys() - {""}:
            has_group = known.groups[name].counts > 0
            weights = weights * np.where(has_group, config.indifferent, 1.0)
        if self.limit is not None:
            weights = weights * np.where(known.prices > self.limit, config.lacking, 1.0)
        for place, keys in self.refused.items():
            left = max(0.0, 1.0 - len(keys) / self.combinations()[place])
            weights[place] *= max(left, config.lacking)
        total = weights.sum()
        return weights / total if total else weights

    def _open_groups(self) -> list[Group]:
        return [group for name, group in self.candidates.groups.items() if name not in self.closed]

    def combinations(self) -> np.ndarray:
        """How many purchases of each product what was said leaves: float, (products,)."""
        # Both only grow.
        state = len(self.closed), sum(map(len, self.excluded.values()))
        if self._left is None or self._left[0] != state:
            left = np.ones(len(self.candidates))
            for group in self._open_groups():
                excluded = group.name in self.excluded
                counts = self.offers_of(group).sum(axis=1) if excluded else group.counts
                left = left * np.maximum(counts, 1.0)
            self._left = state, left
        return self._left[1]

    def best(self, count: int = MOST_OFFERED) -> tuple[list[Item], float]:
        """Return the likeliest purchases that were not refused, and how likely one of them is
        wanted."""
        chances = self.weights / self.combinations()
        items: list[Item] = []
        chance = 0.0
        for place in np.argsort(-chances, kind="stable").tolist():
            for item in islice(self._items(place), count - len(items)):
                items.append(item)
                chance += float(chances[place])
            if len(items) == count:
                break
        return items, chance

    def safest(self) -> tuple[Item, float]:
        """Return the purchase that is expected to come nearest to what is wanted, and how near, 0
        to 1: one that was refused, if all others are less like what is wanted."""
        known = self.candidates
        met = np.ones(len(known))
        for name, value in self.options.items():
            group = known.groups[name]
            met += group.offers[:, group.values.index(value)]
        met += known.has[:, sorted(self.attributes)].sum(axis=1)
        if self.limit is not None:
            met += ~(known.prices > self.limit)
        wishes = 1 + len(self.options) + len(self.attributes) + (self.limit is not None)
        nearness = (met + self.weights @ known.shared) / (wishes + 1)
        nearness *= self.weights @ known.kinship
        place = int(nearness.argmax())
        left = next(self._items(place), None)
        item = left or next(self._items(place, refused=True))
        return item, float(nearness[place])

    def _items(self, place: int, *, refused: bool = False) -> Iterator[Item]:
        """A product's purchases, those that were refused only if asked for; each value that was
        asked for chosen."""
        goods, row = self.candidates.products[place], self.candidates.rows[place]
        without = set() if refused else self.refused.get(place, set())
        values = [self._values(name, own) for name, own in goods.options.items()]
        for chosen in product(*values):
            options = dict(zip(goods.options, chosen, strict=True))
            item = Item(row, goods.settled(options))
            if item.key[1] not in without:
                yield item

    def _values(self, name: str, own: tuple[str, ...]) -> Sequence[str]:
        """Which values of a product's group may be wanted: that asked for, any if it is closed,
        else those that are not excluded."""
        if self.options.get(name) in own:
            return [self.options[name]]
        if name in self.closed:
            return own[:1]
        if not (excluded := self.excluded.get(name)):
            return own
        values = self.candidates.groups[name].values
        without = {values[number] for number in excluded}
        return [value for value in own if value not in without] or own

    def questions(self) -> list[tuple[Act, float, float]]:
        """Return what can be asked, each with how many nats its answer would tell of the purchase,
        and how likely its answer is among its choices; the most telling first. A group can be asked
        about with many choices and with few."""
        asked = [each for group in self._open_groups() for each in self._about_group(group)]
        asked += self._about_attributes()
        if "" not in self.closed and self.limit is None:
            asked.append(self._about_limit())
        return sorted((each for each in asked if each[1] > 1e-6), key=lambda each: -each[1])

    def _about_group(self, group: Group) -> list[tuple[Act, float, float]]:
        offers = self.offers_of(group)
        counts = offers.sum(axis=1)
        share = np.divide(self.weights, counts, out=np.zeros_like(self.weights), where=counts > 0)
        chances = share @ offers
        gain = _entropy(np.append(chances, self.weights[counts == 0].sum()))
        likeliest = np.argsort(-chances, kind="stable")
        count = int((chances > 0.0).sum())
        sizes = [FEW_CHOICES] if group.name in self.unnamed else [MOST_CHOICES, FEW_CHOICES]
        asked = []
        for size in dict.fromkeys(min(size, count) for size in sizes):
            most = sorted(likeliest[:size].tolist())
            act = Act(Kind.OPTION, group.name, tuple(group.values[number] for number in most))
            listed = float(chances[most].sum()) / max(float(chances.sum()), 1e-9)
            asked.append((act, gain, listed))
        return asked

    def _about_attributes(self) -> list[tuple[Act, float, float]]:
        """The question for the attributes that tell most; none where none is left."""
        known, wished = self.candidates, self.assumptions.wished
        if not known.attributes:
            return []
        mass = self.weights @ known.has
        gains = _binary_entropy(wished * mass) - mass * _binary_entropy(np.array(wished))
        gains[[*self.attributes, *self.declined]] = 0.0
        most = np.argsort(-gains, kind="stable")[:_CHOSEN_ATTRIBUTES]
        chosen = [number for number in most.tolist() if gains[number] > 1e-6]
        if not chosen:
            return []
        choices = tuple(known.attributes[number] for number in chosen)
        named = 1.0 - float(np.prod(1.0 - wished * mass[chosen]))
        return [(Act(Kind.ATTRIBUTES, choices=choices), float(gains[chosen].sum()), named)]

    def _about_limit(self) -> tuple[Act, float, float]:
        """The question for the limit; what it tells is how much weight lies above a limit that is
        a third above the price of the product."""
        prices = np.where(np.isfinite(self.candidates.prices), self.candidates.prices, 0.0)
        below = prices[None, :] <= LIMIT_ABOVE * prices[:, None]
        left = np.maximum(below @ self.weights, 1e-9)
        return Act(Kind.LIMIT), float(-(self.weights * np.log(left)).sum()), 0.0

    @property
    def uncertainty(self) -> float:
        """The entropy of the purchase in nats."""
        return _entropy(self.weights) + float(self.weights @ np.log(self.combinations()))


def _entropy(chances: np.ndarray) -> float:
    positive = chances[chances > 0.0]
    return float(-(positive * np.log(positive)).sum())


def _binary_entropy(chances: np.ndarray) -> np.ndarray:
    within = np.clip(chances, 1e-12, 1.0 - 1e-12)
    entropy: np.ndarray = -within * np.log(within) - (1 - within) * np.log(1 - within)
    return entropy
