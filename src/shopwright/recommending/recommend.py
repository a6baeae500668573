"""The trained agent as a recommender: several rollouts on one request end in several purchases.

Source: Feng & Feng, 2024 (arXiv 2408.16032), section 6.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from shopwright.config import Configuration, setting
from shopwright.errors import InputError
from shopwright.rollouts.rollout import Agent, Answer
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop

REQUEST_CHARACTERS = 2_000


@runtime_checkable
class Roller(Protocol):
    """An agent for whom many rollouts of one request cost little more than one."""

    def rollouts(
        self, shop: Shop, request: str, generators: Sequence[random.Random | None]
    ) -> list[Answer]:
        """Answer a request once for each generator; nothing if the search finds nothing."""


@dataclass(frozen=True, kw_only=True)
class RecommendConfig(Configuration):
    """How requests are answered."""

    count: int = setting(5, help="items in the list at most", minimum=1)
    rollouts: int = setting(
        20, help="sampled rollouts beside the one that does what is best", minimum=0
    )
    seed: int = setting(0, help="decides the samples")


@dataclass(frozen=True, slots=True)
class RecommendedItem:
    """A product of a ranked list.

    Attributes:
        asin, title: the product's.
        options: option group → value, as chosen for the request.
        price: the price tag.
        score: the share of rollouts that bought it, 0 to 1.
    """

    asin: str
    title: str
    options: Mapping[str, str]
    price: str
    score: float

    def record(self) -> dict[str, Any]:
        """Return the item as JSON types."""
        return {
            "asin": self.asin,
            "title": self.title,
            "options": dict(self.options),
            "price": self.price,
            "score": self.score,
        }


def recommend(
    agent: Agent, shop: Shop, request: str, config: RecommendConfig | None = None
) -> list[RecommendedItem]:
    """Return a ranked list of products for a request, best first.

    The agent answers the request several times (catalogue protocol): once with what it finds best,
    then sampling. Products are ranked by how many rollouts bought them, then by the best rollout's
    probability; each comes with the options of its likeliest rollout. What the best rollout bought
    stands first.

    Args:
        agent: who answers; not one that must be told a goal.
        shop: where.
        request: plain words.
        config: see :class:`RecommendConfig`.

    Raises:
        InputError: the request is empty or too long, or a number is not above 0.
    """
    config = config or RecommendConfig()
    if not request.strip():
        raise InputError("request: expected some words, got none")
    if len(request) > REQUEST_CHARACTERS:
        raise InputError(
            f"request: expected at most {REQUEST_CHARACTERS} characters, got {len(request)}"
        )
    if config.count < 1 or config.rollouts < 0:
        raise InputError(
            f"count and rollouts: expected at least 1 and 0, got {config.count}, {config.rollouts}"
        )
    if not hasattr(agent, "answer"):
        raise InputError(f"agent: expected one that answers requests, got {agent!r}")
    samples = 0 if agent.deterministic else config.rollouts
    generators = [
        None,
        *(python_rng(config.seed, "recommend", request, number) for number in range(samples)),
    ]
    if isinstance(agent, Roller):
        answers = agent.rollouts(shop, request, generators)
    else:
        found = [agent.answer(shop, request, generator=generator) for generator in generators]
        answers = [answer for answer in found if answer is not None]
    if not answers:
        return []
    best = answers[0]
    by_asin: dict[str, list[Answer]] = {}
    for answer in answers:
        by_asin.setdefault(answer.asin, []).append(answer)
    ranked = sorted(
        by_asin.items(),
        key=lambda entry: (
            entry[0] != best.asin,
            -len(entry[1]),
            -max(answer.log_probability for answer in entry[1]),
        ),
    )
    items = []
    for asin, bought in ranked[: config.count]:
        product = shop.product(asin)
        likeliest = max(bought, key=lambda answer: answer.log_probability)
        share = len(bought) / len(answers)
        items.append(
            RecommendedItem(asin, product.title, likeliest.options, product.price_tag, share)
        )
    return items
