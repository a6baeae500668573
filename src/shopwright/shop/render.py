"""Observations: a state of a visit as the texts that the original environment gives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from shopwright.catalogue.product import Product
from shopwright.shop.actions import (
    ATTRIBUTES,
    BACK_TO_SEARCH,
    DESCRIPTION,
    FEATURES,
    PREVIOUS_PAGE,
    SEARCH_BUTTON,
)
from shopwright.shop.pages import PageKind, State, results_buttons
from shopwright.shop.views import (
    SEPARATOR,
    ProductView,
    joined,
    lines,
    option_lines,
    rich_button,
    text_nodes,
)

# How Flask writes these characters in JSON that goes into a page.
_JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}


@lru_cache(maxsize=4096)
def _instruction_text(instruction: str) -> str:
    return joined(["Instruction:", *text_nodes(instruction)])


@lru_cache(maxsize=4096)
def _instruction_lines(instruction: str) -> str:
    return lines(["Instruction:", *text_nodes(instruction)])


def _subpage_nodes(product: Product, subpage: str | None) -> list[str]:
    if subpage == DESCRIPTION:
        return text_nodes(product.description)
    if subpage == FEATURES:
        return text_nodes(*[f" {bullet}" for bullet in product.bullets])
    if subpage == ATTRIBUTES:
        listed = [f" {attribute}" for attribute in product.attributes]
        return text_nodes(*listed, product.category, product.query, product.product_category)
    return []  # The published data has no reviews.


def _done_nodes(state: State, product: Product) -> list[str]:
    options = json.dumps(dict(state.options), sort_keys=True)
    for character, escape in _JSON_ESCAPES.items():
        options = options.replace(character, escape)
    score = str(state.reward.total) if state.reward else "None"
    return text_nodes(
        *("Thank you for shopping with us!", "Your code: ", "None"),
        " (Paste it in your MTurk interface.)",
        *("Purchased", "asin", product.asin, "options", options, "attrs", "None"),
        *("category", "None", "query", "None", "product category", "None"),
        *("Target", "asin", "options", "attrs", "price upper", "instuction text", "category"),
        *("product category", "query", "Goal ", "None", "Reward"),
        *("Your score (min 0.0, max 1.0)", score, "Reward Details ", "None"),
    )


def text(
    state: State, instruction: str, views: Sequence[ProductView], product: Product | None
) -> str:
    """Return the ``text`` observation: the page's texts joined by ``[SEP]``.

    Args:
        state: what to show.
        instruction: the goal's request.
        views: of the shown products on a results page, of the open product on an item page.
        product: the open product on a subpage, the bought one when done.
    """
    if state.page is PageKind.SEARCH:
        return SEPARATOR.join(["WebShop", _instruction_text(instruction), SEARCH_BUTTON])
    if state.page is PageKind.DONE and product:
        return joined(_done_nodes(state, product))
    parts = [_instruction_text(instruction), BACK_TO_SEARCH]
    if state.page is PageKind.RESULTS:
        parts.append(f"Page {state.page_number} (Total results: {len(state.rows)})")
        parts.extend(results_buttons(state))
        parts.extend([view.result_text for view in views])
    else:
        parts.append(PREVIOUS_PAGE)
        if state.page is PageKind.ITEM:
            parts.append(views[0].item_text)
        elif product:
            parts.extend([node.strip() for node in _subpage_nodes(product, state.subpage)])
    return SEPARATOR.join(parts)


def text_rich(
    state: State,
    instruction: str,
    views: Sequence[ProductView],
    product: Product | None,
    location: str,
) -> str:
    """Return the ``text_rich`` observation: a line per text, clickable ones marked.

    Args:
        state, instruction, views, product: as for :func:`text`.
        location: the page's address, in which the original looks for chosen options.
    """
    if state.page is PageKind.SEARCH:
        nodes = lines(["WebShop", "Instruction: ", *text_nodes(instruction)])
        return nodes + rich_button(SEARCH_BUTTON)
    if state.page is PageKind.DONE and product:
        return lines(_done_nodes(state, product))
    head = _instruction_lines(instruction) + rich_button(BACK_TO_SEARCH)
    if state.page is PageKind.RESULTS:
        return head + _rich_results(state, views)
    head += rich_button(PREVIOUS_PAGE)
    if state.page is PageKind.SUBPAGE and product:
        return head + lines(_subpage_nodes(product, state.subpage))
    if '"' not in location:
        return head + views[0].plain_lines
    options, chosen = option_lines(views[0].option_groups, location)
    return chosen + head + options + views[0].detail_lines


def _rich_results(state: State, views: Sequence[ProductView]) -> str:
    parts = [f"Page {state.page_number} (Total results: {len(state.rows)})\n"]
    parts.extend([rich_button(name) for name in results_buttons(state)])
    for view in views:
        if view.asin in state.opened:
            parts.append(f"\n[clicked button] {view.asin} [clicked button_]\n")
        else:
            parts.append(f"\n{rich_button(view.asin)}")
        parts.append(view.result_lines)
    return "".join(parts)
