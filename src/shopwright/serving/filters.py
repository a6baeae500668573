"""What recommended products must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shopwright.catalogue.product import Product


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What recommended products must be.

    Attributes:
        category, kind: as the catalogue has them, whatever the case; None for any.
        options: option group → value that must be on offer.
        exclude: asins that must not be among them.
    """

    category: str | None = None
    kind: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    exclude: frozenset[str] = frozenset()

    def allow(self, product: Product, price_limit: float | None) -> bool:
        """Whether a product may be recommended."""
        if product.asin in self.exclude:
            return False
        if price_limit is not None and min(product.pricing_dollars) > price_limit:
            return False
        if self.category is not None and product.category.lower() != self.category.lower():
            return False
        if self.kind is not None and product.query.lower() != self.kind.lower():
            return False
        offered = {name.lower(): values for name, values in product.options.items()}
        return all(
            value.lower() in offered.get(name.lower(), ()) for name, value in self.options.items()
        )

    def to_record(self) -> dict[str, Any]:
        """Return the filters as JSON types."""
        return {
            "category": self.category,
            "kind": self.kind,
            "options": dict(self.options),
            "exclude": sorted(self.exclude),
        }
