"""The bodies of product updates: products as the Agentic Commerce Protocol has them, or as
shopwright does.

Source: Agentic Commerce Protocol, ``openapi.feed.yaml``, ``UpsertProductsRequest``. Deviation: a
product may name its fields as shopwright does, with ``asin`` for ``id``; then only those are
changed.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from shopwright.catalogue.product import MAXIMUM_ASIN_LENGTH
from shopwright.serving.messages import TRIMMED, Message, Name, Words, whole

PRODUCTS_AT_MOST = 1_000
VARIANTS_AT_MOST = 2_048
TEXT_CHARACTERS = 100_000
_NUL = r"^[^\x00]*$"

Id = Annotated[str, Field(min_length=1, max_length=MAXIMUM_ASIN_LENGTH, pattern=TRIMMED)]
Text = Annotated[str, Field(max_length=TEXT_CHARACTERS, pattern=_NUL)]
Short = Annotated[str, Field(max_length=2_000, pattern=_NUL)]
Texts = Annotated[list[Short], Field(max_length=100)]
Pixels = Annotated[int, BeforeValidator(whole)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Extra = Annotated[dict[str, Any], Field(max_length=50)]


class AcpDescription(Message):
    """A description in one form or several."""

    plain: Text | None = None
    html: Text | None = None
    markdown: Text | None = None


class AcpPrice(Message):
    """An amount in the currency's minor units."""

    amount: Annotated[int, Field(ge=0, le=10**14), BeforeValidator(whole)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class AcpAvailability(Message):
    """Whether it can be bought."""

    available: bool | None = None
    status: Short | None = None


class AcpBarcode(Message):
    """A number that scanners read."""

    type: Short
    value: Short


class AcpMedia(Message):
    """A picture."""

    type: Short
    url: Short
    alt_text: Short | None = None
    width: Pixels | None = None
    height: Pixels | None = None


class AcpOption(Message):
    """What an article is of an option."""

    name: Name
    value: Name


class AcpCategory(Message):
    """A path of categories."""

    value: Short
    taxonomy: Short | None = None


class AcpVariant(Message):
    """An article."""

    id: Id
    title: Words
    description: AcpDescription | None = None
    url: Short | None = None
    barcodes: Annotated[list[AcpBarcode], Field(max_length=20)] | None = None
    price: AcpPrice | None = None
    list_price: AcpPrice | None = None
    unit_price: Extra | None = None
    availability: AcpAvailability | None = None
    categories: Annotated[list[AcpCategory], Field(max_length=20)] | None = None
    condition: Texts | None = None
    variant_options: Annotated[list[AcpOption], Field(max_length=20)] | None = None
    media: Annotated[list[AcpMedia], Field(max_length=100)] | None = None
    seller: Extra | None = None
    marketplace: Extra | None = None


class AcpProduct(Message):
    """A product with its articles, which replaces the one with its id."""

    id: Id
    title: Words | None = None
    description: AcpDescription | None = None
    url: Short | None = None
    media: Annotated[list[AcpMedia], Field(max_length=100)] | None = None
    variants: Annotated[list[AcpVariant], Field(min_length=1, max_length=VARIANTS_AT_MOST)]
    last_update_id: Short | None = None


class OwnProduct(Message):
    """Fields of a product: those that are not named stay as they are. A new one needs a title."""

    asin: Id
    title: Words | None = None
    description: Text | None = None
    bullets: Texts | None = None
    price: Amount | None = None
    options: dict[Name, Annotated[list[Name], Field(min_length=1, max_length=200)]] | None = Field(
        default=None, max_length=20, json_schema_extra={"additionalProperties": False}
    )
    attributes: Annotated[list[Name], Field(max_length=50)] | None = None
    category: Short | None = None
    query: Short | None = None
    product_category: Short | None = None
    image: Short | None = None
    brand: Short | None = None
    address: Short | None = None
    barcode: Short | None = None
    keywords: Short | None = None
    stock: Annotated[int, Field(ge=0, le=10**9), BeforeValidator(whole)] | None = None


def _form(product: Any) -> str:
    is_own = isinstance(product, OwnProduct) or (isinstance(product, dict) and "asin" in product)
    return "own" if is_own else "acp"


AnyProduct = Annotated[
    Annotated[AcpProduct, Tag("acp")] | Annotated[OwnProduct, Tag("own")], Discriminator(_form)
]


class ProductsBody(Message):
    """New and changed products."""

    products: Annotated[list[AnyProduct], Field(min_length=1, max_length=PRODUCTS_AT_MOST)]


class ProductsRecord(Message):
    """What became of an update; the shop answers with it from now on."""

    id: str
    accepted: bool
    feed_update_id: str
    new: int
    changed: int
    unchanged: int
    removed: int
    problems: list[str]
