"""What an article costs: regular price, sale price while it holds, discount, surcharge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from shopwright.catalogue.articles import OF_MEMBERS, Article, ProductGroup
from shopwright.catalogue.cells import is_nothing, text_of
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.dates import date_of, is_day_first
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.names import currency_in, normal
from shopwright.catalogue.packed import PackedGroups
from shopwright.catalogue.prices import Price, PriceReader, code_of
from shopwright.catalogue.truth import is_no
from shopwright.errors import InputError

_REMEMBERED = 1 << 16
_NO_CURRENCY = "none named"
_READ = ("sale_price", "price")
# What may be said of a discount and of a sale, as cells of an article.
_DISCOUNTS = frozenset(("discount", "discount_amount", "discount_kind"))
_SALE_DATES = ("sale_dates", "sale_from", "sale_to")
_SALE_TIMES = frozenset(("on_sale", *_SALE_DATES))
# What says of amounts such as "1800" that they have two decimals, as WooCommerce's Store API does.
_DECIMALS = "currency_minor_unit"
_LIKELY_DECIMALS = frozenset("01234")


class Sales:
    """Reads the prices of a table's products.

    Args:
        columns: what the columns are.
        groups: all products; all of their prices decide how one is read.
        currency: the code that ``--currency`` gives, if any.
        report: gets what is left out.
        now: decides whether a sale has ended.
    """

    def __init__(
        self,
        columns: Columns,
        groups: PackedGroups,
        report: ImportReport,
        *,
        currency: str | None = None,
        now: datetime | None = None,
    ) -> None:
        self._columns = columns
        self._report = report
        self._no_prices = frozenset(map(normal, columns.layout.none.get("price", ())))
        self._foreign: set[tuple[str, int]] = set()
        self._day_first = False
        self._now = now or datetime.now(UTC)
        named = [currency_in(p[-1]) for n in _READ for p in columns.of_field.get(n, ())]
        stated = _currencies(groups) if columns.has("currency") else ()
        self._reader = PriceReader(_texts(groups), chain(named, stated), currency)
        # Every price is read twice, and many are the same.
        self._read = lru_cache(maxsize=_REMEMBERED)(self._reader.read)
        self._price_of_text = lru_cache(maxsize=_REMEMBERED)(self._price_of_cell)
        self.currency = self._usual_currency(groups, [currency or "", *named])

    def reporting_to(self, report: ImportReport) -> Sales:
        """Return the same that reports elsewhere."""
        sales = copy(self)
        sales._report = report
        return sales

    def _usual_currency(self, groups: Iterable[ProductGroup], named: Iterable[str]) -> str:
        """The currency that most prices have, or that columns are named by; "" if none is. Notes
        how the table writes dates, too."""
        counts: Counter[str] = Counter()
        for article in (article for group in groups for article in _all_articles(group)):
            dates = (text_of(article.prices.get(name)) for name in _SALE_DATES)
            self._day_first = self._day_first or any(map(is_day_first, dates))
            for name in _READ:
                if name in article.prices and (price := self._price(article, name, {})):
                    counts[price.currency or _NO_CURRENCY] += 1
                    break
        self._report.currencies.update(counts)
        said = (code for code, _ in counts.most_common() if code != _NO_CURRENCY)
        found = next(said, next(filter(None, map(code_of, named)), ""))
        self._report.currency_assumed = bool(counts) and not found
        return found

    def _price(
        self, article: Article, name: str, shared: Mapping[str, Any], *, reported: bool = False
    ) -> Price | None:
        """A price of an article; None if there is none, which a zero means, too."""
        value = article.prices.get(name, shared.get(name))
        if value is None:
            return None
        currency = text_of(article.prices.get("currency", shared.get("currency"))).strip()
        read = self._price_of_text if isinstance(value, str) else self._price_of_cell
        try:
            return read(value, currency)
        except InputError as error:
            if reported:
                self._note(article, name, "bad value", str(error))
            return None

    def _price_of_cell(self, value: Any, currency: str) -> Price | None:
        """The price in a cell, or in a list of several; None if there is none."""
        if is_nothing(text := text_of(value)) or normal(text) in self._no_prices:
            return None
        values = value if isinstance(value, list) else [value]
        prices = [self._price_of(v, currency) for v in values if v]
        amounts = [amount for price in prices for amount in price.amounts if amount]
        return Price(tuple(amounts), prices[0].currency) if amounts else None

    def _price_of(self, value: Any, currency: str) -> Price:
        if isinstance(value, Mapping) and _DECIMALS in value:
            return self._price_with_decimals(value, currency)
        minor = self._columns.layout.prices.minor_units
        read = self._read if isinstance(value, str) else self._reader.read
        return read(value, currency, in_minor_units=minor)

    def _price_with_decimals(self, prices: Mapping[str, Any], currency: str) -> Price:
        """The price, or the range of prices, that says itself how many decimals its digits have."""
        decimals = text_of(prices[_DECIMALS]).strip()
        if decimals not in _LIKELY_DECIMALS:
            raise InputError(f"expected a number of decimals, got {decimals!r:.30}")
        ends = prices.get("price_range")
        places = ("min_amount", "max_amount")
        texts = (
            [ends.get(n) for n in places] if isinstance(ends, Mapping) else [prices.get("price")]
        )
        currency = text_of(prices.get("currency_code")) or currency
        read = [self._read(text_of(text), currency) for text in texts]
        amounts = sorted({a / 10 ** int(decimals) for price in read for a in price.amounts})
        return Price(tuple(amounts), read[0].currency)

    def _note(self, article: Article, name: str, kind: str, reason: str) -> None:
        column = self._columns.shown(name)
        self._report.add(
            article.file, article.line, column, kind, reason, f"{name.replace('_', ' ')} left out"
        )

    def amounts(self, article: Article, product: Article | None) -> tuple[float, ...]:
        """Return what an article costs: one amount, the two ends of a range, or none.

        Args:
            article: the article.
            product: the row of its product, whose prices count where the article has none.
        """
        shared = product.prices if product is not None and product is not article else {}
        own = article.prices
        cells = {**shared, **own}
        regular = self._in_currency(article, "price", shared)
        sale: tuple[float, ...] = ()
        # A variant's own regular price is not the product's on sale.
        if self._is_on_sale(cells, article) and ("sale_price" in own or "price" not in own):
            sale = self._in_currency(article, "sale_price", shared)
        else:
            regular += self._in_currency(article, "highest_price", {})
        surcharge = self._surcharge(article)
        regular = tuple(amount + surcharge for amount in regular)
        return (
            tuple(amount + surcharge for amount in sale)
            or self._discounted(article, regular, cells)
            or self._amounts_of_members(article)
        )

    def _amounts_of_members(self, article: Article) -> tuple[float, ...]:
        """What the products cost that one without a price of its own groups."""
        none = Article(article.file, article.line)
        cells = (replace(none, prices=each) for each in article.prices.get(OF_MEMBERS, ()))
        return tuple(amount for each in cells for amount in self.amounts(none, each))

    def _in_currency(
        self, article: Article, name: str, shared: Mapping[str, Any]
    ) -> tuple[float, ...]:
        price = self._price(article, name, shared, reported=name in article.prices)
        if price is None:
            return ()
        if price.currency not in (None, self.currency):
            # A row may have several prices, and variants in it.
            if (place := (article.file, article.line)) not in self._foreign:
                self._foreign.add(place)
                reason = f"expected {self.currency} as most prices have, got {price.currency}"
                self._note(article, name, "currency", reason)
            return ()
        return price.amounts

    def _surcharge(self, article: Article) -> float:
        value = article.prices.get("surcharge")
        if value is None or is_nothing(text_of(value)):
            return 0.0
        text = text_of(value).strip()
        sign = -1.0 if text.startswith("-") else 1.0
        try:
            return sign * self._reader.read(text.lstrip("+-")).amounts[0]
        except InputError as error:
            self._note(article, "surcharge", "bad value", str(error))
            return 0.0

    def _discounted(
        self, article: Article, regular: tuple[float, ...], cells: Mapping[str, Any]
    ) -> tuple[float, ...]:
        if not regular or _DISCOUNTS.isdisjoint(cells) or not self._is_on_sale(cells, article):
            return regular
        kind = text_of(cells.get("discount_kind")).strip().lower()
        discounted = regular
        for name in ("discount", "discount_amount"):
            discount = self._discount(article, name, cells)
            if name == "discount" and kind in self._columns.layout.prices.percent:
                discounted = tuple(round(a * (1 - discount / 100), 2) for a in discounted)
            elif discount:
                discounted = tuple(round(a - discount, 2) for a in discounted)
        return discounted if all(amount > 0 for amount in discounted) else regular

    def _discount(self, article: Article, name: str, cells: Mapping[str, Any]) -> float:
        text = text_of(cells.get(name)).strip().rstrip("%")
        if is_nothing(text):
            return 0.0
        try:
            return self._reader.read(text).amounts[0]
        except InputError as error:
            self._note(article, name, "bad value", str(error))
            return 0.0

    def _is_on_sale(self, cells: Mapping[str, Any], article: Article) -> bool:
        """Whether a sale price holds now."""
        if _SALE_TIMES.isdisjoint(cells):
            return True
        if is_no(text_of(cells.get("on_sale")).strip().lower()):
            return False
        start, _, end = text_of(cells.get("sale_dates")).partition("/")
        begins = self._date(article, cells, "sale_from", start)
        ends = self._date(article, cells, "sale_to", end, at_end=True)
        return (begins is None or begins <= self._now) and (ends is None or self._now <= ends)

    def _date(
        self,
        article: Article,
        cells: Mapping[str, Any],
        name: str,
        otherwise: str,
        *,
        at_end: bool = False,
    ) -> datetime | None:
        """The date of a cell, which may be a part of another one; None if there is none."""
        text = text_of(cells.get(name)).strip()
        name, text = (name, text) if text else ("sale_dates", otherwise.strip())
        if is_nothing(text) or not text.strip("0-: "):
            return None
        found = date_of(text, at_end=at_end, day_first=self._day_first)
        if found is None and name in article.prices:
            self._note(article, name, "bad value", f"expected a date, got {text!r:.60}")
        return found


def _all_articles(group: ProductGroup) -> Iterator[Article]:
    if group.product is not None:
        yield group.product
    yield from group.variants


def _texts(groups: Iterable[ProductGroup]) -> Iterator[Any]:
    for group in groups:
        for article in _all_articles(group):
            yield from (article.prices[name] for name in _READ if name in article.prices)


def _currencies(groups: Iterable[ProductGroup]) -> Iterator[str]:
    for group in groups:
        for article in _all_articles(group):
            if "currency" in article.prices:
                yield text_of(article.prices["currency"])
