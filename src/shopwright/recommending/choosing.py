"""The options with which a product is recommended: those asked for, where it offers them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from shopwright.catalogue.product import Product, Variant
from shopwright.recommending.itself import PRODUCTS_KEPT, Itself
from shopwright.recommending.phrase import Phrase
from shopwright.understanding.measures import met_by
from shopwright.understanding.option_words import sizes_in_one_writing
from shopwright.understanding.quantities import in_unit, quantities_in
from shopwright.understanding.request import ParsedRequest, Part, Piece

_COLOUR = frozenset(("color", "colour"))
# Where a number ends or begins within a word.
_NUMBERED = re.compile(r"(?<=\d)(?=[a-z]{3,}(?![a-z]))|(?<=[a-z]{3})(?=\d)")


@lru_cache(maxsize=1 << 13)
def words_of(text: str) -> tuple[str, ...]:
    """Return the stems of an option's words, sizes in one writing; the number of a shade is a
    word of its own.

    Example:
        >>> words_of("XX-Large"), words_of("2xl"), words_of("extra small"), words_of("2005Brown")
        (('2xl',), ('2xl',), ('xs',), ('2005', 'brown'))
    """
    return Phrase.once(_NUMBERED.sub(" ", sizes_in_one_writing(text))).stem_of_each


@lru_cache(maxsize=1 << 13)
def _different_words(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


class Offered(NamedTuple):
    """A group of a product's options.

    Attributes:
        name: of the group.
        words: of all values.
        values: each with its words.
    """

    name: str
    words: frozenset[str]
    values: tuple[tuple[str, frozenset[str]], ...]


@lru_cache(maxsize=PRODUCTS_KEPT)
def offered_by(key: Itself) -> tuple[Offered, ...]:
    """Return the groups of a product's options."""
    return tuple(
        Offered(
            group,
            frozenset(word for value in values for word in words_of(value)),
            tuple([(value, _different_words(value)) for value in values]),
        )
        for group, values in key.product.options.items()
    )


def matching_value(piece: Piece, group: str, values: Collection[str]) -> str | None:
    """Return the value of a group that a piece asks for: the one with the fewest further words;
    None if there is none, or if the piece names another group."""
    wanted = _different_words(piece.value or piece.text)
    return _matching(piece, wanted, group, ((value, _different_words(value)) for value in values))


def _matching(
    piece: Piece, wanted: Set[str], group: str, values: Iterable[tuple[str, Set[str]]]
) -> str | None:
    """As :func:`matching_value`, of a piece and of values whose words are known."""
    if not wanted or (piece.group and not same_group(piece.group, group)):
        return None
    found = [value for value, words in values if wanted <= words]
    if len(found) == 1:
        return found[0]
    return min(found, key=lambda value: (len(words_of(value)), len(value)), default=None)


@lru_cache(maxsize=1 << 12)
def same_group(first: str, second: str) -> bool:
    """Whether two names of groups of options share a word; colours are written in two ways."""
    one, other = ({*Phrase.once(name).words} for name in (first.lower(), second.lower()))
    if one & _COLOUR and other & _COLOUR:
        return True
    return not one.isdisjoint(other)


def colour_in_short(piece: Piece, group: str, value: str) -> bool | None:
    """Return whether a value is in short the colour that is asked for: "navy" is navy blue, and
    "blue" may be; then None."""
    own = {word for word in words_of(value) if not word.isdigit()}  # "#2 navy"
    wanted = words_of(piece.value or piece.text)
    if not own or not same_group(group, "color") or not own < {*wanted}:
        return False
    return True if wanted[0] in own else None


