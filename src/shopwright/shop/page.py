"""A page as an agent sees it: what is shown, what can be done, and how many steps are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from shopwright.catalogue.product import Product
from shopwright.shop.actions import ATTRIBUTES, DESCRIPTION, FEATURES, SEARCH_BUTTON, click
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind, State, Target
from shopwright.shop.views import ItemView, ResultView


class ListedProduct(NamedTuple):
    """A product in a list of results: its number in the catalogue, its place among all results of
    the search, from 0, and what is shown of it."""

    row: int
    place: int
    asin: str
    title: str
    price: str


class ShownProduct(NamedTuple):
    """The product that a page is about: its number in the catalogue, and what its item page shows;
    options are option group → values."""

    row: int
    asin: str
    title: str
    price: str
    rating: str
    options: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """What the shop shows at one moment of a visit, and nothing else: neither the goal nor a
    reward, and no text that this page does not show, can be reached from it.

    Attributes:
        kind: which page it is.
        request: what is to be bought, in words.
        text: the whole page as the ``text`` observation.
        clickables: what can be clicked: name → None for a button, the row of a product, the group
            (lower case) of an option.
        query: what was searched for last; None before a search.
        page_number: of the results, from 1.
        result_count: how many products the search found.
        results: the products that a results page lists, in order.
        product: on a product's pages and after its purchase, the product.
        chosen: option group (lower case) → value, as chosen so far.
        subpage: "Description", "Features", "Reviews" or "Attributes" while such a page is shown.
        lines: what that page says.
        opened: asins of the products opened since the search page was last shown.
        steps_left: how many actions remain, the next one included; None without a limit.
    """

    kind: PageKind
    request: str
    text: str
    clickables: Mapping[str, Target]
    query: str | None
    page_number: int
    result_count: int
    results: tuple[ListedProduct, ...]
    product: ShownProduct | None
    chosen: Mapping[str, str]
    subpage: str | None
    lines: tuple[str, ...]
    opened: frozenset[str]
    steps_left: int | None

    @property
    def has_search_bar(self) -> bool:
        """Whether the page shows a search bar (searching works without, too)."""
        return self.kind is PageKind.SEARCH

    @property
    def has_next_page(self) -> bool:
        """Whether there are results beyond this page of results."""
        return self.page_number * RESULTS_PER_PAGE < self.result_count

    @property
    def item(self) -> ShownProduct | None:
        """The product whose item page this is; None on other pages."""
        return self.product if self.kind is PageKind.ITEM else None

    @property
    def actions(self) -> list[str]:
        """The click actions that the page offers, without the search button."""
        return [click(name) for name in self.clickables if name != SEARCH_BUTTON.lower()]

    @property
    def links(self) -> dict[str, int]:
        """What to click to open each listed product: name → row, in order."""
        targets = self.clickables.items()
        return {name: row for name, row in targets if isinstance(row, int)}

    def __repr__(self) -> str:
        about = f" of {self.product.asin}" if self.product else ""
        found = f" {self.page_number} of {self.result_count} results" if self.results else ""
        left = "" if self.steps_left is None else f", {self.steps_left} steps left"
        return f"<Page {self.kind.value}{found}{about}, {len(self.clickables)} clickables{left}>"

    def _repr_html_(self) -> str:
        """Return the page as a notebook shows it: its text, and what can be clicked."""
        text = "<br>".join(map(escape, self.text.split(" [SEP] ")))
        buttons = " ".join(f"<code>{escape(action)}</code>" for action in self.actions)
        return f"<div>{text}</div><p>{buttons}</p>"


def page_of(
    state: State,
    request: str,
    text: str,
    clickables: Mapping[str, Target],
    results: Sequence[ResultView],
    item: ItemView | None,
    *,
    steps_left: int | None,
) -> Page:
    """Return the page that a state of a visit shows.

    Args:
        steps_left: how many actions remain; None without a limit.
    """
    listed: tuple[ListedProduct, ...] = ()
    product: ShownProduct | None = None
    lines: tuple[str, ...] = ()
    if state.page is PageKind.RESULTS:
        last = state.page_number * RESULTS_PER_PAGE
        places = range(len(state.rows))[last - RESULTS_PER_PAGE : last]
        listed = tuple(
            ListedProduct(state.rows[place], place, *view.listing)
            for place, view in zip(places, results, strict=True)
        )
    elif state.row is not None and item is not None:
        shown = item.product
        product = ShownProduct(
            state.row, shown.asin, shown.title, item.price_tag, shown.rating, shown.options
        )
        lines = subpage_lines(shown, state.subpage)
    return Page(
        kind=state.page,
        request=request,
        text=text,
        clickables=clickables,
        query=state.query,
        page_number=state.page_number,
        result_count=len(state.rows),
        results=listed,
        product=product,
        chosen=state.options,
        subpage=state.subpage,
        lines=lines,
        opened=state.opened,
        steps_left=steps_left,
    )


def subpage_lines(product: Product, subpage: str | None) -> tuple[str, ...]:
    """Return what a page about a product says; the published data has no reviews."""
    if subpage == DESCRIPTION:
        return (product.description,)
    if subpage == FEATURES:
        return product.bullets
    if subpage == ATTRIBUTES:
        kind = product.category, product.query, product.product_category
        return (*product.attributes, *kind)
    return ()
