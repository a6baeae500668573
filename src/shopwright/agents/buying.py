"""The way to a purchase on pages: how many steps it takes, and which is next."""

from __future__ import annotations

import torch

from shopwright.agents.rules import BUTTONS, BUY, NEXT, PREVIOUS
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import Decision
from shopwright.policy.tracker import EpisodeTracker
from shopwright.shop.actions import click
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind
from shopwright.shop.session import Session


def steps_to_buy(tracker: EpisodeTracker, session: Session, row: int) -> int | None:
    """Return how many steps it takes to buy an opened product with a value of each of its groups
    of options; None if it is not among the results of the latest search.

    Args:
        tracker: what was seen.
        session: shows a page of results or of a product.
        row: the product's.
    """
    state = session.state
    if row not in state.rows:
        return None
    groups = groups_of(tracker, row)
    if state.row == row and state.page is not PageKind.RESULTS:
        unset = [group for group in groups if group not in state.options]
        return (state.page is not PageKind.ITEM) + len(unset) + 1
    back = {PageKind.RESULTS: 0, PageKind.ITEM: 1}.get(state.page, 2)
    return back + pages_to(session, row) + 1 + len(groups) + 1


def next_to_buy(
    network: ChoiceNetwork, tracker: EpisodeTracker, session: Session, decision: Decision, row: int
) -> str:
    """Return the next of these steps, with the likeliest values.

    Args:
        network: scores options.
        tracker: what was seen.
        session: shows a page of results or of a product.
        decision: the decision there.
        row: the product's, one of the results.
    """
    state = session.state
    if state.page is PageKind.RESULTS:
        for name, shown in session.clickables.items():
            if shown == row and isinstance(shown, int):
                return click(name)
        return NEXT if _page_of(session, row) > state.page_number else PREVIOUS
    if state.page is PageKind.ITEM and state.row == row:
        return _option(network, tracker, session, decision, row) or BUY
    return PREVIOUS


def groups_of(tracker: EpisodeTracker, row: int) -> list[str]:
    """Return the groups of an opened product's options of which a value can be chosen, in the
    page's order: a value that another group has, too, sets the later one, and one that is named
    like a button does what the button does."""
    options = tracker.options_of(row)
    sets = dict(zip(options.values, options.groups, strict=True))
    settable = {group for value, group in sets.items() if value not in BUTTONS}
    return [group for group in dict.fromkeys(options.groups) if group in settable]


def pages_to(session: Session, row: int) -> int:
    """Return how many pages of results lie between the present one and a result's."""
    return abs(_page_of(session, row) - session.state.page_number)


def _page_of(session: Session, row: int) -> int:
    return 1 + session.state.rows.index(row) // RESULTS_PER_PAGE


@torch.inference_mode()
def _option(
    network: ChoiceNetwork, tracker: EpisodeTracker, session: Session, decision: Decision, row: int
) -> str | None:
    """The likeliest value of the first group without one; None if every group has one."""
    scores = network.option(torch.from_numpy(decision.option_features)).squeeze(-1).tolist()
    for group in groups_of(tracker, row):
        if group not in session.state.options:
            values = (name for name, target in session.clickables.items() if target == group)
            clicks = {click(value) for value in values if value not in BUTTONS}
            offered = [n for n, action in enumerate(decision.actions) if action in clicks]
            if offered:
                return decision.actions[max(offered, key=scores.__getitem__)]
    return None
