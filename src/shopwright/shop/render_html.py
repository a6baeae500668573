"""The ``html`` observation: a state of a visit as a page.

Agents of the original parse its pages by element ids and classes, and its own text observations
are the text nodes of these pages. The pages here are others, but have the same ids and classes and
the same text nodes in the same order, so that either way of reading them gives the same. They name
no script, style sheet or other host; a product's image is named but not loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from shopwright.catalogue.product import Product
from shopwright.shop.actions import (
    ATTRIBUTES,
    BACK_TO_SEARCH,
    BUY_NOW,
    DESCRIPTION,
    FEATURES,
    PREVIOUS_PAGE,
    SEARCH_BUTTON,
)
from shopwright.shop.pages import PageKind, State, results_buttons
from shopwright.shop.render import chosen_options_json, reward_text
from shopwright.shop.views import ItemView, ResultView

# A button's or a link's name, and the group if it is an option → the address that it leads to.
Links = Callable[[str, str | None], str]

_NOTHING = "None"  # What the original shows where it passes no value to a page.


def html(
    state: State,
    instruction: str,
    results: Sequence[ResultView],
    item: ItemView | None,
    links: Links | None = None,
) -> str:
    """Return the ``html`` observation.

    Args:
        links: where a site's buttons and links lead; None for pages that lead nowhere.
    """
    if state.page is PageKind.SEARCH or (item is None and state.page is not PageKind.RESULTS):
        return _page(_search_form(instruction, links))
    if state.page is PageKind.RESULTS:
        return _page([*_head(instruction, links), *_results(state, results, links)])
    assert item is not None
    if state.page is PageKind.DONE:
        return _page(_done(state, item.product))
    body = [*_head(instruction, links), _button(PREVIOUS_PAGE, links)]
    if state.page is PageKind.ITEM:
        return _page([*body, *_item(state, item, links)])
    return _page([*body, *_subpage(item.product, state.subpage)])


def _page(body: Iterable[str]) -> str:
    # Text between elements would be content: there are only line breaks, which parsers drop.
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><title>WebShop</title></head>',
            "<body>",
            *body,
            "</body>",
            "</html>",
        ]
    )


def _instruction(lead: str, instruction: str) -> str:
    return f'<div id="instruction-text"><h4>{lead}<br>{escape(instruction)}</h4></div>'


def _action(name: str, links: Links | None) -> str:
    return "" if links is None else f' action="{escape(links(name, None))}"'


def _button(name: str, links: Links | None, style: str = "btn-primary") -> str:
    button = f'<button type="submit" class="btn {style}">{escape(name)}</button>'
    return f'<form method="post"{_action(name, links)}>{button}</form>'


def _search_form(instruction: str, links: Links | None) -> list[str]:
    return [
        '<div id="logo"><h2>WebShop</h2></div>',
        _instruction("Instruction: ", instruction),
        f'<form role="form" id="form-buscar" method="post"{_action(SEARCH_BUTTON, links)}>',
        '<input id="search_input" class="form-control" type="text" name="search_query"'
        ' placeholder="Search..." required>',
        f'<button class="btn btn-success" type="submit">{SEARCH_BUTTON}</button>',
        "</form>",
    ]


def _head(instruction: str, links: Links | None) -> list[str]:
    button = _button(BACK_TO_SEARCH, links, "btn-success")
    return [_instruction("Instruction:", instruction), button]


def _results(state: State, results: Sequence[ResultView], links: Links | None) -> list[str]:
    parts = [f"<h3>Page {state.page_number} (Total results: {len(state.rows)})</h3>"]
    parts += [_button(name, links) for name in results_buttons(state)]
    for view in results:
        asin, title, price = map(escape, view.listing)
        address = "#" if links is None else escape(links(view.listing.asin, None))
        parts += [
            '<div class="searched-product">',
            f'<h4 class="product-asin"><a class="product-link" href="{address}">{asin}</a></h4>',
            f'<h4 class="product-title">{title}</h4>',
            f'<h5 class="product-price">{price}</h5>',
            "</div>",
        ]
    return parts


def _item(state: State, item: ItemView, links: Links | None) -> list[str]:
    product = item.product
    image = f'src="" data-src="{escape(product.image)}"'
    parts = [f'<img id="product-image" class="item-page-img" alt="" {image}>']
    for group, (name, values) in enumerate(product.options.items()):
        parts += [f"<h4>{escape(name)}</h4>", '<div class="radio-toolbar">']
        for number, value in enumerate(values):
            identifier = f"radio_{group}_{number}"
            checked = " checked" if state.options.get(name.lower()) == value else ""
            checked += " disabled" if value in item.sold_out else ""
            address = "" if links is None else f' data-url="{escape(links(value, name))}"'
            parts += [
                f'<input type="radio" id="{identifier}" name="{escape(name)}"'
                f' value="{escape(value)}"{checked}{address}>',
                f'<label for="{identifier}">{escape(value)}</label>',
            ]
        parts.append("</div>")
    parts += [
        f"<h2>{escape(product.title)}</h2>",
        f"<h4>Price: {escape(item.price_tag)}</h4>",
        f"<h4>Rating: {escape(product.rating)}</h4>",
    ]
    for button in item.buttons:
        style = "btn-lg purchase" if button == BUY_NOW else "btn-primary"
        parts.append(_button(button, links, style))
    return parts


def _subpage(product: Product, subpage: str | None) -> list[str]:
    if subpage == DESCRIPTION:
        return [f'<p class="product-info">{escape(product.description)}</p>']
    if subpage == FEATURES:
        bullets = map(escape, product.bullets)
        return [f'<li><p class="product-info"> {bullet}</p></li>' for bullet in bullets]
    if subpage == ATTRIBUTES:
        attributes = map(escape, product.attributes)
        return [
            *(f'<li><p class="attribute"> {attribute}</p></li>' for attribute in attributes),
            f'<h5 class="product-category">{escape(product.category)}</h5>',
            f'<h5 class="product-query">{escape(product.query)}</h5>',
            f'<h5 class="product-product_category">{escape(product.product_category)}</h5>',
        ]
    return []  # The published data has no reviews.


def _entry(identifier: str, label: str, value: str) -> str:
    return f'<h4 id="{identifier}">{label}<pre>{escape(value)}</pre></h4>'


def _done(state: State, product: Product) -> list[str]:
    return [
        '<div id="thankyou"><h1>Thank you for shopping with us!</h1></div>',
        '<div id="stats">',
        "<h3>Your code: </h3>",
        # The original's page has the text after the code outside any paragraph.
        f"<div><pre>{_NOTHING}</pre> (Paste it in your MTurk interface.)</div>",
        '<div style="display:none">',
        "<h2>Purchased</h2>",
        _entry("asin", "asin", product.asin),
        _entry("options", "options", chosen_options_json(state)),
        _entry("purchased_attrs", "attrs", _NOTHING),
        _entry("purchased-category", "category", _NOTHING),
        _entry("purchased-query", "query", _NOTHING),
        _entry("purchased-pc", "product category", _NOTHING),
        "<h2>Target</h2>",
        _entry("goal-asin", "asin", ""),
        _entry("goal-options", "options", ""),
        _entry("goal-attrs", "attrs", ""),
        _entry("goal-price", "price upper", ""),
        _entry("goal-instruction-text", "instuction text", ""),
        _entry("goal-category", "category", ""),
        _entry("goal-pc", "product category", ""),
        _entry("goal-query", "query", ""),
        f'<h4>Goal <div id="goal"><pre>{_NOTHING}</pre></div></h4>',
        "<h2>Reward</h2>",
        "</div>",
        f'<h3 id="reward">Your score (min 0.0, max 1.0)<pre>{reward_text(state)}</pre></h3>',
        f'<h4 hidden>Reward Details <div id="reward_info"><pre>{_NOTHING}</pre></div></h4>',
        "</div>",
    ]
