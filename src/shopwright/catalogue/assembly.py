"""Groups of rows to products."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from shopwright.catalogue.articles import Article, ProductGroup
from shopwright.catalogue.categories import paths_in
from shopwright.catalogue.cells import is_nothing, list_of, option_text, text_of
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.layouts.description import NOT_FOR_SALE
from shopwright.catalogue.markup import plain_text, text_of_html
from shopwright.catalogue.money import format_price
from shopwright.catalogue.product import (
    DEFAULT_PRICE_DOLLARS,
    NO_PRICE_TAG,
    TABLE_GOALS,
    Product,
    Variant,
)
from shopwright.catalogue.sales import Sales
from shopwright.catalogue.selling import worse

_TRAILING = " -–—|,/(:;["
_UNTITLED_OPTION = "variant"
_BRAND_LABELS = ("brand", "manufacturer")
# What labelled fields add to a page, at most.
_MOST_DETAILS = 20
_LONGEST_DETAIL = 100


class Assembly:
    """Makes products of groups.

    Args:
        columns: what the columns of the table are.
        groups: what its rows came to.
        report: gets what is left out.
        include: states of products that are taken although they are not for sale.
        currency: the code that ``--currency`` gives, if any.
    """

    def __init__(
        self,
        columns: Columns,
        groups: Iterable[ProductGroup],
        report: ImportReport,
        *,
        include: Collection[str] = (),
        currency: str | None = None,
    ) -> None:
        self._columns = columns
        self._groups = deque(groups)
        self._report = report
        self._left_out = frozenset(NOT_FOR_SALE) - frozenset(include)
        self._sales = Sales(columns, self._groups, report, currency=currency)
        self._none = columns.layout.none
        self._no_choice = {
            ".".join(place)
            for pairs in columns.options
            if pairs.notation.of_variants
            for _, _, place in pairs.places
        }
        # A table in which nothing is in stock does not count its stock.
        articles = (article for group in self._groups for article in _articles(group))
        self._counts_stock = any(article.stock for article in articles)

    def products(self) -> Iterator[Product]:
        """Yield the products, in the order of their first rows; those that are not for sale and
        rows without a title are left out and reported."""
        groups = self._groups
        while groups:
            group = groups.popleft()
            title = self._title(group)
            if not group.lines:
                continue
            if not title:
                self._report_untitled(group)
                continue
            state = self._sort_out(group)
            if state in self._left_out:
                file, line = group.lines[0]
                self._report.leave_out(file, line, group.asin, state, rows=len(group.lines))
                continue
            self._report.rows_joined += len(group.lines) - 1
            yield self._product(group, title, state)

    def _report_untitled(self, group: ProductGroup) -> None:
        column = self._columns.shown("title")
        reason = f"expected a title in the rows of {group.asin!r}, got none"
        for file, line in group.lines:
            self._report.add(file, line, column, "broken row", reason)

    def _title(self, group: ProductGroup) -> str:
        if group.product is not None and group.product.title:
            return group.product.title
        return common_title(group.titles) if group.titles else ""

    def _sort_out(self, group: ProductGroup) -> str:
        """Return the state of a product, and drop variants that are not for sale where others
        are."""
        self._find_product(group)
        for article in _articles(group):
            is_gone = article.stock == 0 and self._counts_stock and not article.oversold
            if is_gone and article.state in ("", "in stock"):
                article.state = "out of stock"
        product = group.product
        own = worse(product.state, product.state_alone) if product else ""
        if not group.variants or (own in NOT_FOR_SALE and own != "out of stock"):
            return own
        gone = self._left_out - {"out of stock"}
        kept = [variant for variant in group.variants if variant.state not in gone]
        if not kept:
            return group.variants[0].state
        group.variants = kept
        states = [variant.state for variant in kept]
        for state in ("in stock", "", "preorder", "backorder"):
            if state in states:
                return state or own
        return states[0]

    def _find_product(self, group: ProductGroup) -> None:
        """In a feed of variants, the row that has the product's id and no options is the product's
        own."""
        if group.product is not None or len(group.variants) < 2:
            return
        for number, article in enumerate(group.variants):
            others = group.variants[:number] + group.variants[number + 1 :]
            is_named = article.identifier.casefold() == group.asin.casefold()
            if is_named and not article.options and any(other.options for other in others):
                group.product = article
                group.variants = others
                return

    def _product(self, group: ProductGroup, title: str, state: str) -> Product:
        cells, report = group.cells, self._report
        self._tell_apart(group)
        options = self._options(group)
        variants = list(self._variants(group, options))
        amounts = [
            amount
            for article in group.articles
            for amount in self._sales.amounts(article, group.product)
        ]
        description, items = self._description(cells)
        paths = self._paths(cells)
        path = paths[0] if paths else []
        kind = self._kind(cells) or (path[-1].lower() if path else "")
        department = option_text(text_of(cells.get("category")))
        attributes = list_of(cells.get("attributes"), commas=True)
        brand = self._brand(group)
        bullets = [*self._bullets(group, title, brand, items)]
        report.missing["category"] += not (path or kind)
        report.missing["description"] += not description
        report.missing["price"] += not amounts
        report.missing["attributes"] += not attributes
        prices: tuple[float, ...] = (DEFAULT_PRICE_DOLLARS,)
        tag = NO_PRICE_TAG
        currency = self._sales.currency or "USD"
        if amounts:
            prices = tuple(sorted({min(amounts), max(amounts)}))
            tag = " to ".join(format_price(price, currency) for price in prices)
        rating = text_of(cells.get("rating")).strip()
        articles = group.articles
        stocks = [article.stock for article in articles if article.stock is not None]
        pictures = [*group.pictures] or [a.image for a in articles if a.image]
        barcodes = [a.barcode for a in (group.product, *articles) if a and a.barcode]
        return Product(
            asin=group.asin,
            title=title,
            tags=tuple(self._tags(group)),
            description=description,
            bullets=tuple(bullets) or ("",),
            pricing_dollars=prices,
            price_tag=tag,
            price_dollars=prices[0],
            priced=bool(amounts),
            currency=currency,
            goal_rule=TABLE_GOALS,
            options={name: tuple(values) for name, values in options.items()},
            variants=tuple(variants),
            attributes=tuple(attribute.lower() for attribute in attributes),
            category=department or (path[0].lower() if path else ""),
            query=kind,
            product_category=" › ".join(path),
            brand=brand,
            image=pictures[0] if pictures else "",
            images=tuple(pictures[1:]),
            address=text_of(cells.get("address")).strip(),
            barcode=barcodes[0] if barcodes and not variants else "",
            availability=state,
            stock=sum(stocks) if stocks else None,
            rating=rating if re.fullmatch(r"\d(?:[.,]\d+)?", rating) else "N.A.",
            details=dict(group.details),
            keywords=self._keywords(group, brand, kind, paths, bullets),
        )

    def _tell_apart(self, group: ProductGroup) -> None:
        """Make options of details that vary, and of the ends of titles where nothing else tells
        variants apart."""
        articles = group.articles
        if len(articles) == 1:
            group.details = {**articles[0].varying, **group.details}
            return
        for label in dict.fromkeys(label for article in articles for label in article.varying):
            values = [article.varying.get(label, "") for article in articles]
            if len(set(values)) == 1:
                group.details.setdefault(label, values[0])
                continue
            group.labels[label] = label
            for article, value in zip(articles, values, strict=True):
                if value:
                    article.options[label] = option_text(value)
        chosen = [tuple(sorted(article.options.items())) for article in articles]
        titles = [article.title for article in articles]
        if len(set(chosen)) < len(chosen) and len(set(titles)) == len(titles):
            shared = len(_shared_words(titles))
            group.labels[_UNTITLED_OPTION] = _UNTITLED_OPTION
            for article in articles:
                words = article.title.split(" ")[shared:]
                end = " ".join(words).strip(f"{_TRAILING})]")
                article.options[_UNTITLED_OPTION] = option_text(end or article.title)

    def _options(self, group: ProductGroup) -> dict[str, dict[str, None]]:
        """Option group → its values, in order; slots of articles become names of groups."""
        names: dict[str, str] = {}
        values: dict[str, dict[str, None]] = {}
        chosen = [slot for article in group.articles for slot in article.options]
        has_variants = bool(group.variants) and bool(chosen)
        for slot in dict.fromkeys([*group.offered, *chosen]):
            label = group.labels.get(slot) or f"option {len(names) + 1}"
            offered = dict.fromkeys(group.offered.get(slot, ()))
            own = dict.fromkeys(a.options[slot] for a in group.articles if slot in a.options)
            if slot in group.offered and not own and (has_variants or slot in self._no_choice):
                group.details.setdefault(label, ", ".join(offered))
                continue
            names[slot] = label if label not in names.values() else f"{label} {len(names) + 1}"
            # In the product's order; what no variant has cannot be bought.
            in_order = [v for v in offered if v in own or not has_variants]
            values[names[slot]] = dict.fromkeys([*in_order, *own])
        for article in group.articles:
            article.options = {names[s]: v for s, v in article.options.items() if s in names}
        return values

    def _variants(
        self, group: ProductGroup, options: Mapping[str, Collection[str]]
    ) -> Iterator[Variant]:
        if len(group.variants) < 2 and not (group.product and group.variants):
            return
        for article in group.variants:
            amounts = self._sales.amounts(article, group.product)
            yield Variant(
                options=article.options,
                price_dollars=min(amounts, default=None),
                identifier=article.identifier,
                barcode=article.barcode,
                image=article.image,
                availability=article.state,
                stock=article.stock,
            )

    def _description(self, cells: Mapping[str, Any]) -> tuple[str, list[str]]:
        text = text_of(cells.get("description"))
        if line_break := self._columns.layout.line_break:
            text = text.replace(line_break, "\n")
        return text_of_html(text)

    def _paths(self, cells: Mapping[str, Any]) -> list[list[str]]:
        none = self._none["category_path"]
        return paths_in(cells.get("category_path"), self._columns.layout.categories, none)

    def _kind(self, cells: Mapping[str, Any]) -> str:
        kind = option_text(text_of(cells.get("kind")))
        words = {kind, *map(str.strip, kind.split(","))}
        is_one = not words & {*self._none["kind"], *self._none["category_path"]}
        return kind if is_one and not is_nothing(kind) else ""

    def _brand(self, group: ProductGroup) -> str:
        brand = plain_text(text_of(group.cells.get("brand")))
        for label in _BRAND_LABELS:
            brand = brand or group.details.pop(label, "")
        return "" if brand.lower() in self._none["brand"] else brand

    def _bullets(
        self, group: ProductGroup, title: str, brand: str, items: list[str]
    ) -> Iterator[str]:
        yield from list_of(group.cells.get("bullets")) or items
        if brand and brand.lower() not in title.lower():
            yield f"Brand: {brand}"
        details = [(n, t) for n, t in group.details.items() if len(t) <= _LONGEST_DETAIL]
        for name, text in details[:_MOST_DETAILS]:
            yield f"{name.capitalize()}: {text.lower()}"
        if tags := self._tags(group):
            yield ", ".join(tags)

    def _tags(self, group: ProductGroup) -> list[str]:
        if "tags" not in group.cells:
            return []
        tags = list_of(group.cells.get("tags"), commas=True)
        return [tag.replace("_", " ") for tag in tags if tag.lower() not in self._none["tags"]]

    def _keywords(
        self,
        group: ProductGroup,
        brand: str,
        kind: str,
        paths: Iterable[Iterable[str]],
        bullets: Iterable[str],
    ) -> str:
        """What a search finds besides the texts that are indexed anyway."""
        _, *further = bullets or [""]
        parts = [brand, kind, *(part for path in paths for part in path), *further]
        parts += [*group.details.values(), *self._tags(group)]
        distinct = dict.fromkeys(part.lower() for part in parts if part)
        return ", ".join(distinct)


def _articles(group: ProductGroup) -> Iterator[Article]:
    if group.product is not None:
        yield group.product
    yield from group.variants


def _shared_words(titles: list[str]) -> list[str]:
    """The words that all titles begin with."""
    shared: list[str] = []
    for column in zip(*(title.split(" ") for title in titles), strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return shared


def common_title(titles: list[str]) -> str:
    """Return what the titles of a product's variants begin with in common, if it is at least two
    words; else the first title."""
    if len(titles) == 1:
        return titles[0]
    shared = " ".join(_shared_words(titles)).rstrip(_TRAILING)
    return shared if len(shared.split(" ")) >= 2 else titles[0]
