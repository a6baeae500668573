"""An agent's episode step by step: what it saw, how likely it found each action, its relevance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from shopwright.errors import GoalError
from shopwright.rollouts.agent import Agent, Visitor
from shopwright.rollouts.episode import Episode
from shopwright.serving.pages import action_record, page_record, reward_record
from shopwright.serving.pictures import Pictures
from shopwright.shop.goals import Goal
from shopwright.shop.page import ListedProduct
from shopwright.shop.shop import Shop

STEP_LIMIT = 15
CANDIDATES_SHOWN = 12


@runtime_checkable
class Opinionated(Protocol):
    """A visitor that can say how relevant it finds each product that it saw."""

    def relevance(self) -> list[float]:
        """Return the probability that each product is the right one, in the order in which they
        were seen."""


def episode_record(
    agent: Agent,
    shop: Shop,
    request: str | None,
    goal_number: int | None,
    pictures: Pictures | None = None,
) -> dict[str, Any]:
    """Let an agent shop on pages, doing what it finds best, and return the episode as JSON types.

    Args:
        request: what it is asked for; a purchase then has no reward.
        goal_number: a goal of the shop instead; its purchase has one.
        pictures: where products' pictures are; None where none are shown.

    Raises:
        GoalError: there is no goal of this number.
    """
    episode = (
        Episode.for_request(shop, request or "", step_limit=STEP_LIMIT)
        if goal_number is None
        else Episode(shop, _goal(shop, goal_number), step_limit=STEP_LIMIT)
    )
    visitor = agent.visit(episode.request, step_limit=STEP_LIMIT, rng=None)
    steps: list[dict[str, Any]] = []
    seen: dict[int, ListedProduct] = {}
    for page, choice, _ in episode.play(visitor):
        seen.update((product.row, product) for product in page.results)
        chances = dict(choice.candidates)
        shown = sorted(chances.items(), key=lambda pair: -pair[1])[:CANDIDATES_SHOWN]
        steps.append(
            {
                "saw": page_record(page, shop.catalogue, pictures=pictures),
                "candidates": [
                    {
                        **action_record(action, page),
                        "action": action,
                        "probability": round(chance, 6),
                        "chosen": action == choice.action,
                    }
                    for action, chance in shown
                ],
                "candidate_count": len(chances),
                **action_record(choice.action, page),
                "action": choice.action,
                "probability": round(chances.get(choice.action, 1.0), 6),
                "relevance": _relevance(visitor, list(seen.values())),
            }
        )
    reward, last = episode.reward, episode.page()
    bought = page_record(last, shop.catalogue, pictures=pictures)["item"] if reward else None
    return {
        "request": episode.request,
        "goal": goal_number,
        "steps": steps,
        "purchased": bought,
        "reward": reward_record(reward) if reward and goal_number is not None else None,
    }


def _goal(shop: Shop, number: int) -> Goal:
    if not 0 <= number < len(shop.goals):
        raise GoalError(f"goal: expected 0 to {len(shop.goals) - 1}, got {number}")
    return shop.goals[number]


def _relevance(visitor: Visitor, seen: Sequence[ListedProduct]) -> list[dict[str, Any]]:
    """How relevant a visitor finds the products that it saw; nothing if it does not say."""
    relevance = visitor.relevance() if isinstance(visitor, Opinionated) else []
    if not relevance:
        return []
    pairs = sorted(zip(seen[-len(relevance) :], relevance, strict=False), key=lambda pair: -pair[1])
    return [
        {"asin": product.asin, "title": product.title, "relevance": round(share, 6)}
        for product, share in pairs[:CANDIDATES_SHOWN]
    ]
