"""What a candidate would have brought on the log of a service.

A candidate that learned from the log itself is asked with the tastes that it learned without the
fold that a list is in, or it would be praised for what it knows by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.agents.registry import open_agent
from shopwright.agents.taste import TASTE, Taste
from shopwright.customers.feedback.heads import Seen
from shopwright.customers.feedback.judgments import JudgedList, judged_lists
from shopwright.customers.feedback.replay import Replay, Replayed
from shopwright.customers.feedback.value import Reranked, gain_over_log
from shopwright.errors import AgentError, InputError
from shopwright.rollouts.agent import CatalogueAgent
from shopwright.shop.shop import Shop
from shopwright.store.store import Store

Progress = Callable[[int, int], None]


def candidate_record(
    shop: Shop, name: str, store: Store, *, most: int = 5_000, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the estimated gain of a candidate in purchases a list, with its 95 % interval, as
    JSON types; None for both where the log says nothing of it.

    Args:
        name: the candidate's run folder, or a built-in agent.
        most: how many judged lists are used, the latest.

    Raises:
        InputError: the log judges nothing.
        AgentError: the candidate cannot recommend.
    """
    lists = judged_lists(store.recommendations(), store.feedback())[-most:]
    if not lists:
        raise InputError(f"{store.place}: expected lists that were looked at, got none")
    agent = open_agent(name, shop)
    if not isinstance(agent, CatalogueAgent):
        raise AgentError(f"{name}: expected an agent that reads requests, got another")
    tastes = _tastes(Path(name))
    replay = Replay(shop, agent)
    reranked = []
    for number, each in enumerate(lists, start=1):
        reranked.append(_reranked(each, replay(each.entry), tastes))
        if progress:
            progress(number, len(lists))
    estimate = gain_over_log(reranked)
    return {
        "lists": len(lists),
        "bought": sum(judgment.bought for each in lists for judgment in each.judgments),
        "gain": estimate.value if estimate else None,
        "interval": list(estimate.interval) if estimate else None,
    }


def _tastes(folder: Path) -> Sequence[Taste]:
    """The taste of each fold; none if the candidate has no taste."""
    if not (folder / TASTE).is_file():
        return [Taste({})]
    taste, said = Taste.read(folder)
    folds = said.get("folds") or []
    return [Taste(weights) for weights in folds] or [taste]


def _reranked(each: JudgedList, found: Replayed, tastes: Sequence[Taste]) -> Reranked:
    places = [found.place_of.get(asin) for asin in each.entry.items]
    seen = Seen(each, [None if place is None else found.features[place] for place in places])
    offers = found.offers[: found.found]
    taste = tastes[seen.fold % len(tastes)]
    shares = np.log([offer.share for offer in offers]) if offers else np.zeros(0)
    order = np.argsort(-(shares + taste.gains(offers)), kind="stable")[: len(each.entry.items)]
    return Reranked(
        seen,
        [offers[place].product.asin for place in order],
        [found.features[place] for place in order],
    )
