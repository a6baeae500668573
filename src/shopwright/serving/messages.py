"""The bodies of the HTTP interface: what is asked, what is answered, how large it may be."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shopwright.catalogue.product import MAXIMUM_ASIN_LENGTH, Product
from shopwright.recommending.facets import Chosen, Dimension, Facet, View
from shopwright.recommending.reasons import Reason
from shopwright.understanding.request import (
    MOST_PIECES,
    PIECE_CHARACTERS,
    Order,
    ParsedRequest,
    Part,
)

REQUEST_CHARACTERS = 2_000
ITEMS_AT_MOST = 20
NAME_CHARACTERS = 255
# No control character but tab and line break, and something besides white space.
_PLAIN = r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]"
_VISIBLE = r"[^\s\x00-\x1F\x7F-\x9F]"
WORDS = rf"^{_PLAIN}*{_VISIBLE}{_PLAIN}*$"
PLAIN = rf"^{_PLAIN}*$"
# As shops number customers, or name them by their address; none that a path could not hold.
CUSTOMER = r"^[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*$"
IDENTIFIER = r"^[A-Za-z0-9_-]+$"
# What errors say of a text that does not match.
EXPECTED = {
    CUSTOMER: "expected letters, digits and . _ @ + -, the first of them no dot",
    IDENTIFIER: "expected letters, digits, _ and -",
}
TRIMMED = rf"^{_VISIBLE}(?:{_PLAIN}*{_VISIBLE})?$"

Words = Annotated[str, Field(min_length=1, max_length=REQUEST_CHARACTERS, pattern=WORDS)]
Asin = Annotated[str, Field(min_length=1, max_length=MAXIMUM_ASIN_LENGTH, pattern=WORDS)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS, pattern=WORDS)]
Identifier = Annotated[str, Field(min_length=8, max_length=64, pattern=IDENTIFIER)]
Customer = Annotated[str, Field(min_length=1, max_length=200, pattern=CUSTOMER)]
PieceText = Annotated[str, Field(max_length=PIECE_CHARACTERS, pattern=PLAIN)]
Amount = Annotated[float, Field(ge=0, le=1_000_000_000, allow_inf_nan=False)]
Dollars = Annotated[float, Field(gt=0, le=1_000_000_000, allow_inf_nan=False)]


def whole(value: object) -> object:
    """Return a number as an integer if it is whole: to JSON, 5.0 is a whole number too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


GoalNumber = Annotated[int, Field(ge=0, le=2_000_000_000), BeforeValidator(whole)]
Count = Annotated[int, Field(ge=1, le=ITEMS_AT_MOST), BeforeValidator(whole)]


def example(**fields: Any) -> ConfigDict:
    """What the OpenAPI description shows of a body."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Message(BaseModel):
    """What all bodies share: unknown fields are refused, and types are not guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Filters(Message):
    """What recommended products must be; category and kind as the catalogue has them, whatever the
    case."""

    category: Name | None = None
    kind: Name | None = None
    options: dict[Name, Name] = Field(
        default_factory=dict, max_length=10, json_schema_extra={"additionalProperties": False}
    )
    exclude: list[Name] = Field(default_factory=list, max_length=100)

    def allow(self, product: Product) -> bool:
        """Whether a product may be recommended."""
        if product.asin in self.exclude:
            return False
        if self.category is not None and product.category.lower() != self.category.lower():
            return False
        if self.kind is not None and product.query.lower() != self.kind.lower():
            return False
        wanted = {name.lower(): value.lower() for name, value in self.options.items()}
        if product.variants:
            offers = (product.variants[number].options for number in product.offers)
            return any(
                wanted.items() <= {name.lower(): value for name, value in options.items()}.items()
                for options in offers
            )
        offered = {name.lower(): values for name, values in product.options.items()}
        return all(value in offered.get(name, ()) for name, value in wanted.items())


class PieceRecord(Message):
    """One thing that a request asks for."""

    model_config = example(part="price", text="under $40", highest=40.0, hard=True)
    part: Literal[
        "kind", "feature", "option", "brand", "price", "measure", "exclusion", "audience", "order"
    ]
    text: PieceText
    value: PieceText = ""
    group: PieceText = ""
    lowest: Amount | None = None
    highest: Amount | None = None
    hard: bool = False
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0
    start: Annotated[int, Field(ge=-1, le=REQUEST_CHARACTERS), BeforeValidator(whole)] = -1


class UnderstoodRecord(Message):
    """What a request asks for, in pieces that a person can take away or change. As input, only the
    pieces count."""

    text: Annotated[str, Field(max_length=REQUEST_CHARACTERS, pattern=PLAIN)] = ""
    search_text: Annotated[str, Field(max_length=2 * REQUEST_CHARACTERS, pattern=PLAIN)] = ""
    language: Annotated[str, Field(max_length=20, pattern=PLAIN)] = ""
    pieces: list[PieceRecord] = Field(max_length=MOST_PIECES)

    def parsed(self) -> ParsedRequest:
        """Return the parse. The ends of a range may come in either order, and of wishes of order
        only known ones count: a description of the interface cannot say more."""
        record = self.model_dump()
        record["pieces"] = [
            _in_order(piece)
            for piece in record["pieces"]
            if piece["part"] != Part.ORDER or piece["value"] in set(Order)
        ]
        return ParsedRequest.from_record(record)


