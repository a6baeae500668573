"""The parts of a product's pages, made once and shared by all visits.

The original renders HTML, parses it again and keeps the text nodes. Here the nodes that would
remain are made directly; :func:`text_nodes` has the parser's rules for white space.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

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
_BUTTONS = (DESCRIPTION, FEATURES, REVIEWS, BUY_NOW)
_BUTTONS_WITH_ATTRIBUTES = (DESCRIPTION, FEATURES, REVIEWS, ATTRIBUTES, BUY_NOW)


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


class ResultView(NamedTuple):
    """A product's entry on a results page.

    Attributes:
        listing: what the entry shows.
        link: what to click to open the product.
        text: the entry as the ``text`` observation has it.
        below: the lines below its link as ``text_rich`` has them.
    """

    listing: Listing
    link: str
    text: str
    below: str

    @classmethod
    def of(cls, listing: Listing) -> ResultView:
        """Return the entry of a product."""
        asin, title, price = listing
        shown_title, shown_price = title.strip(), price.strip()
        if shown_title and shown_price:  # Nothing vanishes: nearly always.
            text = f"{asin}{SEPARATOR}{shown_title}{SEPARATOR}{shown_price}"
            return cls(listing, asin.lower(), text, f"{title}\n{price}\n")
        nodes = text_nodes(title, price)
        return cls(listing, asin.lower(), joined([asin, *nodes]), lines(nodes))

    def lines(self, opened: Collection[str]) -> str:
        """Return the entry as ``text_rich`` has it; ``opened``: asins of products opened before."""
        asin = self.listing.asin
        if asin in opened:
            return f"\n[clicked button] {asin} [clicked button_]\n{self.below}"
        return f"\n[button] {asin} [button_]\n{self.below}"


class ItemView:
    """The parts of a product's item page, each made when first asked for.

    Args:
        product: the product.
        show_attributes: whether its page leads to an "Attributes" page.
        options: option group → value, as chosen; they decide the price of one with variants, and
            what else can be chosen.

    Attributes:
        product: the product.
        buttons: the buttons below its texts.
        price_tag: what the page says that it costs.
    """

    def __init__(
        self, product: Product, show_attributes: bool, options: Mapping[str, str] | None = None
    ) -> None:
        self.product = product
        self.buttons = _BUTTONS_WITH_ATTRIBUTES if show_attributes else _BUTTONS
        self.options = options or {}
        self.price_tag = product.price_tag_with(self.options)

    def with_options(self, options: Mapping[str, str]) -> ItemView:
        """Return the parts of the page on which these options are chosen."""
        if not options or not self.product.variants:
            return self
        return ItemView(self.product, self.buttons is _BUTTONS_WITH_ATTRIBUTES, options)

    @cached_property
    def option_groups(self) -> list[tuple[list[str], list[str]]]:
        """Text nodes of each option group's name (one or none) and of its values."""
        options = self.product.options.items()
        return [(text_nodes(name), text_nodes(*values)) for name, values in options]

    @cached_property
    def _details(self) -> list[str]:
        product = self.product
        return text_nodes(product.title, f"Price: {self.price_tag}", f"Rating: {product.rating}")

    @cached_property
    def item_text(self) -> str:
        """The ``text`` of the item page from the options to the last button."""
        options = [node for name, values in self.option_groups for node in (*name, *values)]
        return joined([*options, *self._details, *self.buttons])

    @cached_property
    def detail_lines(self) -> str:
        """The ``text_rich`` of the item page from the title to the last button."""
        return lines(self._details) + "".join([rich_button(button) for button in self.buttons])

    @cached_property
    def plain_lines(self) -> str:
        """The ``text_rich`` of the item page from the options to the last button, no option
        chosen."""
        return option_lines(self.option_groups, "", self.sold_out)[0] + self.detail_lines

    @cached_property
    def clickables(self) -> dict[str, Target]:
        """What the item page offers: None for a button, the group's name for an option."""
        clickables: dict[str, Target] = {
            button.lower(): None for button in (BACK_TO_SEARCH, PREVIOUS_PAGE, *self.buttons)
        }
        product = self.product
        choosable = product.choosable(self.options) if product.variants else None
        for group, values in product.options.items():
            for value in values:
                if choosable is None or (group.lower(), value) in choosable:
                    # An option named like a button takes its place, as in the original.
                    clickables[value] = group.lower()
        return clickables

    @cached_property
    def sold_out(self) -> frozenset[str]:
        """The values that cannot be chosen; none of a product without variants."""
        if not self.product.variants:
            return frozenset()
        values = (value for values in self.product.options.values() for value in values)
        return frozenset(value for value in values if value not in self.clickables)


def option_lines(
    groups: Iterable[tuple[list[str], list[str]]],
    location: str,
    sold_out: Collection[str] = frozenset(),
) -> tuple[str, str]:
    """Return the lines of the option groups, and the lines that say which options are chosen.

    Args:
        groups: text nodes of the groups' names and values.
        location: the page's address, in which the original looks for chosen values.
        sold_out: the values that are no buttons.
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
                parts.append(f"  {value}\n" if value in sold_out else f"  {rich_button(value)}")
    return "".join(parts), chosen
