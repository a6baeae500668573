"""What a page of the shop shows, as JSON types: for people who look at it in a browser of ours."""

from __future__ import annotations

from typing import Any

from shopwright.shop.actions import click
from shopwright.shop.pages import PageKind
from shopwright.shop.reward import Reward
from shopwright.shop.session import Session

_PRODUCT_KINDS = (PageKind.ITEM, PageKind.SUBPAGE, PageKind.DONE)


def page_record(session: Session) -> dict[str, Any]:
    """Return what the page that a session shows consists of, and what can be done on it."""
    state = session.state
    buttons, links = [], []
    for name, target in session.clickables.items():
        if target is None:
            buttons.append({"label": name, "action": click(name)})
        elif isinstance(target, int):
            product = session.shop.catalogue[target]
            links.append(
                {
                    "asin": product.asin,
                    "title": product.title,
                    "price": product.shown_price,
                    "opened": product.asin in state.opened,
                    "action": click(name),
                }
            )
    record: dict[str, Any] = {
        "kind": state.page.value,
        "request": session.goal.instruction,
        "query": state.query,
        "page_number": state.page_number,
        "has_search_bar": session.has_search_bar,
        "results": links,
        "result_count": len(state.rows),
        "buttons": buttons,
        "item": _item(session) if state.page in _PRODUCT_KINDS else None,
        "reward": reward_record(state.reward) if state.reward is not None else None,
    }
    return record


def _item(session: Session) -> dict[str, Any] | None:
    state = session.state
    if state.row is None:
        return None
    product = session.shop.catalogue[state.row]
    lines: list[str] = []
    if state.subpage == "Description":
        lines = [product.description]
    elif state.subpage == "Features":
        lines = list(product.bullets)
    elif state.subpage == "Reviews":
        lines = ["There are no reviews."]
    return {
        "asin": product.asin,
        "title": product.title,
        "price": product.shown_price,
        "rating": product.rating,
        "subpage": state.subpage,
        "lines": lines,
        "options": [
            {
                "group": group,
                "values": [
                    {
                        "value": value,
                        "action": click(value),
                        "chosen": state.options.get(group.lower()) == value,
                    }
                    for value in values
                    if session.clickables.get(value) == group.lower()
                ],
            }
            for group, values in product.options.items()
        ],
        "chosen": dict(state.options),
    }


def reward_record(reward: Reward) -> dict[str, Any]:
    """Return a reward with its parts."""
    return {
        "total": reward.total,
        "success": reward.success,
        "type": reward.type,
        "attributes": reward.attributes,
        "options": reward.options,
        "price": reward.price,
    }
