"""The products of the demo catalogue as texts: title, bullets, description, request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopwright.catalogue.demo_departments import Feature, Kind, Role, title_case
from shopwright.catalogue.product import Product

# Where an attribute can be read: any sum of these.
IN_TITLE, IN_BULLET, IN_DESCRIPTION = 1, 2, 4

_MOST_TITLE_WORDS = 25
_MOST_SENTENCES = 4

TITLES = (
    "{brand} {series} {front}{name}{with_}{for_}{rest}",
    "{brand} {front}{name}{with_}{for_}, {series} Collection{rest}",
    "{front}{name}{with_}{for_} by {brand} {series}{rest}",
    "{brand} {series} - {front}{name}{with_}{for_}{rest}",
    "{brand} {name} {series}{listed}{with_}{for_}",
)
BULLETS = (
    "{headline}: {benefit}",
    "{HEADLINE} - {Benefit}.",
    "【{headline}】{Benefit}.",
    "{Benefit} ({headline})",
    "✔ {headline} – {benefit}",
)
_SENTENCES: dict[Role, tuple[str, ...]] = {
    "is": ("It is {}.", "You will find it {}.", "What matters to us: it is {}."),
    "with": ("It features {}.", "Look for {}.", "You get {}."),
    "for": ("It is made for {}.", "A good choice for {}.", "We recommend it for {}."),
}
_ROLES: tuple[Role, ...] = ("is", "with", "for")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What decides the texts of a product; relatives share all but one field (and ``asked``).

    Attributes:
        kind: what it is.
        brand, series, name: how its title calls it.
        features: what it is, has and serves.
        places: where each feature can be read: a sum of :data:`IN_TITLE` and the like.
        pools: option group → the values that this brand has of it, in the order of pages.
        options: option group → the values on sale, some of the pool.
        prices_dollars: one price or the ends of a range.
        title_style, bullet_style: templates, see :data:`TITLES` and :data:`BULLETS`.
        last: the end of the title, an option value or empty.
        uses: what title and opening recommend it for.
        notes: bullets without an attribute.
        opening, closing: first and last sentence of the description, may be empty.
        wording: a number that decides details: the order of bullets, the choice of sentences.
        asked: positions of the features that its instruction asks for; empty: no instruction.
    """

    kind: Kind
    brand: str
    series: str
    name: str
    features: tuple[Feature, ...]
    places: tuple[int, ...]
    pools: dict[str, tuple[str, ...]]
    options: dict[str, tuple[str, ...]]
    prices_dollars: tuple[float, ...]
    title_style: str
    bullet_style: str
    last: str
    uses: tuple[str, ...]
    notes: tuple[str, ...]
    opening: str
    closing: str
    wording: int
    asked: tuple[int, ...]

    def shown(self, place: int, role: Role | None = None) -> list[Feature]:
        """Return the features that can be read in ``place``, of one role or of all."""
        return [
            feature
            for feature, places in zip(self.features, self.places, strict=True)
            if places & place and (role is None or feature.role == role)
        ]


def product_of(asin: str, listing: Listing) -> Product:
    """Return the product of a listing, with all its texts."""
    prices, name = listing.prices_dollars, listing.name.lower()
    attributes = tuple(feature.phrase for feature in listing.features)
    if listing.wording % 3 == 0 and name.count(" ") == 1:
        attributes += (name,)
    asked = [listing.features[position] for position in listing.asked]
    asked.sort(key=lambda feature: _ROLES.index(feature.role))
    return Product(
        asin=asin,
        title=_title(listing),
        description=_description(listing),
        bullets=_bullets(listing),
        pricing_dollars=prices,
        price_tag=" to ".join(f"${price}" for price in prices),
        price_dollars=prices[0],
        options=listing.options,
        attributes=attributes,
        category=listing.kind.department,
        query=listing.kind.query,
        product_category=listing.kind.path,
        instruction=_instruction(listing.kind.query, asked) if asked else None,
        instruction_attributes=tuple(feature.phrase for feature in asked),
    )


def _title(listing: Listing) -> str:
    is_, with_, for_ = (
        [feature.headline for feature in listing.shown(IN_TITLE, role)] for role in _ROLES
    )
    if not for_:
        # Two uses keep a short title from being too short to search for.
        for_ = [title_case(use) for use in listing.uses[: 1 if is_ or with_ else 2]]
    title = listing.title_style.format(
        brand=listing.brand,
        series=listing.series,
        name=listing.name,
        front="".join(f"{headline} " for headline in is_[:2]),
        rest="".join(f", {headline}" for headline in is_[2:]),
        listed="".join(f", {headline}" for headline in is_),
        with_=f" with {_join(with_)}" if with_ else "",
        for_=f" for {_join(for_)}",
    )
    if listing.last:
        longer = f"{title}, {title_case(listing.last)}"
        return longer if longer.count(" ") < _MOST_TITLE_WORDS else title
    return title


def _bullets(listing: Listing) -> tuple[str, ...]:
    lines = list(listing.notes)
    for feature in listing.shown(IN_BULLET):
        benefit = feature.benefits[listing.wording % len(feature.benefits)]
        lines.append(
            listing.bullet_style.format(
                headline=feature.headline,
                HEADLINE=feature.headline.upper(),
                benefit=benefit,
                Benefit=benefit[0].upper() + benefit[1:],
            )
        )
    turn = listing.wording % len(lines)
    return tuple(lines[turn:] + lines[:turn])


def _description(listing: Listing) -> str:
    if not listing.opening:
        return ""
    sentences = [listing.opening]
    for role in _ROLES:
        if features := listing.shown(IN_DESCRIPTION, role):
            template = _SENTENCES[role][listing.wording % len(_SENTENCES[role])]
            sentences.append(template.format(_join([feature.said for feature in features])))
    if listing.closing and len(sentences) < _MOST_SENTENCES:
        sentences.append(listing.closing)
    return " ".join(sentences)


def _instruction(query: str, asked: Sequence[Feature]) -> str:
    """Return WebShop's synthetic request: ``Find me A, B kind with C for D``."""
    is_, with_, for_ = (
        ", ".join(feature.phrase for feature in asked if feature.role == role) for role in _ROLES
    )
    parts = ("Find me", is_, query, with_ and f"with {with_}", for_ and f"for {for_}")
    return " ".join(part for part in parts if part)


def _join(words: Sequence[str]) -> str:
    return " and ".join([*filter(None, [", ".join(words[:-1])]), words[-1]])
