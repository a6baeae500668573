"""What a page of the shop shows, as JSON types: for people who look at it in a browser of ours."""

from __future__ import annotations

from typing import Any

from shopwright.catalogue.storage import Catalogue
from shopwright.shop.actions import REVIEWS, click
from shopwright.shop.page import Page, ShownProduct
from shopwright.shop.reward import Reward


def page_record(page: Page, catalogue: Catalogue, reward: Reward | None = None) -> dict[str, Any]:
    """Return what a page consists of, and what can be done on it.

    Args:
        catalogue: has the prices as people read them.
        reward: of the purchase that it shows; None without one.
    """
    listed = {product.row: product for product in page.results}
    return {
        "kind": page.kind.value,
        "request": page.request,
        "query": page.query,
        "page_number": page.page_number,
        "has_search_bar": page.has_search_bar,
        "results": [
            {
                "asin": listed[row].asin,
                "title": listed[row].title,
                "price": catalogue[row].shown_price,
                "opened": listed[row].asin in page.opened,
                "action": click(name),
            }
            for name, row in page.links.items()
        ],
        "result_count": page.result_count,
        "buttons": [
            {"label": name, "action": click(name)}
            for name, target in page.clickables.items()
            if target is None
        ],
        "item": _item(page, page.product, catalogue) if page.product else None,
        "reward": reward_record(reward) if reward else None,
    }


def _item(page: Page, product: ShownProduct, catalogue: Catalogue) -> dict[str, Any]:
    reviews = ["There are no reviews."] if page.subpage == REVIEWS else []
    return {
        "asin": product.asin,
        "title": product.title,
        "price": catalogue[product.row].shown_price,
        "rating": product.rating,
        "subpage": page.subpage,
        "lines": [*page.lines, *reviews],
        "options": [
            {
                "group": group,
                "values": [
                    {
                        "value": value,
                        "action": click(value),
                        "chosen": page.chosen.get(group.lower()) == value,
                    }
                    for value in values
                    if page.clickables.get(value) == group.lower()
                ],
            }
            for group, values in product.options.items()
        ],
        "chosen": dict(page.chosen),
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
