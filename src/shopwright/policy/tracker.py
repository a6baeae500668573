"""What an agent has seen in an episode, and the decision that it faces."""

from __future__ import annotations

import numpy as np

from shopwright.encoding.product_states import FIELDS
from shopwright.policy.decisions import Decision, Seen, fields_shown, page_decision
from shopwright.policy.evidence import Reader
from shopwright.policy.matching import OptionReading
from shopwright.shop.actions import DESCRIPTION, FEATURES
from shopwright.shop.page import Page
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind

_FIELD_OF = {FEATURES: "bullets", DESCRIPTION: "description"}


class EpisodeTracker:
    """Follows an episode: :meth:`observe` takes in each page and returns the decision there.

    Args:
        request: what is to be bought, in words.
    """

    def __init__(self, reader: Reader, request: str) -> None:
        self._reader = reader
        (reading,) = reader.requests([request])
        self._seen = Seen(reading)
        self._options: dict[int, OptionReading] = {}
        # Query → row of a product seen among its results → its place there.
        self._places: dict[str | None, dict[int, int]] = {}

    def observe(self, page: Page) -> Decision | None:
        """Take in a page and return the decision there; None on the search page."""
        self._take_in(page)
        if page.kind is PageKind.SEARCH:
            return None
        options = self.options_of(page.item.row) if page.item else None
        return page_decision(self._seen, page, options)

    def _take_in(self, page: Page) -> None:
        seen = self._seen
        if page.kind is PageKind.RESULTS:
            seen.last_page = max(seen.last_page, page.page_number)
            places = {product.row: product.place for product in page.results}
            self._places.setdefault(page.query, {}).update(places)
            new = [row for row in places if row not in seen.products]
            if new:
                read = self._reader.products(seen.request, new, [places[row] for row in new])
                seen.products.update(zip(new, read, strict=True))
                for row in new:
                    seen.fields[row] = fields_shown("title")
        elif page.product is not None and page.product.row in seen.fields:
            row, shown = page.product.row, _FIELD_OF.get(page.subpage or "")
            if page.kind is PageKind.ITEM:
                seen.opened.add(row)
                shown = "options"
            if shown:
                seen.fields[row] = np.maximum(seen.fields[row], fields_shown(shown))

    @property
    def rows(self) -> list[int]:
        """The rows of the products that a decision tells of, in its order."""
        return self._seen.rows

    @property
    def opened(self) -> frozenset[int]:
        """The rows of the products whose pages were opened."""
        return frozenset(self._seen.opened)

    def unread(self, row: int) -> str | None:
        """Return the button of the first page about a row's product, of its features and its
        description, that was not shown; None if both were."""
        fields = self._seen.fields[row]
        pages = _FIELD_OF.items()
        return next((button for button, name in pages if not fields[FIELDS.index(name)]), None)

    def is_on_last_page(self, page: Page) -> bool:
        """Return whether no page of results beyond a page's number was seen."""
        return page.page_number >= self._seen.last_page

    def results_page_of(self, row: int, page: Page) -> int | None:
        """Return the number of the page of results on which a row's product was seen in the latest
        search, from 1; None if it was not."""
        place = self._places.get(page.query, {}).get(row)
        return None if place is None else 1 + place // RESULTS_PER_PAGE

    def listed_rows(self, page: Page) -> list[int]:
        """Return the rows of the products on the page of results that a page is or was opened from,
        in order."""
        places = self._places.get(page.query, {}).items()
        return [row for row, place in places if 1 + place // RESULTS_PER_PAGE == page.page_number]

    def options_of(self, row: int) -> OptionReading:
        """Return the options of an opened product as read for the request."""
        if row not in self._options:
            self._options[row] = self._reader.options(self._seen.request, row)
        return self._options[row]
