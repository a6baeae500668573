"""The ranking of products for a request: one for the command line, HTTP, page and Python.

The score has one meaning: the probability with which the agent, under the catalogue protocol, buys
this product with these options. :func:`rank_by_rollouts` is the paper's way instead.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp
from typing import Any, Protocol, runtime_checkable

from shopwright.agents.rules import options_for
from shopwright.display import html_table
from shopwright.errors import InputError
from shopwright.rollouts.agent import Answer, CatalogueAgent
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop
from shopwright.understanding.amounts import price_limit

REQUEST_CHARACTERS = 2_000

Keep = Callable[[str], bool]


@runtime_checkable
class Ranker(Protocol):
    """An agent that can say which products it finds likeliest, each with options."""

    def answers(self, request: str, *, count: int, keep: Keep) -> list[Answer]:
        """Return the likeliest purchases of products that may be kept, best first."""


@runtime_checkable
class Roller(Protocol):
    """An agent for which many rollouts of one request cost little more than one."""

    def rollouts(self, request: str, rngs: Sequence[random.Random | None]) -> list[Answer]:
        """Answer a request once for each ``rng``; nothing if the search finds nothing."""


def score_text(score: float) -> str:
    """Return a score as people read it: "–" for a search result that fills the list up, of which
    the agent says nothing."""
    if score == 0.0:
        return "–"
    return "<0.01" if score < 0.01 else f"{score:.2f}"


@dataclass(frozen=True, slots=True)
class RecommendedItem:
    """A product of a ranked list.

    Attributes:
        asin, title: the product's.
        options: option group → value, as chosen for the request.
        price: the price tag.
        score: the probability with which the agent buys the product with these options, 0 to 1; 0
            for what fills the list up from the search results.
    """

    asin: str
    title: str
    options: Mapping[str, str]
    price: str
    score: float

    def __repr__(self) -> str:
        return f"<{self.asin} {self.title[:40]!r} {self.price} score {score_text(self.score)}>"


@dataclass(frozen=True, slots=True)
class Recommendation(Sequence[RecommendedItem]):
    """Products for a request, best first.

    Attributes:
        request: as it was asked.
        items: the products.
    """

    request: str
    items: tuple[RecommendedItem, ...]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, place: Any) -> Any:
        return self.items[place]

    def record(self) -> dict[str, Any]:
        """Return the recommendation as JSON types."""
        return {"request": self.request, "items": list(map(asdict, self.items))}

    def __repr__(self) -> str:
        best = f", best: {self.items[0]!r}" if self.items else ""
        return f"<{len(self)} items for {self.request[:40]!r}{best}>"

    def _repr_html_(self) -> str:
        rows = [
            (
                item.title,
                ", ".join(f"{name}: {value}" for name, value in item.options.items()),
                item.price,
                score_text(item.score),
                item.asin,
            )
            for item in self.items
        ]
        return html_table(self.request, ("product", "options", "price", "score", "asin"), rows)


def check_request(request: str) -> str:
    """Return a request that an agent can read.

    Raises:
        InputError: it is empty or too long.
    """
    if not request.strip():
        raise InputError("request: expected some words, got none")
    if len(request) > REQUEST_CHARACTERS:
        raise InputError(
            f"request: expected at most {REQUEST_CHARACTERS} characters, got {len(request)}"
        )
    return request


def rank(
    agent: CatalogueAgent, shop: Shop, request: str, *, count: int = 5, keep: Keep | None = None
) -> list[RecommendedItem]:
    """Return the products that an agent finds likeliest, in the order of their scores.

    An agent without probabilities of its own gives one product; search results fill the list up,
    with the options whose values stand in the request.

    Args:
        keep: which asins may be among them; all if None.
    """
    keep = keep or (lambda _: True)
    limit = price_limit(request, shop.catalogue.currency)
    if isinstance(agent, Ranker):
        answers = agent.answers(request, count=count, keep=keep)
        return [_item(shop, each, exp(min(0.0, each.log_probability)), limit) for each in answers]
    best = agent.answer(shop.catalogue, request, rng=None)
    if best is None:
        return []
    likely = dict(best.candidates) or {best.asin: 1.0}
    found = (shop.catalogue.asin_of(row) for row in shop.search_rows(request))
    items: list[RecommendedItem] = []
    for asin in dict.fromkeys((best.asin, *likely, *found)):
        if len(items) == count:
            break
        if not keep(asin):
            continue
        chosen = best.options
        if asin != best.asin:
            chosen = options_for(shop.product(asin), request)
        items.append(_item(shop, Answer(asin, chosen), likely.get(asin, 0.0), limit))
    return items


def rank_by_rollouts(
    agent: CatalogueAgent,
    shop: Shop,
    request: str,
    *,
    count: int = 5,
    rollouts: int = 20,
    seed: int = 0,
) -> list[RecommendedItem]:
    """Return products by the share of sampled rollouts that bought them, which is the score.

    The agent answers the request once with what it finds best, then sampling. What the best rollout
    bought stands first; among equals the likelier purchase does. Each product comes with the
    options of its likeliest rollout.

    Args:
        rollouts: sampled ones; an agent that does the same each time needs none.

    Source: Feng & Feng, 2024 (arXiv 2408.16032), section 6.
    """
    samples = range(0 if agent.deterministic else rollouts)
    rngs = [None, *(python_rng(seed, "recommend", request, number) for number in samples)]
    if isinstance(agent, Roller):
        answers = agent.rollouts(request, rngs)
    else:
        found = [agent.answer(shop.catalogue, request, rng=rng) for rng in rngs]
        answers = [answer for answer in found if answer is not None]
    bought: dict[str, list[Answer]] = {}
    for answer in answers:
        bought.setdefault(answer.asin, []).append(answer)
    likeliest = {
        asin: max(same, key=lambda answer: answer.log_probability) for asin, same in bought.items()
    }
    order = sorted(
        bought,
        key=lambda asin: (
            asin != answers[0].asin,
            -len(bought[asin]),
            -likeliest[asin].log_probability,
        ),
    )
    limit = price_limit(request, shop.catalogue.currency)
    return [_item(shop, likeliest[a], len(bought[a]) / len(answers), limit) for a in order[:count]]


def _item(shop: Shop, answer: Answer, score: float, limit: float | None) -> RecommendedItem:
    """An item that can be bought: of a product with variants one of them."""
    product = shop.product(answer.asin)
    options = product.settled(answer.options, limit)
    price = product.shown_price_with(options)
    return RecommendedItem(product.asin, product.title, options, price, score)
