"""The paper's way to recommend: by the share of sampled rollouts that bought a product.

Source: Feng & Feng, 2024 (arXiv 2408.16032), section 6.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from shopwright.rollouts.agent import Answer, CatalogueAgent
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop


@runtime_checkable
class Roller(Protocol):
    """An agent for which many rollouts of one request cost little more than one."""

    def rollouts(self, request: str, rngs: Sequence[random.Random | None]) -> list[Answer]:
        """Answer a request once for each ``rng``; nothing if the search finds nothing."""


def purchases(
    agent: CatalogueAgent, shop: Shop, request: str, *, rollouts: int = 20, seed: int = 0
) -> list[tuple[Answer, float]]:
    """Return what an agent bought in some rollouts, with the share of them in which it did.

    The agent answers the request once with what it finds best, then sampling. What the best rollout
    bought stands first; among equals the likelier purchase does. Each product comes with the
    options of its likeliest rollout.

    Args:
        rollouts: sampled ones; an agent that does the same each time needs none.
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
    return [(likeliest[asin], len(bought[asin]) / len(answers)) for asin in order]
