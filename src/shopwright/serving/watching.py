"""An agent's episode step by step: what it saw, how likely it found each action, its relevance."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from shopwright.errors import GoalError
from shopwright.rollouts.rollout import Agent, Visitor
from shopwright.serving.pages import page_record, reward_record
from shopwright.shop.goals import NO_PRICE_LIMIT, Goal
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

STEP_LIMIT = 15
CANDIDATES_SHOWN = 12


@runtime_checkable
class Believer(Protocol):
    """A visitor that can say how likely it finds each product that it saw."""

    def relevance(self) -> list[float]:
        """Return the belief in each product, in the order in which they were seen."""


def episode_record(
    agent: Agent, shop: Shop, request: str | None, goal_number: int | None
) -> dict[str, Any]:
    """Let an agent shop on pages, doing what it finds best, and return the episode as JSON types.

    Args:
        agent: who shops.
        shop: where.
        request: what it is asked for; a purchase then has no reward.
        goal_number: a goal of the shop instead; its purchase has one.

    Raises:
        GoalError: there is no goal of this number.
    """
    goal = _goal(shop, request, goal_number)
    session = Session(shop, goal)
    visitor = agent.visit(shop, goal.instruction, step_limit=STEP_LIMIT, generator=None)
    steps: list[dict[str, Any]] = []
    seen: dict[int, None] = {}
    done = False
    while not done and len(steps) < STEP_LIMIT:
        page = page_record(session)
        seen.update(dict.fromkeys(session.state.shown_rows))
        choice = visitor.choose(session)
        chances = dict(choice.candidates)
        shown = sorted(chances.items(), key=lambda pair: -pair[1])[:CANDIDATES_SHOWN]
        steps.append(
            {
                "saw": page,
                "candidates": [
                    {
                        "action": action,
                        "probability": round(chance, 6),
                        "chosen": action == choice.action,
                    }
                    for action, chance in shown
                ],
                "candidate_count": len(chances),
                "action": choice.action,
                "probability": round(chances.get(choice.action, 1.0), 6),
                "relevance": _beliefs(visitor, shop, list(seen)),
            }
        )
        _, done = session.act(choice.action)
    reward = session.state.reward if done else None
    return {
        "request": goal.instruction,
        "goal": goal_number,
        "steps": steps,
        "purchased": page_record(session)["item"] if done else None,
        "reward": reward_record(reward) if reward is not None and goal_number is not None else None,
    }


def _goal(shop: Shop, request: str | None, number: int | None) -> Goal:
    if number is None:
        return Goal(
            asin="",
            instruction=request or "",
            attributes=(),
            options={},
            price_upper=NO_PRICE_LIMIT,
        )
    if not 0 <= number < len(shop.goals):
        raise GoalError(f"goal: expected 0 to {len(shop.goals) - 1}, got {number}")
    return shop.goals[number]


def _beliefs(visitor: Visitor, shop: Shop, rows: list[int]) -> list[dict[str, Any]]:
    """What a visitor believes about the products it saw; nothing if it keeps no relevance."""
    relevance = visitor.relevance() if isinstance(visitor, Believer) else []
    if not relevance:
        return []
    listings = [shop.catalogue.listing(row) for row in rows[-len(relevance) :]]
    pairs = sorted(zip(listings, relevance, strict=False), key=lambda pair: -pair[1])
    return [
        {"asin": listing.asin, "title": listing.title, "belief": round(belief, 6)}
        for listing, belief in pairs[:CANDIDATES_SHOWN]
    ]
