"""UCP's catalogue tools: products that the agent recommends, and products by identifier.

Source: Universal Commerce Protocol 2026-04-08, catalogue search and lookup. Deviations: nothing is
negotiated, since both capabilities are always there; a page after the first is another
recommendation, without what was shown before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shopwright.catalogue.feeds.articles import articles_of
from shopwright.catalogue.feeds.commerce_protocols import ucp_product
from shopwright.catalogue.money import decimals_of
from shopwright.catalogue.product import Product, Variant
from shopwright.errors import InputError
from shopwright.serving.article_options import choices, featured, settle
from shopwright.serving.catalogue_requests import (
    CatalogueFilters,
    Context,
    LookupInput,
    ProductFilters,
    ProductInput,
    SearchInput,
)
from shopwright.serving.messages import ITEMS_AT_MOST
from shopwright.serving.service import Service
from shopwright.shop.variant_lists import VariantIds

VERSION = "2026-04-08"
SEARCH, LOOKUP = "dev.ucp.shopping.catalog.search", "dev.ucp.shopping.catalog.lookup"
# So many products of one search can be paged through.
PAGED_AT_MOST = 100
VARIANTS_AT_MOST = 100
_DOCUMENTS = f"https://ucp.dev/{VERSION}"


def profile(address: str) -> dict[str, Any]:
    """Return what a shop says at ``/.well-known/ucp``.

    Args:
        address: where it answers, e.g. "https://shop.example".
    """
    service = {
        "version": VERSION,
        "spec": f"{_DOCUMENTS}/specification/overview",
        "transport": "mcp",
        "schema": f"{_DOCUMENTS}/services/shopping/mcp.openrpc.json",
        "endpoint": f"{address}/mcp",
    }
    capabilities = {
        name: [
            {
                "version": VERSION,
                "spec": f"{_DOCUMENTS}/specification/catalog/{part}",
                "schema": f"{_DOCUMENTS}/schemas/shopping/catalog_{part}.json",
            }
        ]
        for name, part in ((SEARCH, "search"), (LOOKUP, "lookup"))
    }
    return {
        "ucp": {
            "version": VERSION,
            "services": {"dev.ucp.shopping": [service]},
            "capabilities": capabilities,
            "payment_handlers": {},
        }
    }


class Found(NamedTuple):
    """What an identifier names: a product, and one of its articles if it names that one."""

    product: Product
    article: Variant | None


class _Listing:
    """The products of a response, and what is said of them.

    Args:
        messages: what was said before; more is added.
        place: where a product stands in the response; by its number if empty.
    """

    def __init__(self, messages: list[dict[str, str]], place: str = "") -> None:
        self._messages, self._place = messages, place
        self._products: list[dict[str, Any]] = []

    def add(self, product: Product, articles: Sequence[Variant]) -> dict[str, Any]:
        """List a product with some of its articles and return its record. UCP has no sign for a
        price that is not known but 0: a warning says so."""
        place = self._place or f"$.products[{len(self._products)}]"
        for number, article in enumerate(articles):
            if article.price_dollars is None:
                warning = {"type": "warning", "code": "price_unknown"}
                text = "The catalogue has no price; the amount 0 stands for none."
                where = f"{place}.variants[{number}].price"
                self._messages.append({**warning, "content": text, "path": where})
        self._products.append(ucp_product(product, articles))
        return self._products[-1]

    def response(self, capability: str) -> dict[str, Any]:
        """Return the response with the listed products."""
        return {
            "ucp": _ucp(capability),
            "products": self._products,
            "messages": self._messages,
        }


class CatalogueTools:
    """UCP's three operations on the shop of a service; each returns a response, JSON types."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ids = VariantIds(service.shop.catalogue)

    def search(self, asked: SearchInput) -> dict[str, Any]:
        """Return products for a request, best first, each with the article that suits it and why.

        Raises:
            InputError: nothing is asked for, or the cursor is not of this query.
        """
        filters, messages = self._filters(asked.filters, asked.context)
        request = asked.query or " ".join(filters.categories)
        if not request:
            raise InputError("catalog: expected a query or filters.categories, got neither")
        filters.exclude = self._shown_before(asked.pagination.cursor, request)
        left = max(0, PAGED_AT_MOST - len(filters.exclude))
        count = min(asked.pagination.limit, ITEMS_AT_MOST, left)
        answer = self._service.recommend(
            request, count=count, price_limit=filters.highest or None, filters=filters
        )
        items = answer["items"]
        if answer["nothing_fits"] and filters.exclude:
            items = []  # All that fits was shown before.
        elif answer["nothing_fits"]:
            nearest = "; these come nearest" if items else ""
            messages.append(_info("nothing_fits", f"Nothing here fits{nearest}."))
        listing = _Listing(messages)
        for item in items:
            self._add_recommended(listing, item, answer["recommendation_id"], filters)
        page: dict[str, Any] = {"has_next_page": False}
        if not answer["nothing_fits"] and len(items) == count < left:
            page = {"has_next_page": True, "cursor": answer["recommendation_id"]}
        return {**listing.response(SEARCH), "pagination": page}

    def lookup(self, asked: LookupInput) -> dict[str, Any]:
        """Return the products that identifiers name, each once, with the articles that they name or
        one that stands for the product."""
        filters, messages = self._filters(asked.filters, asked.context)
        listing = _Listing(messages)
        products: dict[str, Product] = {}
        articles: dict[str, dict[str, Variant]] = {}
        inputs: dict[str, list[dict[str, str]]] = {}
        for id in dict.fromkeys(asked.ids):
            found = self._find(id)
            if found is None:
                messages.append(_info("not_found", id))
                continue
            product, article = found
            match = "featured" if article is None else "exact"
            allowed = _allowed([article] if article else articles_of(product), filters)
            if not (allowed and filters.allow(product)):
                continue
            article = featured(allowed)
            products[product.asin] = product
            articles.setdefault(product.asin, {})[article.identifier] = article
            inputs.setdefault(article.identifier, []).append({"id": id, "match": match})
        for asin, product in products.items():
            record = listing.add(product, [*articles[asin].values()])
            for variant in record["variants"]:
                variant["inputs"] = inputs[variant["id"]]
        return listing.response(LOOKUP)

    def product(self, asked: ProductInput) -> dict[str, Any]:
        """Return a product, its articles with the chosen options, and which options can be chosen
        beside them."""
        filters, messages = self._filters(asked.filters, asked.context)
        found = self._find(asked.id)
        if found is None or not filters.allow(found.product):
            return _not_found(asked.id)
        product, article = found
        articles = _allowed(articles_of(product), filters)
        if not articles or (article is not None and article not in articles):
            return _not_found(asked.id)
        selected = settle(product, articles, asked.selected, asked.preferences)
        if article is not None or not selected:
            article = article or featured(articles)
            selected = dict(article.options)
        matching = [each for each in articles if selected.items() <= each.options.items()]
        first = article or featured(matching)
        listed = [first, *(each for each in matching if each != first)][:VARIANTS_AT_MOST]
        listing = _Listing(messages, "$.product")
        record = listing.add(product, listed)
        if product.options:
            record["options"] = choices(product, articles, selected)
            record["selected"] = [
                {"name": name, "label": label} for name, label in selected.items()
            ]
        return {"ucp": _ucp(LOOKUP), "product": record, "messages": messages}

    def _filters(
        self, asked: CatalogueFilters, context: Context
    ) -> tuple[ProductFilters, list[dict[str, str]]]:
        currency = self._service.shop.catalogue.currency
        filters = ProductFilters(categories=asked.categories)
        if asked.price.min is None and asked.price.max is None:
            return filters, []
        if context.currency not in (None, currency):
            text = f"Prices are in {currency}: the price filter in {context.currency} was ignored."
            return filters, [_info("price_filter_ignored", text)]
        unit = 10 ** decimals_of(currency)
        low, high = asked.price.min, asked.price.max
        filters.lowest = None if low is None else low / unit
        filters.highest = None if high is None else high / unit
        return filters, []

    def _shown_before(self, cursor: str | None, request: str) -> list[str]:
        if cursor is None:
            return []
        before = self._service.store.recommendation(cursor)
        if before is None or before.request != request:
            raise InputError("pagination.cursor: expected one of an answer to this query")
        return [*before.settings.get("exclude", ()), *before.items]

    def _add_recommended(
        self, listing: _Listing, item: Mapping[str, Any], id: str, filters: ProductFilters
    ) -> None:
        """List a recommended product with the article that suits the request, unless it was removed
        meanwhile."""
        catalogue = self._service.shop.catalogue
        row = catalogue.row_of(item["asin"])
        if row is None:
            return
        product = catalogue[row]
        articles = _allowed(articles_of(product), filters) or articles_of(product)
        suiting = [each for each in articles if item["options"].items() <= each.options.items()]
        record = listing.add(product, [featured(suiting or articles)])
        reasoned = {name: item[name] for name in ("reason", "fits", "confidence", "score")}
        record.setdefault("metadata", {})["recommendation"] = {"id": id, **reasoned}

    def _find(self, id: str) -> Found | None:
        """What an identifier names. SKUs and barcodes are found by reading all products once."""
        catalogue = self._service.shop.catalogue
        row = catalogue.row_of(id)
        if row is not None:
            product = catalogue[row]
            articles = articles_of(product)
            is_article = len(articles) == 1 and articles[0].identifier == id
            return Found(product, articles[0] if is_article else None)
        # As articles without an identifier of their own are called.
        row = catalogue.row_of(id.rpartition("-")[0])
        if row is not None:
            for article in articles_of(catalogue[row]):
                if article.identifier == id:
                    return Found(catalogue[row], article)
        if self._ids.catalogue is not catalogue:
            self._ids = VariantIds(catalogue)
        place = self._ids.find(id)
        row = catalogue.row_of(place.asin) if place else None
        if place is None or row is None:
            return None
        return Found(catalogue[row], articles_of(catalogue[row])[place.number])


def _ucp(capability: str) -> dict[str, Any]:
    return {
        "version": VERSION,
        "status": "success",
        "capabilities": {capability: [{"version": VERSION}]},
    }


def _info(code: str, content: str) -> dict[str, str]:
    return {"type": "info", "code": code, "content": content}


def _not_found(id: str) -> dict[str, Any]:
    message = {"type": "error", "code": "not_found", "severity": "unrecoverable"}
    return {
        "ucp": {**_ucp(LOOKUP), "status": "error"},
        "messages": [{**message, "content": f"Product not found: {id}"}],
    }


def _allowed(articles: Sequence[Variant], filters: ProductFilters) -> list[Variant]:
    """The articles that cost what is allowed."""
    return [
        each
        for each in articles
        if filters.allows_price_of([] if each.price_dollars is None else [each.price_dollars])
    ]
