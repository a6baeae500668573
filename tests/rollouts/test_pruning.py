"""Pruning: loops go, the outcome stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.rollouts.generate import prune
from shopwright.rollouts.records import Step, Trajectory, trajectory_of
from shopwright.shop.goals import Goal
from shopwright.shop.pages import PageKind, State
from shopwright.shop.reward import Reward
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop


def page(state: State) -> tuple[object, ...]:
    """What a shopper sees, apart from which products were opened before."""
    return (
        state.page, state.query, state.page_number, state.row, tuple(state.options.items()),
        state.subpage,
    )  # fmt: skip


def replay(shop: Shop, goal: Goal, actions: list[str]) -> tuple[Session, list[tuple[object, ...]]]:
    session = Session(shop, goal)
    pages = [page(session.state)]
    for action in actions:
        session.act(action)
        pages.append(page(session.state))
    return session, pages


def recorded(shop: Shop, goal: Goal, actions: list[str]) -> Trajectory:
    session = Session(shop, goal)
    steps = []
    done = False
    for action in actions:
        observation = session.text()
        reward, done = session.act(action)
        steps.append(
            Step(observation=observation, available_actions=(action,), action=action, reward=reward)
        )
    assert done, "the example must end with a purchase"
    return trajectory_of(goal, steps, reward=steps[-1].reward, purchased=True)


def outcome(session: Session) -> tuple[int | None, dict[str, str], Reward | None]:
    return session.state.row, dict(session.state.options), session.state.reward


SEARCH = "search[running shoes]"
FIRST, SECOND = "click[shoe000001]", "click[shoe000002]"
BACK, NEXT, PREVIOUS = "click[back to search]", "click[next >]", "click[< prev]"
BUY = "click[buy now]"


@pytest.mark.parametrize(
    ("actions", "kept"),
    [
        ([SEARCH, FIRST, BUY], [0, 1, 2]),
        ([SEARCH, SEARCH, FIRST, BUY], [0, 2, 3]),
        ([SEARCH, BACK, SEARCH, FIRST, BUY], [0, 3, 4]),
        (["nonsense", BUY, SEARCH, FIRST, BUY], [2, 3, 4]),
        (["search[lamp]", SEARCH, FIRST, BUY], [0, 1, 2, 3]),
        # What the first search brought may be the reason for the second.
        (["search[lamp]", BACK, SEARCH, FIRST, BUY], [0, 1, 2, 3, 4]),
        (["search[lamp]", BACK, BACK, "nonsense", SEARCH, FIRST, BUY], [0, 1, 4, 5, 6]),
        ([SEARCH, SECOND, PREVIOUS, FIRST, BUY], [0, 3, 4]),
        ([SEARCH, NEXT, PREVIOUS, FIRST, BUY], [0, 3, 4]),
        ([SEARCH, NEXT, NEXT, PREVIOUS, PREVIOUS, FIRST, BUY], [0, 5, 6]),
        ([SEARCH, FIRST, "click[features]", PREVIOUS, BUY], [0, 1, 4]),
        ([SEARCH, FIRST, "click[features]", PREVIOUS, "click[red]", BUY], [0, 1, 4, 5]),
        ([SEARCH, FIRST, "click[red]", "click[red]", BUY], [0, 1, 2, 4]),
        ([SEARCH, FIRST, "click[red]", "click[navy blue]", "click[red]", BUY], [0, 1, 2, 5]),
        ([SEARCH, FIRST, "click[red]", "click[navy blue]", BUY], [0, 1, 2, 3, 4]),
        ([SEARCH, FIRST, "click[nothing of the kind]", "nonsense", BUY], [0, 1, 4]),
        ([SEARCH, FIRST, PREVIOUS, FIRST, PREVIOUS, BACK, SEARCH, SECOND, BUY], [0, 7, 8]),
    ],
)  # fmt: skip
def test_loops_are_pruned(small_shop: Shop, actions: list[str], kept: list[int]) -> None:
    for goal in small_shop.goals:
        trajectory = recorded(small_shop, goal, actions)
        pruned = prune(trajectory, small_shop)
        assert pruned.steps == tuple(trajectory.steps[number] for number in kept)
        before, _ = replay(small_shop, goal, actions)
        after, _ = replay(small_shop, goal, pruned.actions)
        assert outcome(after) == outcome(before)
        assert (pruned.reward, pruned.purchased) == (trajectory.reward, True)


@settings(max_examples=150, deadline=None)
@given(
    goal_number=st.integers(0, 100),
    draws=st.lists(st.integers(0, 1000), max_size=40),
)
def test_pruning_keeps_the_outcome_and_no_page_twice(
    small_shop: Shop, goal_number: int, draws: list[int]
) -> None:
    goal = small_shop.goals[goal_number % len(small_shop.goals)]
    session = Session(small_shop, goal)
    actions: list[str] = []
    done = False
    searches = [SEARCH, "search[shoes]", "search[lamp soap]"]

    def act(action: str) -> None:
        nonlocal done
        actions.append(action)
        _, done = session.act(action)

    for draw in draws:
        # Looking up searches now and then only: most draws follow the page's links.
        offered = [f"click[{name}]" for name in session.clickables if name != "search"]
        offered += [searches[draw % len(searches)], "click[not there]"]
        act(offered[draw % len(offered)])
        if done:
            break
    if not done:
        for action in (SEARCH, FIRST, "click[navy blue]", BUY):
            act(action)
    pruned = prune(recorded(small_shop, goal, actions), small_shop)

    after, pages = replay(small_shop, goal, pruned.actions)
    assert outcome(after) == outcome(session)
    pages = [shown for shown in pages if shown[0] is not PageKind.SEARCH]
    assert len(set(pages)) == len(pages)
    positions = iter(actions)
    assert all(action in positions for action in pruned.actions), "an order of its own"
    assert prune(pruned, small_shop) == pruned
