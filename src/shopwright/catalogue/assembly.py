"""Groups of rows to products."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from functools import lru_cache
from typing import Any

from shopwright.catalogue.articles import Article, ProductGroup
from shopwright.catalogue.categories import paths_in
from shopwright.catalogue.cells import (
    is_nothing,
    line_of,
    list_of,
    literal_of,
    option_text,
    rating_of,
    text_of,
)
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.import_report import ImportReport, NotForSale
from shopwright.catalogue.layouts.description import NOT_FOR_SALE
from shopwright.catalogue.markup import text_of_html
from shopwright.catalogue.money import format_price
from shopwright.catalogue.packed import PackedGroups, PackedProducts
from shopwright.catalogue.product import (
    DEFAULT_PRICE_DOLLARS,
    NO_PRICE_TAG,
    TABLE_GOALS,
    Product,
)
from shopwright.catalogue.sales import Sales
from shopwright.catalogue.selling import worse
from shopwright.catalogue.variants import (
    choose_any,
    common_title,
    drop_shared_id,
    find_product,
    has_own_number,
    name_options,
    sell_each,
    tell_apart,
    variant_of,
)
from shopwright.workers import spread

_BRAND_LABELS = ("brand", "manufacturer")
# What labelled fields add to a page, at most.
_MOST_DETAILS = 20
_LONGEST_DETAIL = 100
_REMEMBERED_PATHS = 1 << 14


class Assembly:
    """Makes products of groups.

    Args:
        columns: what the columns of the table are.
        groups: what its rows came to.
        report: gets what is left out.
        include: states of products that are taken although they are not for sale.
        currency: the code that ``--currency`` gives, if any.
        title_of: asin → the title of a known product, empty if there is none; None if none is
            known.
    """

    def __init__(
        self,
        columns: Columns,
        groups: PackedGroups,
        report: ImportReport,
        *,
        include: Collection[str] = (),
        currency: str | None = None,
        title_of: Callable[[str], str] | None = None,
    ) -> None:
        self._title_of = title_of
        self._columns = columns
        self._groups = groups
        self._report = report
        self._left_out = frozenset(NOT_FOR_SALE) - frozenset(include)
        self._sales = Sales(columns, self._groups, report, currency=currency)
        self._none = columns.layout.none
        self._no_kinds = {*self._none["kind"], *self._none["category_path"]}
        # Many products have the same.
        self._paths_of_text = lru_cache(maxsize=_REMEMBERED_PATHS)(self._paths_of)
        self._of_variants = any(pairs.notation.of_variants for pairs in columns.options)
        self._counts_stock = "title" not in columns.of_field or self._is_counted()

    def _is_counted(self) -> bool:
        """Whether stock counts: of a table in which nothing can be bought by it, it does not."""
        if not self._columns.has("stock"):
            return False
        is_tracked = bool(self._columns.untracked)
        is_there = is_gone = False
        for group in self._groups:
            for article in group.articles:
                if article.stock:
                    return True
                # Where a table says what is tracked, there is enough of the rest.
                is_there |= is_tracked and (article.stock is None or article.oversold)
                is_gone |= article.stock == 0
        return is_there and is_gone

    def products(self, processes: int = 0) -> PackedProducts:
        """Return the products, in the order of their first rows; those that are not for sale and
        rows without a title are left out and reported.

        Args:
            processes: how many work side by side, as of :func:`~shopwright.workers.spread`.
        """

        def assembled(groups: PackedGroups) -> tuple[PackedProducts, ImportReport]:
            part = copy(self)
            part._report = self._report.of_part()
            part._sales = self._sales.reporting_to(part._report)
            return PackedProducts(part._products(groups)), part._report

        products = PackedProducts()
        for part, report in spread(assembled, self._groups.drained(), processes=processes):
            products.extend(part)
            self._report.add_part(report)
        return products

    def _products(self, groups: Iterable[ProductGroup]) -> Iterator[Product]:
        for group in groups:
            find_product(group, is_first=self._columns.layout.rows.join == "id")
            title = self._title(group)
            if not group.lines:
                continue
            if not title:
                self._report_untitled(group)
                continue
            state = self._sort_out(group)
            if state in self._left_out:
                self._report.leave_out(self._unsold(group, state), rows=len(group.lines))
                continue
            self._report.rows_joined += len(group.lines) - 1
            if not self._counts_stock:
                zero = (a for a in group.articles if a.stock == 0)
                self._report.stock_ignored += any(a.state != "out of stock" for a in zero)
            yield self._product(group, title, state)

    def _unsold(self, group: ProductGroup, state: str) -> NotForSale:
        file, line = group.lines[0]
        price = None
        if self._title_of and len(group.articles) == 1:
            price = min(self._sales.amounts(group.articles[0], group.product), default=None)
        return NotForSale(file, line, group.asin, state, price)

    def _report_untitled(self, group: ProductGroup) -> None:
        column = self._columns.shown("title")
        reason = f"expected a title in the rows of {group.asin!r}, got none"
        if self._title_of and "title" not in self._columns.of_field:
            column = self._columns.shown("id")
            reason = (
                f"expected the id of a product or variant of the shop, got {group.asin!r:.60}; "
                "a new or removed one needs a title, too"
            )
        for file, line in group.lines:
            self._report.add(file, line, column, "broken row", reason)

    def _title(self, group: ProductGroup) -> str:
        if group.product is not None and group.product.title:
            return group.product.title
        if group.titles:
            values = (value for article in group.variants for value in article.options.values())
            return common_title(group.titles, values)
        return self._title_of(group.asin) if self._title_of else ""

    def _sort_out(self, group: ProductGroup) -> str:
        """Return the state of a product, and drop variants that are not for sale where others
        are."""
        for article in _articles(group):
            if article.stock != 0 or article.state not in ("", "in stock"):
                continue
            if article.oversold:
                article.state = "backorder"
            elif self._counts_stock:
                article.state = "out of stock"
        product = group.product
        own = worse(product.state, product.state_alone) if product else ""
        if not group.variants or (own in NOT_FOR_SALE and own != "out of stock"):
            return own
        gone = self._left_out - {"out of stock"}
        kept = [variant for variant in group.variants if variant.state not in gone]
        if not kept:
            return group.variants[0].state
        dropped = (variant.state for variant in group.variants if variant.state in gone)
        self._report.variants_not_for_sale.update(dropped)
        group.variants = kept
        states = [variant.state for variant in kept]
        if not any(states) and all(variant.stock is None for variant in kept):
            return own
        for state in ("in stock", "", "preorder", "backorder"):
            if state in states:
                return state
        return states[0]

    def _product(self, group: ProductGroup, title: str, state: str) -> Product:
        cells, report = group.cells, self._report
        stocks = [article.stock for article in group.articles if article.stock is not None]
        drop_shared_id(group)
        if mark := self._columns.layout.rows.several_ids:
            sell_each(group, mark)
        if self._of_variants:
            choose_any(group)
        tell_apart(group)
        options = name_options(group, of_variants=self._of_variants)
        articles = group.articles
        costs = [self._sales.amounts(article, group.product) for article in articles]
        amounts = [amount for each in costs for amount in each]
        has_variants = (
            len(articles) > 1
            or (group.product is not None and bool(group.variants))
            or has_own_number(group, articles[0], costs[0])
        )
        if len(articles) == 1 and articles[0].image in group.pictures[:1]:
            articles[0].image = ""  # It is the product's.
        variants = tuple(map(variant_of, articles, costs)) if has_variants else ()
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
        rating = rating_of(cells.get("rating"))
        if "rating" in cells and not rating:
            report.missing["readable rating"] += 1
        prices: tuple[float, ...] = (DEFAULT_PRICE_DOLLARS,)
        tag = NO_PRICE_TAG
        currency = self._sales.currency or "USD"
        if amounts:
            prices = tuple(sorted({min(amounts), max(amounts)}))
            tag = " to ".join(format_price(price, currency) for price in prices)
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
            options=options,
            variants=variants,
            attributes=tuple(attribute.lower() for attribute in attributes),
            category=department or (path[0].lower() if path else ""),
            query=kind,
            product_category=" › ".join(path),
            brand=brand,
            image=pictures[0] if pictures else "",
            images=tuple(pictures[1:]),
            address=text_of(cells.get("address")).strip(),
            barcode=barcodes[0] if barcodes and len(articles) == 1 else "",
            availability=state,
            stock=sum(stocks) if stocks else None,
            rating=rating or "N.A.",
            details=dict(group.details),
            keywords=self._keywords(group, brand, kind, paths, bullets),
        )

    def _description(self, cells: Mapping[str, Any]) -> tuple[str, list[str]]:
        value = literal_of(cells.get("description"))
        entries = value if isinstance(value, list) else [cells.get("description")]
        text = "\n".join(filter(None, map(text_of, entries)))
        if line_break := self._columns.layout.line_break:
            text = text.replace(line_break, "\n")
        return text_of_html(text)

    def _paths(self, cells: Mapping[str, Any]) -> list[list[str]]:
        value = cells.get("category_path")
        return self._paths_of_text(value) if isinstance(value, str) else self._paths_of(value)

    def _paths_of(self, value: Any) -> list[list[str]]:
        none = self._none["category_path"]
        return paths_in(value, self._columns.layout.categories, none)

    def _kind(self, cells: Mapping[str, Any]) -> str:
        kind = option_text(text_of(cells.get("kind")))
        words = {kind, *map(str.strip, kind.split(","))}
        is_one = not words & self._no_kinds
        return kind if is_one and not is_nothing(kind) else ""

    def _brand(self, group: ProductGroup) -> str:
        brand = line_of(group.cells.get("brand"))
        for label in _BRAND_LABELS:
            said = group.details.pop(label, "")
            brand = brand or said
        return "" if brand.lower() in self._none["brand"] else brand

    def _bullets(
        self, group: ProductGroup, title: str, brand: str, items: list[str]
    ) -> Iterator[str]:
        summary = list_of(group.cells.get("summary"))
        yield from list_of(group.cells.get("bullets")) or items or summary
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
