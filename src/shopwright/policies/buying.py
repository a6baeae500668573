"""The way to a purchase on pages: how many steps it takes, and which is next."""

from __future__ import annotations

import numpy as np
import torch

from shopwright.policies.choice import ChoiceNetwork
from shopwright.policies.decisions import ActionKind, Decision, Memory
from shopwright.policies.rules import BUY, NEXT, PREVIOUS
from shopwright.shop.actions import click
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind
from shopwright.shop.session import Session


def steps_to_buy(memory: Memory, session: Session, row: int) -> int | None:
    """Return how many steps it takes to buy an opened product with a value of each of its groups
    of options; None if it is not among the results of the latest search.

    Args:
        memory: what was seen.
        session: shows a page of results or of a product.
        row: the product's.
    """
    state = session.state
    if row not in state.rows:
        return None
    groups = set(memory.options_of(row).groups)
    if state.row == row and state.page is not PageKind.RESULTS:
        return (state.page is not PageKind.ITEM) + len(groups - set(state.options)) + 1
    back = {PageKind.RESULTS: 0, PageKind.ITEM: 1}.get(state.page, 2)
    turned = abs(_page_of(session, row) - state.page_number)
    return back + turned + 1 + len(groups) + 1


def next_to_buy(
    network: ChoiceNetwork, memory: Memory, session: Session, decision: Decision, row: int
) -> str:
    """Return the next of these steps, with the likeliest values.

    Args:
        network: scores options.
        memory: what was seen.
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
        return _option(network, session, memory, decision) or BUY
    return PREVIOUS


def _page_of(session: Session, row: int) -> int:
    return 1 + session.state.rows.index(row) // RESULTS_PER_PAGE


@torch.inference_mode()
def _option(
    network: ChoiceNetwork, session: Session, memory: Memory, decision: Decision
) -> str | None:
    """The likeliest value of the first group without one; None if every group has one."""
    row = session.state.row
    assert row is not None
    scores: np.ndarray | None = None
    for group in dict.fromkeys(memory.options_of(row).groups):
        offered = [
            number
            for number, action in enumerate(decision.actions)
            if decision.kinds[number] == int(ActionKind.OPTION)
            and session.clickables.get(action[len("click[") : -1]) == group
        ]
        if group not in session.state.options and offered:
            if scores is None:
                features = torch.from_numpy(decision.option_features)
                scores = network.option(features).squeeze(-1).numpy()
            return decision.actions[max(offered, key=scores.__getitem__)]
    return None
