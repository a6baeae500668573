"""A product of the catalogue, as the shop shows and sells it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from shopwright.catalogue.money import decimals_of, format_price
from shopwright.display import html_fields, shortened
from shopwright.errors import CatalogueError

DEFAULT_PRICE_DOLLARS = 100.0
NO_PRICE_TAG = "no price given"
DEFAULT_ATTRIBUTE = "DUMMY_ATTR"
_TUPLES = frozenset(
    ("bullets pricing_dollars attributes instruction_attributes nouns images tags derived").split()
)
_AVAILABLE = frozenset(("in stock", "preorder", "backorder"))
# How a product's requests are made: as WebShop makes them, or as suits a shop of any currency.
WEBSHOP_GOALS, TABLE_GOALS = "webshop", "table"
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# Characters of an identifier, wherever products come from; asins are stored in equal width.
MAXIMUM_ASIN_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """A request that a person wrote for a product.

    Attributes:
        text: the request, without a price limit.
        attributes: what is asked of the product, e.g. ``("gluten free",)``; may be empty.
        options: the option values asked for, without the names of their groups.
    """

    text: str
    attributes: tuple[str, ...]
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One of the articles among which the options of a product choose.

    Attributes:
        options: option group → value, a value for each group of the product.
        price_dollars: what it costs; None if the catalogue does not say.
        identifier: its own id or stock-keeping unit, may be empty.
        barcode: its GTIN, EAN or UPC, may be empty.
        image: the address of its own picture, may be empty.
        availability: as of the product.
        stock: how many there are; None if the catalogue does not say.
    """

    options: Mapping[str, str]
    price_dollars: float | None = None
    identifier: str = ""
    barcode: str = ""
    image: str = ""
    availability: str = ""
    stock: int | None = None

    @property
    def available(self) -> bool:
        """Whether it can be bought, as far as the catalogue says."""
        return _is_available(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product.

    Amounts that are called dollars, here and everywhere, are in units of the product's currency;
    all products of a shop have the same one.

    Attributes:
        asin: its identifier, unique in a catalogue.
        title: its name.
        description: running text, may be empty.
        bullets: feature lines, at least one (which may be empty).
        pricing_dollars: one price, or the two ends of a price range.
        price_tag: the price as pages show it.
        price_dollars: what a purchase costs before anything is chosen: the price, that of the first
            variant, or a draw from the range made once when the shop is built.
        priced: whether the catalogue gives a price; if not, the others are WebShop's default.
        options: option group → its values, all lower case; the order is the page's.
        attributes: phrases that describe it, e.g. ``("machine washable", "long sleeve")``.
        category: the department, e.g. ``"garden"``.
        query: the kind of product, e.g. ``"console tables"``.
        product_category: the path of categories, joined by ``›``.
        image: the address of its picture, may be empty.
        rating: as pages show it.
        instruction: the beginning of its synthetic request, without options and price; None if
            no request is made for it.
        instruction_attributes: the attributes that the synthetic request asks for.
        human_instructions: requests that people wrote for it.
        nouns: nouns and proper nouns of the title, lower case, in order, with repetitions.
        currency: the ISO 4217 code of its prices.
        variants: what its options choose among, if they differ in price or the catalogue names
            them; none if every combination of options is for sale at the product's one price.
        brand: who makes it, may be empty.
        address: the address of its page in the shop, may be empty.
        images: the addresses of further pictures.
        barcode: its GTIN, EAN or UPC, may be empty.
        availability: "in stock", "out of stock", "preorder", "backorder", "discontinued",
            "draft", "hidden", or "" if the catalogue does not say.
        stock: how many there are; None if the catalogue does not say.
        details: what labelled fields say of it, e.g. ``{"material": "nylon"}``.
        tags: words that its seller files it under.
        keywords: what the search engine finds besides the texts that WebShop indexes: brand,
            categories, tags, further bullets. Empty for WebShop's products.
        derived: which of attributes, query and instruction were derived from the texts of the whole
            catalogue, not given: another catalogue would give others.
        goal_rule: how its requests are made: "webshop" or "table"; all products of a shop have the
            same one.
    """

    asin: str
    title: str
    description: str = ""
    bullets: tuple[str, ...] = ("",)
    pricing_dollars: tuple[float, ...] = (DEFAULT_PRICE_DOLLARS,)
    price_tag: str = "$100.0"
    price_dollars: float = DEFAULT_PRICE_DOLLARS
    priced: bool = True
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[str, ...] = (DEFAULT_ATTRIBUTE,)
    category: str = ""
    query: str = ""
    product_category: str = ""
    image: str = ""
    rating: str = "N.A."
    instruction: str | None = None
    instruction_attributes: tuple[str, ...] = ()
    human_instructions: tuple[Instruction, ...] = ()
    nouns: tuple[str, ...] = ()
    currency: str = "USD"
    variants: tuple[Variant, ...] = ()
    brand: str = ""
    address: str = ""
    images: tuple[str, ...] = ()
    barcode: str = ""
    availability: str = ""
    stock: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    keywords: str = ""
    derived: tuple[str, ...] = ()
    goal_rule: str = WEBSHOP_GOALS

    def __post_init__(self) -> None:
        if not self.asin or self.asin != self.asin.strip() or "\0" in self.asin:
            raise CatalogueError(
                "a product's asin: expected a text that is not empty, without white space around "
                f"it and without null characters, got {self.asin!r}"
            )
        if len(self.asin) > MAXIMUM_ASIN_LENGTH:
            raise CatalogueError(
                f"a product's asin: expected at most {MAXIMUM_ASIN_LENGTH} characters, got "
                f"{len(self.asin)}: {self.asin[:40]!r}…"
            )
        if not self.bullets:
            raise CatalogueError(f"product {self.asin}: expected at least one bullet, got none")
        if len(self.pricing_dollars) not in (1, 2):
            raise CatalogueError(
                f"product {self.asin}: expected one price or two, got {len(self.pricing_dollars)}"
            )
        for price in (*self.pricing_dollars, self.price_dollars):
            if not 0.0 <= price < math.inf:
                raise CatalogueError(
                    f"product {self.asin}: expected prices from 0 dollars, got {price}"
                )
        if self.instruction is not None and not self.instruction_attributes:
            raise CatalogueError(
                f"product {self.asin}: expected attributes beside its instruction, got none"
            )

    @property
    def shown_price(self) -> str:
        """The price as people read it, e.g. "$27.00 to $30.00", or "no price given". Observations
        show :attr:`price_tag`, which is the original's."""
        return self.shown_price_with({})

    def shown_price_with(self, options: Mapping[str, str]) -> str:
        """Return the price of what a choice of options leaves as people read it."""
        tag = self.price_tag_with(options)
        if not self.priced or tag == NO_PRICE_TAG:
            return NO_PRICE_TAG
        digits = decimals_of(self.currency)
        return _AMOUNT.sub(lambda amount: f"{Decimal(amount[0]):.{digits}f}", tag)

    def price_tag_with(self, options: Mapping[str, str]) -> str:
        """Return the price as pages show it once these options are chosen: that of the variants
        that they leave."""
        if not options or not self.variants:
            return self.price_tag
        left = (variant.price_dollars for variant in self.variants_with(options))
        prices = [price for price in left if price is not None]
        if not prices:
            return self.price_tag
        ends = sorted({min(prices), max(prices)})
        return " to ".join(format_price(price, self.currency) for price in ends)

    @property
    def available(self) -> bool:
        """Whether it can be bought, as far as the catalogue says; its variants may differ."""
        return _is_available(self)

    def __repr__(self) -> str:
        return f"<Product {self.asin} {shortened(self.title)!r}, {self.shown_price}>"

    def _repr_html_(self) -> str:
        options = "; ".join(f"{name}: {', '.join(v)}" for name, v in self.options.items())
        rows = {
            "asin": self.asin,
            "price": self.shown_price,
            "options": options,
            "attributes": ", ".join(self.attributes),
            "category": self.product_category or self.category,
            "description": shortened(self.description, 300),
        }
        return html_fields(self.title, rows)

    @property
    def search_text(self) -> str:
        """The lower-cased text that the search engine indexes: title, description, first bullet
        and options, then the keywords."""
        options = ", and ".join(f"{name}: {', '.join(v)}" for name, v in self.options.items())
        texts = [self.title, self.description, self.bullets[0], options]
        if self.keywords:
            texts.append(self.keywords)
        return " ".join(texts).lower()

    @property
    def given(self) -> Product:
        """The product without what was derived."""
        fields: dict[str, Any] = {"derived": ()}
        if "attributes" in self.derived:
            fields["attributes"] = (DEFAULT_ATTRIBUTE,)
        if "query" in self.derived:
            fields["query"] = ""
        if "instruction" in self.derived:
            fields.update(instruction=None, instruction_attributes=())
        return replace(self, **fields) if self.derived else self

    def variants_with(self, options: Mapping[str, str]) -> list[Variant]:
        """Return the variants that a choice of options leaves, in the catalogue's order; all that
        have a price if it is none or names a combination that is not for sale."""
        priced = [variant for variant in self.variants if variant.price_dollars is not None]
        chosen = [v for v in priced if options.items() <= v.options.items()]
        return chosen or priced

    def price_with(self, options: Mapping[str, str]) -> float:
        """Return what a purchase with these options costs: the price of the first variant that
        they leave. A product without variants has one price, whatever is chosen."""
        variants = self.variants_with(options) if self.variants else ()
        # A variant without a price is none of those.
        return (variants[0].price_dollars or 0.0) if variants else self.price_dollars

    @property
    def offers(self) -> list[int]:
        """The numbers of the variants that can be asked for and bought: those that are available,
        or all if none is; each combination of options once."""
        numbers = [n for n, variant in enumerate(self.variants) if variant.available]
        by_options: dict[frozenset[tuple[str, str]], int] = {}
        for number in numbers or range(len(self.variants)):
            by_options.setdefault(frozenset(self.variants[number].options.items()), number)
        return [*by_options.values()]

    def choosable(self, options: Mapping[str, str]) -> set[tuple[str, str]]:
        """Return the options of a product with variants that can be chosen next: in groups without
        a choice, what can be bought with the others' choices; in others, what can be bought."""
        found: set[tuple[str, str]] = set()
        for number in self.offers:
            own = self.variants[number].options
            fits = options.items() <= own.items()
            found.update(pair for pair in own.items() if fits or pair[0] in options)
        return found

    def chosen_with(self, options: Mapping[str, str], group: str, value: str) -> dict[str, str]:
        """Return a choice after one more option: of a product with variants, earlier ones that
        cannot be bought with it are dropped."""
        chosen = {**options, group: value}
        offers = [self.variants[number].options for number in self.offers]
        offers = [own for own in offers if own.get(group) == value]
        for name in [each for each in options if offers and each != group]:
            left = [own for own in offers if own.get(name) == options[name]]
            if left:
                offers = left
            else:
                del chosen[name]
        return chosen

    def settled(
        self, options: Mapping[str, str], price_limit: float | None = None
    ) -> dict[str, str]:
        """Return the options of the variant that comes nearest to a choice: one that can be bought,
        with most of the chosen values, then within a price limit, then the first. Of a product
        without variants it is the choice itself."""
        if not self.variants:
            return dict(options)

        def distance(number: int) -> tuple[int, bool]:
            variant = self.variants[number]
            others = len(options.items() - variant.options.items())
            price = variant.price_dollars
            above = price_limit is not None and (price is None or price > price_limit)
            return others, above

        return dict(self.variants[min(self.offers, key=distance)].options)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Product:
        """Return the product of a JSON object that holds every field."""
        fields = dict(record)
        for name in _TUPLES & fields.keys():
            fields[name] = tuple(fields[name])
        fields["variants"] = tuple(Variant(**variant) for variant in fields.get("variants", ()))
        fields["options"] = {name: tuple(values) for name, values in fields["options"].items()}
        fields["human_instructions"] = tuple(
            Instruction(
                text=i["text"], attributes=tuple(i["attributes"]), options=tuple(i["options"])
            )
            for i in fields["human_instructions"]
        )
        return cls(**fields)


def _is_available(sold: Product | Variant) -> bool:
    return sold.availability in _AVAILABLE if sold.availability else sold.stock != 0
