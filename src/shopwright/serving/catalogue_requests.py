"""What UCP's catalogue tools are asked.

Source: Universal Commerce Protocol 2026-04-08, ``search_request``, ``lookup_request`` and
``get_product_request``. Deviations: ``meta`` may be left out, as nothing is negotiated; of the
context only the currency counts. Fields that are not known here are ignored, as UCP wants it.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from shopwright.catalogue.feeds.commerce_protocols import category_names, prices_of
from shopwright.catalogue.product import Product
from shopwright.serving.messages import Amount, Filters, Identifier, Message, Name, Words, whole

IDS_AT_MOST = 50
PAGE_PRODUCTS = 10
# As in `articles.MOST_ARTICLES`, no product has more groups than it has options worth naming.
SELECTED_AT_MOST = 50

MinorUnits = Annotated[int, Field(ge=0, le=2**53 - 1), BeforeValidator(whole)]


class Input(Message):
    """What all inputs share: unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")


class UcpAgent(Input):
    """Who asks."""

    profile: Annotated[str, Field(min_length=1, max_length=2_000)] = Field(
        description="Address of the platform's UCP profile; it is not fetched."
    )


class Meta(Input):
    """What UCP says of a request."""

    ucp_agent: UcpAgent | None = Field(default=None, alias="ucp-agent")


class Context(Input):
    """What is known of the shopper."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None, description="ISO 4217 code of the amounts in filters."
    )


class PriceFilter(Input):
    """Bounds of prices, in minor units (cents)."""

    min: MinorUnits | None = None
    max: MinorUnits | None = None


class CatalogueFilters(Input):
    """What products must be."""

    categories: Annotated[list[Name], Field(max_length=20)] = Field(
        default_factory=list, description="Any of these categories, as products name them."
    )
    price: PriceFilter = Field(default_factory=PriceFilter)


class Pagination(Input):
    """Which page."""

    cursor: Identifier | None = Field(default=None, description="From the page before.")
    limit: Annotated[int, Field(ge=1, le=2**31), BeforeValidator(whole)] = PAGE_PRODUCTS


class SearchInput(Input):
    """A search."""

    query: Words | None = Field(
        default=None,
        description="What the shopper wants, in plain words: kind, features, options, limits.",
    )
    context: Context = Field(default_factory=Context)
    filters: CatalogueFilters = Field(default_factory=CatalogueFilters)
    pagination: Pagination = Field(default_factory=Pagination)


Id = Annotated[str, Field(min_length=1, max_length=300)]


class LookupInput(Input):
    """Identifiers to look up."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=IDS_AT_MOST)] = Field(
        description="Of products or variants; SKUs and barcodes, too."
    )
    context: Context = Field(default_factory=Context)
    filters: CatalogueFilters = Field(default_factory=CatalogueFilters)


class SelectedOption(Input):
    """An option that is chosen."""

    name: Name
    label: Name


class ProductInput(Input):
    """A product to look at."""

    id: Id = Field(description="Of a product or a variant.")
    selected: Annotated[list[SelectedOption], Field(max_length=SELECTED_AT_MOST)] = Field(
        default_factory=list, description="Options that are chosen so far."
    )
    preferences: Annotated[list[Name], Field(max_length=SELECTED_AT_MOST)] = Field(
        default_factory=list,
        description="Names of options; where nothing has all that is chosen, the last gives way.",
    )
    context: Context = Field(default_factory=Context)
    filters: CatalogueFilters = Field(default_factory=CatalogueFilters)


class SearchArguments(Input):
    """The arguments of ``search_catalog``."""

    meta: Meta = Field(default_factory=Meta)
    catalog: SearchInput


class LookupArguments(Input):
    """The arguments of ``lookup_catalog``."""

    meta: Meta = Field(default_factory=Meta)
    catalog: LookupInput


class ProductArguments(Input):
    """The arguments of ``get_product``."""

    meta: Meta = Field(default_factory=Meta)
    catalog: ProductInput


class ProductFilters(Filters):
    """Filters of recommendations as UCP has them: several categories, and prices of both ends.

    Args:
        lowest, highest: in the catalogue's currency.
    """

    categories: list[Name] = Field(default_factory=list)
    lowest: Amount | None = None
    highest: Amount | None = None

    def allow(self, product: Product) -> bool:
        """Whether a product may be shown: one of its articles must cost what is allowed."""
        wanted = {name.casefold() for name in self.categories}
        if wanted and not wanted & category_names(product):
            return False
        if not self.allows_price_of(prices_of(product)):
            return False
        return super().allow(product)

    def allows_price_of(self, prices: list[float]) -> bool:
        """Whether one of some prices lies within the bounds; without bounds, any product may be
        shown, also one without a price."""
        if self.lowest is None and self.highest is None:
            return True
        low = self.lowest or 0.0
        high = float("inf") if self.highest is None else self.highest
        return any(low <= price <= high for price in prices)


def schema_of(arguments: type[Input]) -> dict[str, Any]:
    """Return the JSON schema of a tool's arguments."""
    return arguments.model_json_schema(by_alias=True)
