"""New, changed and removed products in a shop folder, without building it anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from shopwright.catalogue.parts import encoded
from shopwright.catalogue.phrases import Phrases
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.shop.changes import Change
from shopwright.shop.living import LivingShop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop

# So many products say which phrases a shop has.
PHRASE_PRODUCTS = 20_000
# Field of a product → the fields of a table, as recognition names them, that say it; the prefixes
# of options and details stand for all of them. What a table does not say stays as it was.
SAID_BY: Mapping[str, tuple[str, ...]] = {
    "description": ("description",),
    "bullets": ("bullets", "description", "brand", "tags"),
    "pricing_dollars": ("price", "sale_price"),
    "price_tag": ("price", "sale_price"),
    "priced": ("price", "sale_price"),
    "currency": ("price", "sale_price"),
    "options": ("options", "option", "variants"),
    "category": ("category", "category_path"),
    "query": ("kind", "category_path"),
    "product_category": ("category_path",),
    "image": ("image",),
    "images": ("image", "images"),
    "rating": ("rating",),
    "brand": ("brand",),
    "address": ("address",),
    "barcode": ("barcode",),
    "availability": ("availability", "stock", "state"),
    "stock": ("stock",),
    "details": ("detail",),
    "tags": ("tags",),
    "keywords": ("brand", "tags", "category_path", "kind"),
}
# What decides which attributes are found in a product.
_TEXTS = ("title", "description", "bullets", "category", "query", "details")


Edit = Callable[[Product | None], Product]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an update came to.

    Attributes:
        shop: the shop after it.
        new, changed, unchanged, removed: how many products.
        unknown: asins that were to be removed, but are not in the shop.
    """

    shop: Shop
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    unknown: tuple[str, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """Return the numbers as JSON types."""
        return {
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "unknown": len(self.unknown),
        }


class Updater:
    """Changes a shop folder. May be used from several threads.

    Args:
        living: the folder.
    """

    def __init__(self, living: LivingShop) -> None:
        self._living = living
        self._phrases: Phrases | None = None

    def update(
        self,
        products: Iterable[Product],
        gone: Iterable[str] = (),
        *,
        by: str,
        said: Collection[str] | None = None,
        edits: Mapping[str, Edit] | None = None,
    ) -> Update:
        """Put products into the shop, or in the place of those with their asins, and remove others.
        All of it takes effect together, and is on the disk when this returns.

        Args:
            products: of one asin the last counts.
            gone: asins.
            by: who does it, for the log.
            said: the fields that a table has (see :data:`SAID_BY`); others stay as they were. None
                for all.
            edits: asin → what makes of a product, after ``products``, what it is to be; of None
                if it is not there.

        Raises:
            InputError: as :meth:`LivingShop.apply`.
        """
        puts = {product.asin: product for product in products}
        removed = [asin for asin in dict.fromkeys(gone) if asin not in puts]
        changes: list[Change] = []
        new = 0
        with self._living.changing() as write:
            shop = self._living.shop
            for asin in {**puts, **(edits or {})}:
                row = shop.catalogue.row_of(asin)
                before = after = None if row is None else shop.catalogue[row]
                if asin in puts:
                    after = self._completed(puts[asin], before, said)
                if edits and asin in edits:
                    after = self._completed(edits[asin](after), before, None)
                assert after is not None
                new += before is None
                if before is None or encoded(after, after) != encoded(before, before):
                    changes.append(Change.put(after))
            known = [asin for asin in removed if shop.catalogue.row_of(asin) is not None]
            changed = len(changes) - new
            changes += map(Change, known)
            shop = write(changes, by)
        left = tuple(asin for asin in removed if asin not in set(known))
        return Update(
            shop=shop,
            new=new,
            changed=changed,
            unchanged=len({*puts, *(edits or {})}) - new - changed,
            removed=len(known),
            unknown=left,
        )

    def _completed(
        self, product: Product, before: Product | None, said: Collection[str] | None
    ) -> Product:
        """A product with what its table does not say, and what a build decides."""
        if before is not None and said is not None:
            product = _with_kept(product, before, said)
        if product.attributes in ((), (DEFAULT_ATTRIBUTE,)):
            product = self._with_attributes(product, before)
        if before is not None and product.title == before.title:
            product = replace(product, nouns=before.nouns)
        else:
            (nouns,) = WordTagger().tag([product.title])
            product = replace(product, nouns=nouns)
        price = min(product.pricing_dollars)
        if before is not None:
            product = replace(product, human_instructions=before.human_instructions)
            if before.pricing_dollars == product.pricing_dollars:
                price = before.price_dollars  # It was drawn from these.
        if product.variants:
            price = product.price_with({})
        return replace(product, price_dollars=price)

    def _with_attributes(self, product: Product, before: Product | None) -> Product:
        """A product whose attributes nobody gave: those that it had if its texts are the same."""
        kind: tuple[str, ...] = ()
        if before is not None and "query" in before.derived and not product.query:
            product, kind = replace(product, query=before.query), ("query",)
        same = before is not None and all(
            getattr(product, name) == getattr(before, name) for name in _TEXTS
        )
        if before is not None and (same or "attributes" not in before.derived):
            kept = ("attributes", "instruction", "instruction_attributes", "derived")
            return replace(product, **{name: getattr(before, name) for name in kept})
        if self._phrases is None:
            catalogue = self._living.base.catalogue
            step = max(1, len(catalogue) // PHRASE_PRODUCTS)
            self._phrases = Phrases(catalogue[row] for row in islice(catalogue.rows, 0, None, step))
        return replace(
            product,
            attributes=self._phrases.of(product),
            instruction=None,
            instruction_attributes=(),
            derived=("attributes", *kind),
        )


def _with_kept(product: Product, before: Product, said: Collection[str]) -> Product:
    """A product whose fields of which a table says nothing are as they were."""
    names = {name.partition(":")[0] for name in said}
    if before.priced and not product.priced:
        # Nothing, or nothing readable, or a sale that has ended: what it costs stays.
        names -= {"price", "sale_price"}
    kept = {
        name: getattr(before, name)
        for name, sources in SAID_BY.items()
        if not names.intersection(sources)
    }
    if "options" in kept:
        # A price without options is that of all variants.
        kept["variants"] = before.variants
        if "pricing_dollars" not in kept and len(product.pricing_dollars) == 1:
            (price,) = product.pricing_dollars
            kept["variants"] = tuple(replace(v, price_dollars=price) for v in before.variants)
    elif "pricing_dollars" in kept:
        prices = {tuple(v.options.items()): v.price_dollars for v in before.variants}
        kept["variants"] = tuple(
            replace(v, price_dollars=prices.get(tuple(v.options.items()), v.price_dollars))
            for v in product.variants
        )
    return replace(product, **kept)
