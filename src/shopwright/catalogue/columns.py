"""What the columns of a table are: the fields of a product, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shopwright.catalogue.layouts.description import Condition, Labelled, Layout, State
from shopwright.catalogue.names import Path, cell_at, normal

# Field → what it is, as ``--map FIELD=COLUMN`` takes it.
FIELDS: dict[str, str] = {
    "id": "the product's identifier",
    "sku": "a variant's own identifier",
    "group": "what the variants of a product share",
    "parent": "the id or SKU of a variant's product",
    "children": "the variants that a product lists",
    "members": "the products that a product groups",
    "title": "its name",
    "description": "running text",
    "bullets": "feature lines",
    "price": "the regular price",
    "highest_price": "the upper end of a price range",
    "sale_price": "the price while a sale lasts",
    "sale_from": "when the sale begins",
    "sale_to": "when it ends",
    "sale_dates": "both, divided by a slash",
    "on_sale": "whether the sale price holds",
    "currency": "the currency of prices",
    "surcharge": "what a variant costs above the product's price",
    "discount": "what a sale takes off",
    "discount_amount": "the same where that is another column",
    "discount_kind": "whether that is a percentage",
    "category": "the department",
    "kind": "what it is called, e.g. coffee mugs",
    "category_path": "from the department to the kind",
    "brand": "who makes it",
    "image": "the address of its picture",
    "images": "of further pictures",
    "image_position": "which of its pictures it is, from 1",
    "variant_image": "of a variant's own picture",
    "address": "of its page",
    "barcode": "GTIN, EAN or UPC",
    "rating": "stars",
    "attributes": "phrases that describe it",
    "options": "groups of options with their values",
    "tags": "further words for the search",
    "stock": "how many there are",
    "availability": "whether it can be bought",
}
# What shopwright's own export has, all of it: field names of a product.
OWN_COLUMNS = (
    "asin", "title", "description", "bullets", "pricing_dollars", "price_tag", "options",
    "attributes", "category", "query", "product_category", "image", "rating", "instruction",
    "instruction_attributes", "human_instructions", "priced", "currency", "variants", "brand",
    "address", "images", "barcode", "availability", "stock", "details", "tags", "keywords",
    "derived", "goal_rule",
)  # fmt: skip
# What exports of earlier versions do not say.
LATER_COLUMNS = {
    "priced", "currency", "variants", "brand", "address", "images", "barcode", "availability",
    "stock", "details", "tags", "keywords", "derived", "goal_rule",
}  # fmt: skip
OPTION_PREFIX = "option:"
# Fields of a product that are the first cell with content of its rows.
_OF_PRODUCT = (
    "description", "category", "kind", "category_path", "brand", "address", "rating",
    "attributes", "tags", "children", "members", "currency",
)  # fmt: skip
_OF_PRICE = (
    "price", "highest_price", "sale_price", "sale_from", "sale_to", "sale_dates", "on_sale",
    "currency", "surcharge", "discount", "discount_amount", "discount_kind",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Labels and values at their places in a table.

    Attributes:
        notation: how they are written.
        places: (label, the label's place, the values' place) of each; one of the first two is
            empty.
    """

    notation: Labelled
    places: tuple[tuple[str, Path, Path], ...]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        layout: whose table it is.
        of_field: field → its places; the first that holds something counts.
        options, details: where pairs stand.
        states: (place, notation) of what says whether something is for sale.
        role, oversold: places that the layout's rules ask, () if there are none.
        untracked: (place, condition) of what says that nobody counts the stock.
        repeated: places that say that a row repeats a product.
        variants: the place of nested variants, () if there are none.
        unused: the other columns.
    """

    layout: Layout
    of_field: dict[str, tuple[Path, ...]]
    options: tuple[Pairs, ...] = ()
    details: tuple[Pairs, ...] = ()
    states: tuple[tuple[Path, State], ...] = ()
    role: Path = ()
    untracked: tuple[tuple[Path, Condition], ...] = ()
    oversold: Path = ()
    repeated: tuple[Path, ...] = ()
    variants: Path = ()
    unused: tuple[str, ...] = ()
    variant_columns: Columns | None = field(default=None)

    @cached_property
    def no_options(self) -> frozenset[str]:
        """How options that there are not are written, lower case."""
        return frozenset(("", *self.layout.none.get("option", ())))

    @cached_property
    def states_by_alone(self) -> dict[bool, list[tuple[Path, State]]]:
        """The states by whether they count only for what is no variant of another product."""
        return {
            alone: [each for each in self.states if each[1].alone == alone]
            for alone in (False, True)
        }

    @cached_property
    def has_stock_by_location(self) -> bool:
        """Whether there is a column of stock for each location, as Square has them."""
        return any("*" in name for name in self.layout.columns.get("stock", ()))

    @cached_property
    def of_product(self) -> tuple[str, ...]:
        """The fields that are there and say something of a product as it stands."""
        return tuple(name for name in _OF_PRODUCT if name in self.of_field)

    @cached_property
    def of_price(self) -> tuple[str, ...]:
        """The fields that are there and say what something costs."""
        return tuple(name for name in _OF_PRICE if name in self.of_field)

    def cell(self, cells: Mapping[str, Any], name: str) -> Any:
        """Return the first value of a field that says something, else None."""
        for path in self.of_field.get(name, ()):
            value = cells.get(path[0]) if len(path) == 1 else cell_at(cells, path)
            if value or (value is not None and value != "" and value != []):
                return value
        return None

    def has(self, name: str) -> bool:
        """Whether rows, or the variants nested in them, may hold a field."""
        nested = self.variant_columns
        return name in self.of_field or (nested is not None and nested.has(name))

    def shown(self, name: str) -> str | None:
        """A field's column as messages name it."""
        places = self.of_field.get(name)
        return ".".join(places[0]) if places else None

    def to_record(self) -> dict[str, str]:
        """Return field → columns, options included."""
        shown = {name: ", ".join(map(".".join, places)) for name, places in self.of_field.items()}
        for prefix, groups in ((OPTION_PREFIX, self.options), ("detail:", self.details)):
            for pairs in groups:
                for label, named, place in pairs.places:
                    name = f"{prefix}{label or '.'.join(named) or place[-1]}"
                    shown.setdefault(name, ".".join(place))
        for place, _ in self.states:
            shown.setdefault(f"state:{normal(place[-1])}", ".".join(place))
        return shown
