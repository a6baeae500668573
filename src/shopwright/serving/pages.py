"""What a page of the shop shows, as JSON types: for people who look at it in a browser of ours."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Catalogue
from shopwright.recommending.recommendation import Recommendation, RecommendedItem
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.serving.pictures import Pictures
from shopwright.shop.actions import BUY_NOW, REVIEWS, SEARCH, click, parse_action
from shopwright.shop.page import Page, ShownProduct
from shopwright.shop.reward import Reward


def page_record(
    page: Page,
    catalogue: Catalogue,
    reward: Reward | None = None,
    pictures: Pictures | None = None,
) -> dict[str, Any]:
    """Return what a page consists of, and what can be done on it.

    Args:
        catalogue: has the prices as people read them.
        reward: of the purchase that it shows; None without one.
        pictures: where products' pictures are; None where none are shown.
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
        "item": _item(page, page.product, catalogue, pictures) if page.product else None,
        "reward": reward_record(reward) if reward else None,
    }


_PLAIN_NAMES = {"next >": "Next page", "< prev": "Go back", BUY_NOW.lower(): "Buy"}


def action_record(action: str, page: Page) -> dict[str, str]:
    """Return an action on a page in plain words: what is done, and to what, by its title."""
    name, argument = parse_action(action)
    if name == SEARCH:
        return {"does": "Search", "with": argument or ""}
    target = page.clickables.get(argument or "")
    if isinstance(target, str):
        return {"does": f"Choose {target}", "with": argument or ""}
    if target is not None:
        titles = {product.row: product.title for product in page.results}
        return {"does": "Open", "with": titles.get(target, argument or "")}
    return {"does": _PLAIN_NAMES.get(argument or "", (argument or action).capitalize()), "with": ""}


def _item(
    page: Page, product: ShownProduct, catalogue: Catalogue, pictures: Pictures | None
) -> dict[str, Any]:
    reviews = ["There are no reviews."] if page.subpage == REVIEWS else []
    return {
        "asin": product.asin,
        "title": product.title,
        "price": catalogue[product.row].shown_price,
        "rating": product.rating,
        "kind": catalogue[product.row].query,
        "picture": pictures.path_of(catalogue[product.row], page.chosen) if pictures else "",
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


def item_record(item: RecommendedItem, pictures: Pictures | None) -> dict[str, Any]:
    """Return a recommended item with what its card shows besides."""
    product = item.product
    assert product is not None
    left = product.variants_with(item.options)
    return {
        **item.record(),
        "kind": product.query,
        "brand": product.brand,
        "picture": pictures.path_of(product, item.options) if pictures else "",
        "available": left[0].available if left else product.available,
    }


def answer_record(
    answer: Recommendation,
    *,
    id: str,
    asked: str,
    agent: tuple[str, float],
    pictures: Pictures | None,
) -> dict[str, Any]:
    """Return a recommendation as JSON types.

    Args:
        id: under which it is logged.
        asked: the request as agents read it.
        agent: who recommended, and with which probability it was asked.
    """
    return {
        "recommendation_id": id,
        "request": answer.request,
        "asked": asked,
        "price_limit": answer.understood.price_limit,
        "agent": agent[0],
        "propensity": agent[1],
        "nothing_fits": answer.nothing_fits,
        "understood": answer.understood.record(),
        "items": [item_record(item, pictures) for item in answer],
        "total": answer.total,
        "facets": [asdict(facet) for facet in answer.facets],
    }


def product_record(product: Product, pictures: Pictures | None) -> dict[str, Any]:
    """Return what the catalogue has of a product. Its address only where a browser may go there."""
    is_link = product.address.lower().startswith(("https://", "http://"))
    return {
        "asin": product.asin,
        "title": product.title,
        "brand": product.brand,
        "description": product.description,
        "bullets": [bullet for bullet in product.bullets if bullet.strip()],
        "address": product.address if is_link else "",
        "picture": pictures.path_of(product, {}) if pictures else "",
        "price": product.shown_price,
        "options": {name: list(values) for name, values in product.options.items()},
        "attributes": list(product.attributes),
        "category": product.category,
        "kind": product.query,
        "category_path": product.product_category,
        "rating": product.rating,
    }


def search_record(query: str, catalogue: SearchableCatalogue, limit: int) -> dict[str, Any]:
    """Return what a shop's search finds, best first."""
    rows, scores = catalogue.search_index.search(query, limit)
    products = (catalogue[row] for row in rows.tolist())
    return {
        "query": query,
        "results": [
            {
                "asin": product.asin,
                "title": product.title,
                "price": product.shown_price,
                "score": round(float(score), 4),
            }
            for product, score in zip(products, scores, strict=True)
        ],
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