class OptionWishes:
    """What a request says of options, as far as that is the same for every product.

    Args:
        parsed: the request.
    """

    def __init__(self, parsed: ParsedRequest) -> None:
        pieces = parsed.of(Part.OPTION, Part.FEATURE)
        words = (_different_words(piece.value or piece.text) for piece in pieces)
        self.named = [(piece, own) for piece, own in zip(pieces, words, strict=True) if own]
        self.words = frozenset(word for _, own in self.named for word in own)
        self.measures = parsed.of(Part.MEASURE)
        ruled_out = (piece.value for piece in parsed.of(Part.EXCLUSION))
        self.unwanted = [_different_words(value) for value in ruled_out if value]
        self.lowest_price, self.price_limit = parsed.lowest_price, parsed.price_limit


def choose(
    product: Product, wishes: OptionWishes, preferred: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the options of a product for a request: what it asks for where that is offered, never
    what it excludes if there is anything else; otherwise what is preferred. Of a product with
    variants those of one that can be bought, within the price range if any is.

    Args:
        preferred: option group → value, as an agent chose them.
    """
    if not product.options and not product.variants:
        return preferred
    asked = _asked(product, wishes)
    excluded = _excluded(product, wishes.unwanted)
    if product.variants:
        return _variant(product, wishes, asked, excluded, preferred)
    chosen = {**preferred, **asked}
    for group, value in list(chosen.items()) if excluded else ():
        if group not in asked and (group, value) in excluded:
            others = [v for v in product.options.get(group, ()) if (group, v) not in excluded]
            if others:
                chosen[group] = others[0]
    return chosen


def _asked(product: Product, wishes: OptionWishes) -> dict[str, str]:
    """Option group → the value that is asked for. A feature that is the name of a value asks for
    it, too."""
    asked: dict[str, str] = {}
    offered = offered_by(Itself(product))
    # Most groups have nothing of what is asked for.
    like = [each for each in offered if not wishes.words.isdisjoint(each.words)]
    for piece, wanted in wishes.named if like else ():
        for group, words, values in like:
            if not wanted <= words or group.lower() in asked:
                continue
            value = _matching(piece, wanted, group, values)
            if value is None:
                continue
            if piece.part is Part.OPTION or words_of(value) == words_of(piece.value or piece.text):
                asked[group.lower()] = value
                break
    for piece in wishes.measures:
        for group, _, values in offered:
            value = _measured(piece, (value for value, _ in values))
            if value is not None and group.lower() not in asked:
                asked[group.lower()] = value
                break
    return asked


def _measured(piece: Piece, values: Iterable[str]) -> str | None:
    """The value within a measure's bounds that is nearest to one of them; None if none is."""
    bound = piece.highest if piece.lowest is None else piece.lowest
    within: list[tuple[float, str]] = []
    for value in values:
        told = quantities_in(value.lower())
        sizes = (in_unit(quantity, piece.value) for quantity in told)
        if met_by(told, piece):
            nearest = min(abs(size - (bound or 0.0)) for size in sizes if size is not None)
            within.append((nearest, value))
    return min(within, key=lambda each: each[0])[1] if within else None


def _excluded(product: Product, unwanted: Sequence[Set[str]]) -> set[tuple[str, str]]:
    """The (group, value) pairs that have all words of something unwanted."""
    if not unwanted:
        return set()
    return {
        (group.lower(), value)
        for group, values in product.options.items()
        for value in values
        if any(words <= _different_words(value) for words in unwanted)
    }


def _variant(
    product: Product,
    wishes: OptionWishes,
    asked: Mapping[str, str],
    excluded: set[tuple[str, str]],
    preferred: Mapping[str, str],
) -> dict[str, str]:
    low, high = wishes.lowest_price or 0.0, wishes.price_limit

    def merit(variant: Variant) -> tuple[bool, int, int, bool, int]:
        options = {group.lower(): value for group, value in variant.options.items()}.items()
        price = variant.price_dollars
        within = price is not None and low <= price and (high is None or price <= high)
        return (
            within or (high is None and not low),
            -len(options & excluded),
            len(options & asked.items()),
            price is not None,
            len(options & preferred.items()),
        )

    offers: Sequence[Variant] = [product.variants[number] for number in product.offers]
    return dict(max(offers, key=merit).options)
