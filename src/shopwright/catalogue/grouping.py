"""Products from the rows of a table: rows that are variants of one product are grouped."""

from __future__ import annotations

import re
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
from shopwright.catalogue.forms.table import Row
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.markup import plain_text, text_of_html
from shopwright.catalogue.money import format_price
from shopwright.catalogue.prices import Price, PriceReader
from shopwright.catalogue.product import (
    DEFAULT_PRICE_DOLLARS,
    MAXIMUM_ASIN_LENGTH,
    NO_PRICE_TAG,
    Product,
)
from shopwright.errors import InputError

_NO_CURRENCY = "none named"
_NO_OPTION = ("title", "default title")  # How Shopify writes that there is nothing to choose.
_TITLE_END = re.compile(r"\s[-–—|]\s|[,(\[:;/]")
_TRAILING = " -–—|,/(:;["
# Fields that are not simply the first cell with content.
_GATHERED = frozenset(("id", "group", "title", "price", "sale_price", "options"))


@dataclass
class ProductGroup:
    """What the rows of one product say.

    Attributes:
        asin: the product's identifier.
        cells: field → the first cell with content.
        titles: the distinct titles of the rows, in order of appearance.
        prices: (file, line, column, text) of each price.
        options, variants: group → its values, in order of appearance.
        combinations: Shopify: the option values of each row, to find repeated ones.
        option_names: Shopify: number of an option → its name, which only the first row gives.
    """

    asin: str
    cells: dict[str, Any] = field(default_factory=dict)
    titles: dict[str, None] = field(default_factory=dict)
    prices: list[tuple[str, int, str, str]] = field(default_factory=list)
    options: dict[str, dict[str, None]] = field(default_factory=dict)
    variants: dict[str, dict[str, None]] = field(default_factory=dict)
    combinations: set[tuple[str, ...]] = field(default_factory=set)
    option_names: dict[int, str] = field(default_factory=dict)

    def add_option(self, name: str, value: str) -> None:
        """Add a value to an option group."""
        self.options.setdefault(name, {})[value] = None


