"""Which of a product's articles stands for it, and what of its options can be chosen.

Source: Universal Commerce Protocol 2026-04-08, ``get_product``: effective selections, availability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shopwright.catalogue.product import Product, Variant
from shopwright.serving.catalogue_requests import SelectedOption


def featured(articles: Sequence[Variant]) -> Variant:
    """Return the article that stands for several: the first that can be bought, if any can."""
    return next((each for each in articles if each.available), articles[0])


def settle(
    product: Product,
    articles: Sequence[Variant],
    chosen: Sequence[SelectedOption],
    preferences: Sequence[str],
) -> dict[str, str]:
    """Return the chosen options that some article has all of.

    Args:
        articles: those that may be shown.
        chosen: groups and values in any case.
        preferences: names of groups. Of values that exclude each other those give way first that
            are not named here, then the last.
    """
    groups = {name.casefold(): name for name in product.options}
    ranks = {name.casefold(): rank for rank, name in enumerate(preferences)}
    wanted = sorted(chosen, key=lambda each: ranks.get(each.name.casefold(), len(ranks)))
    selected: dict[str, str] = {}
    for each in wanted:
        group = groups.get(each.name.casefold(), "")
        for article in articles:
            value = article.options.get(group, "")
            if (
                value.casefold() == each.label.casefold()
                and selected.items() <= article.options.items()
            ):
                selected[group] = value
                break
    return selected


def choices(
    product: Product, articles: Sequence[Variant], selected: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the options, as UCP has them, with whether each value exists and can be bought beside
    the others that are selected.

    Args:
        articles: those that may be shown.
        selected: option group → value.
    """
    existing: set[tuple[str, str]] = set()
    available: set[tuple[str, str]] = set()
    for article in articles:
        others = {name for name, value in selected.items() if article.options.get(name) != value}
        for pair in article.options.items():
            if others <= {pair[0]}:
                existing.add(pair)
                if article.available:
                    available.add(pair)
    return [
        {
            "name": name,
            "values": [
                {
                    "label": value,
                    "available": (name, value) in available,
                    "exists": (name, value) in existing,
                }
                for value in values
            ],
        }
        for name, values in product.options.items()
    ]
