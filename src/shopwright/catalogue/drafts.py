"""Products while the rows of a table come in: rows that are variants of one product meet here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shopwright.catalogue.cells import (
    is_nothing,
    list_of,
    option_text,
    options_of,
    path_of,
    text_of,
)
from shopwright.catalogue.columns import SHOPIFY, Columns
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.markup import plain_text, text_of_html
from shopwright.catalogue.prices import Price, decimal_mark, parse_price
from shopwright.catalogue.product import DEFAULT_PRICE_DOLLARS, Product
from shopwright.catalogue.rows import Row
from shopwright.errors import InputError

MOST_ID_CHARACTERS = 255
NO_PRICE_TAG = "no price given"
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "": "$"}
_NO_OPTION = ("title", "default title")  # How Shopify writes that there is nothing to choose.
_TITLE_END = re.compile(r"\s[-–—|]\s|[,(\[:;/]")
_TRAILING = " -–—|,/(:;["


@dataclass
class _Draft:
    """A product while its rows come in.

    Attributes:
        line: of its first row.
        grouped: whether its rows are variants.
        cells: field → the first cell that has something.
        titles: the different titles of its rows.
        prices: (line, column, text) of each price.
        options, variants: group → its values, in order of appearance.
        combinations: the option values of each row, to find repeated ones.
    """

    asin: str
    line: int
    grouped: bool
    cells: dict[str, Any] = field(default_factory=dict)
    titles: dict[str, None] = field(default_factory=dict)
    prices: list[tuple[int, str, str]] = field(default_factory=list)
    options: dict[str, dict[str, None]] = field(default_factory=dict)
    variants: dict[str, dict[str, None]] = field(default_factory=dict)
    combinations: set[tuple[str, ...]] = field(default_factory=set)
    option_names: dict[int, str] = field(default_factory=dict)


class Drafts:
    """Rows on their way to products."""

    def __init__(self, columns: Columns, report: ImportReport) -> None:
        self._columns = columns
        self._report = report
        self._drafts: dict[str, _Draft] = {}
        self._lines: dict[str, int] = {}
        self.brands: set[str] = set()

    def _cell(self, row: Row, name: str) -> Any:
        column = self._columns.of_field.get(name)
        return None if column is None else row.cells.get(column)

    def _text(self, row: Row, name: str) -> str:
        return plain_text(text_of(self._cell(row, name)))

    def add(self, row: Row) -> None:
        """Take in a row."""
        shopify = self._columns.layout == SHOPIFY
        own, group, title = (self._text(row, name) for name in ("id", "group", "title"))
        of_field = self._columns.of_field
        if not any(map(text_of, row.cells.values())):
            self._report.rows_without_content += 1
            return
        if "id" not in of_field:
            own = f"ROW{row.line:07d}"
            self._report.derived["id"] += 1
        problem = _id_problem(own)
        if problem:
            self._report.add(row.line, of_field.get("id"), "broken row", problem)
            return
        key = (group or own).casefold()
        draft = self._drafts.get(key)
        if shopify:
            self._add_shopify(row, key, own, title, draft)
            return
        if own.casefold() in self._lines:
            reason = f"expected each id once, got {own!r} as in line {self._lines[own.casefold()]}"
            self._report.add(row.line, of_field.get("id"), "duplicate", reason)
            return
        if not title and draft is None:
            self._report.add(
                row.line, of_field["title"], "broken row", "expected a title, got none"
            )
            return
        if draft is not None and not (group or draft.grouped):
            reason = f"expected each id once, got {own!r} as in line {draft.line}"
            self._report.add(row.line, of_field.get("id"), "duplicate", reason)
            return
        self._lines[own.casefold()] = row.line
        if draft is None:
            draft = self._drafts[key] = _Draft(group or own, row.line, bool(group))
        else:
            draft.grouped = True
            self._report.rows_joined += 1
        self._fill(draft, row, title)
        for name, column in self._columns.options.items():
            for value in list_of(row.cells.get(column)):
                draft.options.setdefault(option_text(name), {})[option_text(value)] = None
        for name, column in self._columns.variants.items():
            for value in list_of(row.cells.get(column)):
                draft.variants.setdefault(name, {})[option_text(value)] = None

    def _add_shopify(self, row: Row, key: str, own: str, title: str, draft: _Draft | None) -> None:
        if draft is None:
            if not title:
                column = self._columns.of_field["title"]
                reason = f"expected a title in the first row of {own!r}, got none"
                self._report.add(row.line, column, "broken row", reason)
                return
            draft = self._drafts[key] = _Draft(own, row.line, grouped=True)
            is_first = True
        else:
            is_first = False
        values = []
        for number, (name_column, value_column) in enumerate(self._columns.shopify_options):
            name = option_text(text_of(row.cells.get(name_column)))
            if name:
                draft.option_names[number] = name
            values.append(option_text(text_of(row.cells.get(value_column))))
        chosen = tuple(values)
        if not is_first:
            if not any(chosen) and not self._text(row, "price"):
                self._report.rows_without_content += 1  # A further picture.
                self._fill(draft, row, title)
                return
            if chosen in draft.combinations:
                what = ", ".join(filter(None, chosen)) or "no options"
                reason = f"expected each variant once, got {own!r} with {what} again"
                column = self._columns.of_field["id"]
                self._report.add(row.line, column, "duplicate", reason)
                return
            self._report.rows_joined += 1
        draft.combinations.add(chosen)
        self._fill(draft, row, title)
        for number, value in enumerate(chosen):
            name = draft.option_names.get(number, f"option {number + 1}")
            if value and (name, value) != _NO_OPTION:
                draft.options.setdefault(name, {})[value] = None

    def _fill(self, draft: _Draft, row: Row, title: str) -> None:
        if title:
            draft.titles[title] = None
        for name in self._columns.of_field:
            if name in ("id", "group", "title", "price", "sale_price", "options"):
                continue
            if name not in draft.cells and text_of(cell := self._cell(row, name)).strip():
                draft.cells[name] = cell
        for name in ("sale_price", "price"):
            text = text_of(self._cell(row, name))
            if not is_nothing(text):
                draft.prices.append((row.line, self._columns.of_field[name], text))
                break
        if "options" in self._columns.of_field:
            try:
                groups = options_of(self._cell(row, "options"))
            except InputError as error:
                column = self._columns.of_field["options"]
                self._report.add(row.line, column, "bad value", str(error), "options left out")
                groups = {}
            for name, values in groups.items():
                for value in filter(None, map(option_text, values)):
                    draft.options.setdefault(option_text(name), {})[value] = None

    def finish(self) -> list[Product]:
        """Return the products."""
        drafts = self._drafts.values()
        self.brands = {
            plain_text(text_of(draft.cells["brand"])) for draft in drafts if "brand" in draft.cells
        }
        texts = (text for draft in drafts for _, _, text in draft.prices)
        mark = decimal_mark(texts)
        parsed = [self._prices(draft, mark) for draft in drafts]
        for prices in parsed:
            self._report.currencies.update(price.currency or "" for _, _, price in prices)
        named = Counter({c: n for c, n in self._report.currencies.items() if c})
        currency = named.most_common(1)[0][0] if named else ""
        if "" in self._report.currencies:
            self._report.currencies["none named"] = self._report.currencies.pop("")
        return [
            self._product(draft, self._in_currency(prices, currency), currency)
            for draft, prices in zip(drafts, parsed, strict=True)
        ]

    def _prices(self, draft: _Draft, mark: str) -> list[tuple[int, str, Price]]:
        prices = []
        for line, column, text in draft.prices:
            try:
                prices.append((line, column, parse_price(text, mark)))
            except InputError as error:
                self._report.add(line, column, "bad value", str(error), "price left out")
        return prices

    def _in_currency(self, prices: list[tuple[int, str, Price]], currency: str) -> list[float]:
        amounts: list[float] = []
        for line, column, price in prices:
            if price.currency not in (None, currency):
                reason = f"expected {currency} as most prices have, got {price.currency}"
                self._report.add(line, column, "currency", reason, "price left out")
            else:
                amounts.extend(price.amounts)
        return amounts

    def _product(self, draft: _Draft, amounts: list[float], currency: str) -> Product:
        missing = self._report.missing
        title = _common_title([*draft.titles])
        description, items = text_of_html(text_of(draft.cells.get("description")))
        path = path_of(text_of(draft.cells.get("category_path")))
        if len(path) == 1 and path[0].isdecimal():
            path = []  # A number of Google's taxonomy.
        kind = option_text(text_of(draft.cells.get("kind"))) or (path[-1].lower() if path else "")
        if not path and not kind:
            missing["category"] += 1
        missing["description"] += not description
        missing["price"] += not amounts
        attributes = list_of(draft.cells.get("attributes"), commas=True)
        missing["attributes"] += not attributes
        prices: tuple[float, ...] = (DEFAULT_PRICE_DOLLARS,)
        tag = NO_PRICE_TAG
        if amounts:
            low, high = min(amounts), max(amounts)
            prices = (low,) if low == high else (low, high)
            sign = _SIGNS.get(currency, f"{currency} ")
            tag = " to ".join(f"{sign}{price:.2f}" for price in prices)
        department = option_text(text_of(draft.cells.get("category")))
        options = {name: tuple(values) for name, values in draft.options.items() if values}
        for name, values in draft.variants.items():
            if len(values) > 1:
                options[name] = tuple(values)
        rating = text_of(draft.cells.get("rating")).strip()
        return Product(
            asin=draft.asin,
            title=title,
            description=description,
            bullets=tuple(self._bullets(draft, title, items)) or ("",),
            pricing_dollars=prices,
            price_tag=tag,
            price_dollars=prices[0],
            options=options,
            attributes=tuple(attribute.lower() for attribute in attributes),
            category=department or (path[0].lower() if path else ""),
            query=kind or kind_in_title(title),
            product_category=" › ".join(path),
            image=(list_of(draft.cells.get("image")) or [""])[0],
            rating=rating if re.fullmatch(r"\d(?:[.,]\d+)?", rating) else "N.A.",
        )

    def _bullets(self, draft: _Draft, title: str, items: list[str]) -> Iterator[str]:
        yield from list_of(draft.cells.get("bullets")) or items
        brand = plain_text(text_of(draft.cells.get("brand")))
        if brand and brand.lower() not in title.lower():
            yield f"Brand: {brand}"
        for name, values in draft.variants.items():
            if len(values) == 1:
                yield f"{name.capitalize()}: {next(iter(values))}"
        tags = list_of(draft.cells.get("tags"), commas=True)
        if tags:
            yield ", ".join(tags)


def _id_problem(text: str) -> str | None:
    if not text:
        return "expected an id, got none"
    if len(text) > MOST_ID_CHARACTERS:
        return f"expected an id of at most {MOST_ID_CHARACTERS} characters, got {len(text)}"
    return None


def _common_title(titles: list[str]) -> str:
    """The title of a product whose variants may have titles of their own: their common beginning,
    if it is at least two words; else the first."""
    if len(titles) == 1:
        return titles[0]
    words = [title.split(" ") for title in titles]
    common: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        common.append(column[0])
    shared = " ".join(common).rstrip(_TRAILING)
    return shared if len(shared.split(" ")) >= 2 else titles[0]


def kind_in_title(title: str) -> str:
    """Return what kind of product a title names, as well as can be told without a category: the
    last two words of its first part.

    Example:
        >>> kind_in_title("Acme Stoneware Coffee Mug, 12 oz - Blue")
        'coffee mug'
    """
    first = _TITLE_END.split(title, maxsplit=1)[0]
    words = [word for word in first.lower().split() if any(map(str.isalpha, word))]
    return " ".join(words[-2:])
