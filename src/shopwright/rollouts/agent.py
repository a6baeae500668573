"""What an agent must offer, under each of the two protocols.

- pages: the agent sees only what the pages show, knows what it was trained on, and acts only with
  the available actions.
- catalogue: the agent is the shop's own recommender: it may read the stored texts of the search
  results, and answers with a product and its options at once.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.goals import Goal
from shopwright.shop.page import Page
from shopwright.shop.shop import Shop


class Said(NamedTuple):
    """A reply of a language model: the key of what it was asked, and the reply as JSON types."""

    key: str
    reply: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a language model was asked for a choice, and what it said.

    Attributes:
        shown: the last message that it was shown.
        replies: its replies; several if it found the first questions too long.
        tokens_in, tokens_out: how many tokens it read, and wrote or compared.
        steps_left_out: how many earlier steps were not shown, as they did not fit.
        overrun: whether it was too long even so.
        valid: whether the page offered its action.
    """

    shown: str
    replies: tuple[Said, ...]
    tokens_in: int
    tokens_out: int
    steps_left_out: int = 0
    overrun: bool = False
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """What an agent does next, and how likely it found each action.

    Attributes:
        action: an action string.
        candidates: (action, probability) of the actions it chose from.
        exchange: how it was asked, if it is a language model.
    """

    action: str
    candidates: tuple[tuple[str, float], ...]
    exchange: Exchange | None = None

    @classmethod
    def certain(cls, action: str) -> Choice:
        """Return a choice without alternatives."""
        return cls(action, ((action, 1.0),))

    @property
    def log_probability(self) -> float:
        """Of the action; 0 if it is the only one."""
        for action, probability in self.candidates:
            if action == self.action:
                return min(0.0, math.log(max(probability, 1e-30)))
        return 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An agent's recommendation under the catalogue protocol.

    Attributes:
        asin: the product.
        options: option group → value.
        candidates: (asin, probability) of the products it chose from.
        log_probability: of product and options together.
    """

    asin: str
    options: Mapping[str, str]
    candidates: tuple[tuple[str, float], ...] = ()
    log_probability: float = 0.0


class Visitor(Protocol):
    """An agent in one episode, with what it saw there."""

    def choose(self, page: Page) -> Choice:
        """Return what to do on a page; pages come in the order of the episode."""


class Named(Protocol):
    """What every agent says of itself.

    Attributes:
        name: what tables call it.
        deterministic: whether it does the same with any ``rng``.

    One that has ``independent`` = True is not deterministic, but what it does depends on the
    episode and its ``rng`` alone, not on episodes before: several processes may play them.
    """

    name: str
    deterministic: bool


@runtime_checkable
class Agent(Named, Protocol):
    """Anything that shops on pages. It is never told the goal, nor handed the shop."""

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode.

        Args:
            request: what is to be bought, in words.
            step_limit: the number of actions at most; None for no limit.
            rng: makes the agent sample its actions; None: it does what it finds best.
        """


class Opinion(Protocol):
    """What an agent thinks of the products that it considers for a request.

    Attributes:
        probabilities: asin → how likely it would buy the product, likeliest first.
    """

    @property
    def probabilities(self) -> Mapping[str, float]: ...

    def options(self, asins: Sequence[str]) -> list[dict[str, str]]:
        """Return the options that it would choose of some of these products."""


@runtime_checkable
class Considerate(Protocol):
    """An agent that can say what it thinks of every product that it considers."""

    def consider(self, request: str) -> Opinion | None:
        """Return what it thinks of the products that its search finds; None if that is none."""


@runtime_checkable
class ReadsAhead(Protocol):
    """An agent that reads several requests in less time than one after the other."""

    def read_ahead(self, requests: Sequence[str]) -> None:
        """Read requests that it is likely to be asked for: a hint, without which its answers are
        the same."""


@runtime_checkable
class CatalogueAgent(Named, Protocol):
    """Anything that answers a request at once, as the shop's own recommender."""

    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Return a product with its options; None if the search finds nothing.

        Args:
            request: what is to be bought, in words.
            rng: makes the agent sample its answer; None: it gives the one that it finds best.
        """


class Shopper(Agent, CatalogueAgent, Protocol):
    """An agent under both protocols."""


@runtime_checkable
class PrivilegedAgent(Named, Protocol):
    """An agent that is told the goal and may ask the shop for rewards: a bound on what is possible
    or a teacher, no fair competitor."""

    def for_goal(self, goal: Goal, shop: Shop) -> Shopper:
        """Return the agent for this goal in this shop."""


@runtime_checkable
class Recorder(Protocol):
    """An agent that keeps a record of its episodes."""

    def record(self, request: str, reward: float, choices: Sequence[Choice]) -> None:
        """Take note of an episode under the pages protocol; they come in the order of the run."""


AnyAgent = Agent | CatalogueAgent | PrivilegedAgent
