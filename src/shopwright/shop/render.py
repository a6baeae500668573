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
    ItemView,
    ResultView,
    joined,
    lines,
    option_lines,
    rich_button,
    text_nodes,
)

_encode = json.JSONEncoder(sort_keys=True).encode
# How Flask writes these characters in JSON that goes into a page.
_JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}


# The requests of the episodes that are under way.
@lru_cache(maxsize=512)
def _instruction_text(instruction: str) -> str:
    return joined(["Instruction:", *text_nodes(instruction)])


@lru_cache(maxsize=512)
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


def chosen_options_json(state: State) -> str:
    """Return the chosen options as the page after a purchase shows them."""
    options = _encode(dict(state.options))
    for character, escape in _JSON_ESCAPES.items():
        options = options.replace(character, escape)
    return options


def reward_text(state: State) -> str:
    """Return the reward as the page after a purchase shows it."""
    return str(state.reward.total) if state.reward else "None"


def _done_nodes(state: State, product: Product) -> list[str]:
    options, score = chosen_options_json(state), reward_text(state)
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
    state: State, instruction: str, results: Sequence[ResultView], item: ItemView | None
) -> str:
    """Return the ``text`` observation: the page's texts joined by ``[SEP]``.

    Args:
        instruction: the goal's request.
        results: the shown products, on a results page.
        item: the open or bought product, on the other pages.
    """
    if state.page is PageKind.SEARCH:
        return SEPARATOR.join(["WebShop", _instruction_text(instruction), SEARCH_BUTTON])
    if state.page is PageKind.DONE and item:
        return joined(_done_nodes(state, item.product))
    parts = [_instruction_text(instruction), BACK_TO_SEARCH]
    if state.page is PageKind.RESULTS:
        parts.append(f"Page {state.page_number} (Total results: {len(state.rows)})")
        parts.extend(results_buttons(state))
        parts.extend([view.text for view in results])
    elif item:
        parts.append(PREVIOUS_PAGE)
        if state.page is PageKind.ITEM:
            parts.append(item.item_text)
        else:
            parts.extend([n.strip() for n in _subpage_nodes(item.product, state.subpage)])
    return SEPARATOR.join(parts)


def text_rich(
    state: State,
    instruction: str,
    results: Sequence[ResultView],
    item: ItemView | None,
    location: str,
) -> str:
    """Return the ``text_rich`` observation: a line per text, clickable ones marked.

    Args:
        location: the page's address, in which the original looks for chosen options.
    """
    if state.page is PageKind.SEARCH:
        nodes = lines(["WebShop", "Instruction: ", *text_nodes(instruction)])
        return nodes + rich_button(SEARCH_BUTTON)
    if state.page is PageKind.DONE and item:
        return lines(_done_nodes(state, item.product))
    head = _instruction_lines(instruction) + rich_button(BACK_TO_SEARCH)
    if state.page is PageKind.RESULTS:
        return head + _rich_results(state, results)
    head += rich_button(PREVIOUS_PAGE)
    if item is None:
        return head
    if state.page is PageKind.SUBPAGE:
        return head + lines(_subpage_nodes(item.product, state.subpage))
    if '"' not in location:
        return head + item.plain_lines
    options, chosen = option_lines(item.option_groups, location, item.sold_out)
    return chosen + head + options + item.detail_lines


def _rich_results(state: State, results: Sequence[ResultView]) -> str:
    parts = [f"Page {state.page_number} (Total results: {len(state.rows)})\n"]
    parts.extend([rich_button(name) for name in results_buttons(state)])
    parts += [view.lines(state.opened) for view in results]
    return "".join(parts)