class ProductGroups:
    """Groups the rows of a table by product."""

    def __init__(self, columns: Columns, report: ImportReport) -> None:
        self._columns = columns
        self._report = report
        self._groups: dict[str, ProductGroup] = {}
        self._line_of_id: dict[str, int] = {}

    @property
    def brands(self) -> set[str]:
        """The brands that the table names."""
        groups = self._groups.values()
        return {plain_text(text_of(g.cells["brand"])) for g in groups if "brand" in g.cells}

    def _cell(self, row: Row, name: str) -> Any:
        column = self._columns.of_field.get(name)
        return None if column is None else row.cells.get(column)

    def _text(self, row: Row, name: str) -> str:
        return plain_text(text_of(self._cell(row, name)))

    def _leave_out(self, row: Row, name: str, kind: str, reason: str) -> None:
        self._report.add(row.file, row.line, self._columns.of_field.get(name), kind, reason)

    def add(self, row: Row) -> None:
        """Add a row to the group of its product, or report why it is left out."""
        if not any(map(text_of, row.cells.values())):
            self._report.rows_without_content += 1
            return
        own, group_id, title = (self._text(row, name) for name in ("id", "group", "title"))
        if "id" not in self._columns.of_field:
            own = f"ROW{row.line:07d}"
            self._report.derived["id"] += 1
        for name, text in (("id", own), ("group", group_id or own)):
            if problem := _id_problem(text):
                self._leave_out(row, name, "broken row", problem)
                return
        is_shopify = self._columns.layout == SHOPIFY
        known_line = None if is_shopify else self._line_of_id.get(own.casefold())
        if known_line is not None:
            reason = f"expected each id once, got {own!r} as in line {known_line}"
            self._leave_out(row, "id", "duplicate", reason)
            return
        key = (group_id or own).casefold()
        is_first = key not in self._groups
        if is_first and not title:
            reason = f"expected a title in the first row of {own!r}, got none"
            self._leave_out(row, "title", "broken row", reason)
            return
        self._line_of_id[own.casefold()] = row.line
        group = self._groups.setdefault(key, ProductGroup(group_id or own))
        options = self._options(group, row)
        if is_shopify and not self._is_new_variant(group, row, options, title):
            return
        self._report.rows_joined += not is_first
        self._fill(group, row, title)
        for name, value in options:
            if value and (name, value) != _NO_OPTION:
                group.add_option(name, value)
        for name, column in self._columns.variants.items():
            for value in list_of(row.cells.get(column)):
                group.variants.setdefault(name, {})[option_text(value)] = None

    def _options(self, group: ProductGroup, row: Row) -> list[tuple[str, str]]:
        """The (option group, value) pairs in the option columns of a row; in Shopify's, a pair
        with an empty value where the row has none."""
        pairs = [
            (option_text(name), option_text(value))
            for name, column in self._columns.options.items()
            for value in list_of(row.cells.get(column))
        ]
        for number, (name_column, value_column) in enumerate(self._columns.shopify_options):
            name = option_text(text_of(row.cells.get(name_column)))
            if name:
                group.option_names[number] = name
            name = group.option_names.get(number, f"option {number + 1}")
            pairs.append((name, option_text(text_of(row.cells.get(value_column)))))
        return pairs

    def _is_new_variant(
        self, group: ProductGroup, row: Row, options: list[tuple[str, str]], title: str
    ) -> bool:
        """Whether a Shopify row is the first of its option values, not a further picture or a
        repeated variant, which is reported."""
        chosen = tuple(value for _, value in options)
        if group.combinations and not any(chosen) and not self._text(row, "price"):
            self._report.rows_without_content += 1  # A further picture.
            self._fill(group, row, title)
            return False
        if chosen in group.combinations:
            what = ", ".join(filter(None, chosen)) or "no options"
            reason = f"expected each variant once, got {group.asin!r} with {what} again"
            self._leave_out(row, "id", "duplicate", reason)
            return False
        group.combinations.add(chosen)
        return True

    def _fill(self, group: ProductGroup, row: Row, title: str) -> None:
        if title:
            group.titles[title] = None
        for name in self._columns.of_field:
            if name in _GATHERED or name in group.cells:
                continue
            if text_of(cell := self._cell(row, name)).strip():
                group.cells[name] = cell
        for name in ("sale_price", "price"):
            text = text_of(self._cell(row, name))
            if not is_nothing(text):
                group.prices.append((row.file, row.line, self._columns.of_field[name], text))
                break
        if column := self._columns.of_field.get("options"):
            try:
                groups = options_of(row.cells.get(column))
            except InputError as error:
                self._report.add(
                    row.file, row.line, column, "bad value", str(error), "options left out"
                )
                return
            for name, values in groups.items():
                for value in filter(None, map(option_text, values)):
                    group.add_option(option_text(name), value)

    def products(self) -> list[Product]:
        """Return the products of all groups, in the order of their first rows."""
        groups = self._groups.values()
        reader = PriceReader(text for group in groups for *_, text in group.prices)
        parsed = [self._prices(group, reader) for group in groups]
        currencies = self._report.currencies
        for prices in parsed:
            currencies.update(price.currency or _NO_CURRENCY for *_, price in prices)
        named = [code for code, _ in currencies.most_common() if code != _NO_CURRENCY]
        currency = named[0] if named else ""
        return [
            self._product(group, self._amounts(prices, currency), currency)
            for group, prices in zip(groups, parsed, strict=True)
        ]

    def _prices(
        self, group: ProductGroup, reader: PriceReader
    ) -> list[tuple[str, int, str, Price]]:
        prices = []
        for file, line, column, text in group.prices:
            try:
                prices.append((file, line, column, reader.read(text)))
            except InputError as error:
                self._report.add(file, line, column, "bad value", str(error), "price left out")
        return prices

    def _amounts(self, prices: list[tuple[str, int, str, Price]], currency: str) -> list[float]:
        amounts: list[float] = []
        for file, line, column, price in prices:
            if price.currency in (None, currency):
                amounts.extend(price.amounts)
            else:
                reason = f"expected {currency} as most prices have, got {price.currency}"
                self._report.add(file, line, column, "currency", reason, "price left out")
        return amounts

    def _product(self, group: ProductGroup, amounts: list[float], currency: str) -> Product:
        cells = group.cells
        title = _common_title([*group.titles])
        description, items = text_of_html(text_of(cells.get("description")))
        path = path_of(text_of(cells.get("category_path")))
        if len(path) == 1 and path[0].isdecimal():
            path = []  # A number of Google's taxonomy.
        kind = option_text(text_of(cells.get("kind"))) or (path[-1].lower() if path else "")
        attributes = list_of(cells.get("attributes"), commas=True)
        missing = self._report.missing
        if not path and not kind:
            missing["category"] += 1
        missing["description"] += not description
        missing["price"] += not amounts
        missing["attributes"] += not attributes
        prices: tuple[float, ...] = (DEFAULT_PRICE_DOLLARS,)
        tag = NO_PRICE_TAG
        if amounts:
            prices = tuple(sorted({min(amounts), max(amounts)}))
            tag = " to ".join(format_price(price, currency or "USD") for price in prices)
        department = option_text(text_of(cells.get("category")))
        options = {name: tuple(values) for name, values in group.options.items()}
        options |= {name: tuple(v) for name, v in group.variants.items() if len(v) > 1}
        rating = text_of(cells.get("rating")).strip()
        return Product(
            asin=group.asin,
            title=title,
            description=description,
            bullets=tuple(_bullets(group, title, items)) or ("",),
            pricing_dollars=prices,
            price_tag=tag,
            price_dollars=prices[0],
            priced=bool(amounts),
            currency=currency or "USD",
            options=options,
            attributes=tuple(attribute.lower() for attribute in attributes),
            category=department or (path[0].lower() if path else ""),
            query=kind or kind_in_title(title),
            product_category=" › ".join(path),
            image=(list_of(cells.get("image")) or [""])[0],
            rating=rating if re.fullmatch(r"\d(?:[.,]\d+)?", rating) else "N.A.",
        )


def _bullets(group: ProductGroup, title: str, items: list[str]) -> Iterator[str]:
    yield from list_of(group.cells.get("bullets")) or items
    brand = plain_text(text_of(group.cells.get("brand")))
    if brand and brand.lower() not in title.lower():
        yield f"Brand: {brand}"
    for name, values in group.variants.items():
        if len(values) == 1:
            yield f"{name.capitalize()}: {next(iter(values))}"
    tags = list_of(group.cells.get("tags"), commas=True)
    if tags:
        yield ", ".join(tags)


def _id_problem(text: str) -> str | None:
    if not text:
        return "expected an id, got none"
    if len(text) > MAXIMUM_ASIN_LENGTH:
        return f"expected an id of at most {MAXIMUM_ASIN_LENGTH} characters, got {len(text)}"
    return None


def _common_title(titles: list[str]) -> str:
    """What the titles of a product's variants begin with in common, if it is at least two words;
    else the first title."""
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
    """Return the kind of product that a title names, guessed without a category: the last two
    words of its first part.

    Example:
        >>> kind_in_title("Acme Stoneware Coffee Mug, 12 oz - Blue")
        'coffee mug'
    """
    first = _TITLE_END.split(title, maxsplit=1)[0]
    words = [word for word in first.lower().split() if any(map(str.isalpha, word))]
    return " ".join(words[-2:])
