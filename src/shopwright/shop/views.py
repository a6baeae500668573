"""The parts of a product's pages, made once and shared by all visits.

The original renders HTML, parses it again and keeps the text nodes. Here the nodes that would
remain are made directly; :func:`text_nodes` has the parser's rules for white space.
"""

from __future__ import annotations

from dataclasses import dataclass

from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Listing
from shopwright.shop.actions import (
    ATTRIBUTES,
    BACK_TO_SEARCH,
    BUY_NOW,
    DESCRIPTION,
    FEATURES,
    PREVIOUS_PAGE,
    REVIEWS,
)
from shopwright.shop.pages import Target

SEPARATOR = " [SEP] "

_WHITE_SPACE = " \n\t\f\r"


def text_nodes(*texts: str) -> list[str]:
    """Return the text nodes that remain of texts after the original's HTML parser: white space
    alone becomes one space, or vanishes if it has a line break; so does an empty text."""
    return [
        text if text.strip(_WHITE_SPACE) else " "
        for text in texts
        if text and ("\n" not in text or text.strip(_WHITE_SPACE))
    ]


def joined(nodes: list[str]) -> str:
    """Return text nodes as the ``text`` observation joins them."""
    return SEPARATOR.join([node.strip() for node in nodes])


def lines(nodes: list[str]) -> str:
    """Return text nodes as the ``text_rich`` observation lists them."""
    return "".join([f"{node}\n" for node in nodes])


def rich_button(name: str) -> str:
    """Return a button as the ``text_rich`` observation shows it."""
    return f"[button] {name} [button_]\n"


@dataclass(frozen=True, slots=True, eq=False)
class ResultView:
    """A product's entry on a results page.

    Attributes:
        listing: what the entry shows.
        link: what to click to open the product.
        text: the entry as the ``text`` observation has it.
        lines, opened_lines: the entry as ``text_rich`` has it, not opened yet and opened before.
    """

    listing: Listing
    link: str
    text: str
    lines: str
    opened_lines: str

    @classmethod
    def of(cls, listing: Listing) -> ResultView:
        """Return the entry of a product."""
        asin = listing.asin
        nodes = text_nodes(listing.title, listing.price_tag)
        below = lines(nodes)
        return cls(
            listing=listing,
            link=asin.lower(),
            text=joined([asin, *nodes]),
            lines=f"\n{rich_button(asin)}{below}",
            opened_lines=f"\n[clicked button] {asin} [clicked button_]\n{below}",
        )


@dataclass(frozen=True, slots=True, eq=False)
class ItemView:
    """The parts of a product's item page.

    Attributes:
        product: the product.
        buttons: the buttons below its texts.
        option_groups: text nodes of each option group's name (one or none) and of its values.
        item_text: the item page from the options to the last button.
        detail_lines: the item page from the title to the last button.
        plain_lines: the item page from the options to the last button, no option chosen.
        clickables: what the item page offers: None for a button, the group's name for an option.
    """

    product: Product
    buttons: tuple[str, ...]
    option_groups: tuple[tuple[list[str], list[str]], ...]
    item_text: str
    detail_lines: str
    plain_lines: str
    clickables: dict[str, Target]

    @classmethod
    def of(cls, product: Product, *, show_attributes: bool) -> ItemView:
        """Return the item page's parts of a product.

        Args:
            product: the product.
            show_attributes: whether its page leads to an "Attributes" page.
        """
        buttons = [DESCRIPTION, FEATURES, REVIEWS, BUY_NOW]
        if show_attributes:
            buttons.insert(-1, ATTRIBUTES)
        groups = tuple(
            (text_nodes(name), text_nodes(*values)) for name, values in product.options.items()
        )
        details = text_nodes(
            product.title, f"Price: {product.price_tag}", f"Rating: {product.rating}"
        )
        options = [node for name, values in groups for node in (*name, *values)]
        detail_lines = lines(details) + "".join([rich_button(button) for button in buttons])
        return cls(
            product=product,
            buttons=tuple(buttons),
            option_groups=groups,
            item_text=joined([*options, *details, *buttons]),
            detail_lines=detail_lines,
            plain_lines=option_lines(groups, "")[0] + detail_lines,
            clickables=_clickables(product, buttons),
        )


def _clickables(product: Product, buttons: list[str]) -> dict[str, Target]:
    clickables: dict[str, Target] = {
        button.lower(): None for button in (BACK_TO_SEARCH, PREVIOUS_PAGE, *buttons)
    }
    for group, values in product.options.items():
        for value in values:
            # An option named like a button takes its place, as in the original.
            clickables[value] = group.lower()
    return clickables


def option_lines(groups: tuple[tuple[list[str], list[str]], ...], location: str) -> tuple[str, str]:
    """Return the lines of the option groups, and the lines that say which options are chosen.

    Args:
        groups: text nodes of the groups' names and values.
        location: the page's address, in which the original looks for chosen values.
    """
    parts: list[str] = []
    chosen = ""
    for name, values in groups:
        parts.append(lines(name))
        for value in values:
            if f'"{value}"' in location:
                chosen = f"You have clicked {value}.\n{chosen}"
                parts.append(f"  [clicked button] {value} [clicked button_]\n")
            else:
                parts.append(f"  {rich_button(value)}")
    return "".join(parts), chosen