def _in_order(piece: dict[str, Any]) -> dict[str, Any]:
    low, high = piece["lowest"], piece["highest"]
    if low is not None and high is not None and low > high:
        return {**piece, "lowest": high, "highest": low}
    return piece


class NarrowRecord(Message):
    """What is chosen of a facet: any of the values will do."""

    model_config = example(facet="option", group="color", values=["sage green"])
    facet: Literal["fit", "kind", "brand", "price", "option"]
    group: Annotated[str, Field(max_length=NAME_CHARACTERS, pattern=PLAIN)] = ""
    values: list[Name] = Field(min_length=1, max_length=50)


class ViewRecord(Message):
    """How the ranked list is looked at: narrowed to what is chosen of its facets, sorted, from
    which place on, and whether the facets are counted."""

    narrow: list[NarrowRecord] = Field(default_factory=list, max_length=20)
    sort: Literal["cheapest", "dearest", "best rated"] | None = None
    offset: Annotated[int, Field(ge=0, le=10_000), BeforeValidator(whole)] = 0
    facets: bool = False

    def view(self) -> View:
        """Return it as the recommender takes it."""
        chosen: dict[Dimension, frozenset[str]] = {}
        for each in self.narrow:
            dimension = Dimension(Facet(each.facet), each.group.lower())
            chosen[dimension] = chosen.get(dimension, frozenset()).union(each.values)
        return View(
            chosen=tuple(Chosen(dimension, values) for dimension, values in chosen.items()),
            order=Order(self.sort) if self.sort else None,
            offset=self.offset,
            counted=self.facets,
        )


class RecommendBody(Message):
    """A request for recommendations."""

    model_config = example(
        request="a warm throw blanket in sage green",
        count=3,
        price_limit=40.0,
        filters={"category": "home"},
    )
    request: Words
    count: Count = 5
    price_limit: Dollars | None = None
    filters: Filters = Field(default_factory=Filters)
    understood: UnderstoodRecord | None = None
    agent: Name | None = None
    view: ViewRecord = Field(default_factory=ViewRecord)
    customer_id: Customer | None = None


class ItemRecord(Message):
    """A recommended product. ``picture`` is where this service has it; empty without one."""

    asin: str
    title: str
    kind: str
    brand: str
    options: dict[str, str]
    picture: str
    price: str
    available: bool
    score: float
    fits: bool
    confidence: float
    reason: str
    met_share: float
    reasons: list[Reason]


class FacetValueRecord(Message):
    """A value of a facet, and how many products have it."""

    value: str
    text: str
    count: int
    chosen: bool


class FacetRecord(Message):
    """What the products found differ in."""

    facet: str
    group: str
    values: list[FacetValueRecord]


class RecommendationRecord(Message):
    """A recommendation, best item first; ``total`` products are left of the list in all."""

    recommendation_id: str
    request: str
    asked: str
    price_limit: float | None
    agent: str
    propensity: float
    nothing_fits: bool
    understood: UnderstoodRecord
    items: list[ItemRecord]
    total: int
    facets: list[FacetRecord]


class FeedbackBody(Message):
    """What was done with a recommendation; ``asin`` may be left out where all of it was shown or
    dismissed."""

    model_config = example(
        recommendation_id="9yJ6sYtq3m0vN1c2a4Zb5A", kind="bought", asin="B000000001"
    )
    recommendation_id: Identifier
    kind: Literal["shown", "clicked", "bought", "dismissed"]
    asin: Asin | None = None


class FeedbackRecord(Message):
    """The acknowledgement: the event is on the disk. ``new`` is false if it was known already."""

    recommendation_id: str
    kind: str
    new: bool


class ForgottenRecord(Message):
    """What was deleted of a customer: all that the store had."""

    customer_id: str
    recommendations_deleted: int
    feedback_deleted: int


class ProductRecord(Message):
    """A product of the catalogue."""

    asin: str
    title: str
    brand: str
    description: str
    bullets: list[str]
    address: str
    picture: str
    price: str
    options: dict[str, list[str]]
    attributes: list[str]
    category: str
    kind: str
    category_path: str
    rating: str


class SearchHit(Message):
    """A search result."""

    asin: str
    title: str
    price: str
    score: float


class SearchRecord(Message):
    """Search results, best first."""

    query: str
    results: list[SearchHit]


class HealthRecord(Message):
    """Whether the service answers, and with what; agents trained in another shop are named."""

    status: str
    products: int
    goals: int
    agents: list[str]
    agents_of_another_shop: list[str]
    version: str


class ErrorDetail(Message):
    """What was expected, what came, where."""

    code: str
    message: str
    field: str | None = None


class ErrorRecord(Message):
    """The one body of all errors."""

    error: ErrorDetail
