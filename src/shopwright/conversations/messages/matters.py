"""Which matter a wish is about: of two wishes about one matter, the later takes the place of the
earlier one. A shopper wants one size, one colour, one number of pieces."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from shopwright.catalogue.attributes.words import COLOURS
from shopwright.catalogue.money import format_price
from shopwright.conversations.candidates import Candidates
from shopwright.understanding.measures import axis_of
from shopwright.understanding.numerals import number_in
from shopwright.understanding.option_words import in_one_writing
from shopwright.understanding.quantities import quantities_in
from shopwright.understanding.request import ParsedRequest, Part, Piece
from shopwright.understanding.words import stems_in, words_in

Matter = tuple[object, ...]
_SIZE, COLOUR = ("size",), ("colour",)
# By which a word may be read that says a size or a colour.
_SAID = (Part.KIND, Part.FEATURE, Part.OPTION)
_ONE_OF = (Part.BRAND, Part.ORDER, Part.AUDIENCE)
_LETTER_SIZE = re.compile(r"\d?x?[sml]|twin|full|queen|king|california|plus")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_FURTHER_COLOURS = frozenset(
    "auburn blond blonde brass brunette champagne chrome copper nude".split()
)
# Beside a number or a size these say nothing.
_EMPTY = frozenset("a an the one of in size color up to".split())
_SAY = (
    r"or|no|ok(?:ay)?|well|then|maybe|rather|say|let's say|make (?:it|that)|an?|little|bit|more|"
    r"less|is|fine|that's|sorry|i|we|it|can|could|would|go|have|about|around|like|roughly|"
    r"be|should|the|my|our|of|to|up|what|how|anything|under|below|within"
)
_AFTER = r"instead|rather|then|please|is (?:fine|ok)|only|or so"
_AMOUNT = r"(?:\$|€|£|usd ?)?(\d[\d.,]{0,12})(?: ?(?:\$|€|£|usd|dollars?|bucks|euros?|pounds?))?"
_ONLY_A_NUMBER = re.compile(
    rf"\W*(?:(?:{_SAY})\W+)*(?P<number>\d+(?:\.\d+)?)(?:\W+(?:{_AFTER}))*\W*", re.IGNORECASE
)
_BUDGET_WORD = r"budget|max(?:imum)?|price(?: range)?|at most|tops|stretch|spend|pay|afford|cost"
_ONLY_A_BUDGET = re.compile(
    rf"\W*(?:(?:{_SAY}|{_BUDGET_WORD}|between)\W+)*{_AMOUNT}(?:\s*(?:-|–|to|and)\s*{_AMOUNT})?"
    rf"(?:\W+(?:{_AFTER}|{_BUDGET_WORD}))*\W*",
    re.IGNORECASE,
)
_IS_A_BUDGET = re.compile(rf"\b(?:{_BUDGET_WORD}|up to|under|below)\b|[$€£]", re.IGNORECASE)
# A range of less is one of sizes rather than of prices: "5-6", "34-36".
_LEAST_RANGE = 10.0
_A_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
_SHORT = 60
_LETTERS = re.compile(r"[^\W\d_]+")
_BESIDE_A_SIZE = frozenset(
    "a actually about about an around by exactly for in is it long make no of ok please say should "
    "size tall the then wide deep high be i need want one ones wait sorry enough".split()
)
# Who corrects one of these wants another one.
_MATERIALS = frozenset(
    "wood wooden glass metal steel iron marble plastic velvet leather suede fabric cotton linen "
    "wool silk satin bamboo rattan ceramic canvas denim fleece mesh rubber silicone".split()
)
# Of these nobody wants two.
_OPPOSITES = {
    word: line[0]
    for line in map(
        str.split,
        (
            "electric manual", "scented unscented", "wired wireless", "real fake artificial faux",
            "soft firm", "matte glossy", "short long", "small large big",
            "round square rectangular oval", "sweet salty savory", "hot cold", "new used",
        ),
    )
    for word in line
}  # fmt: skip
COUNTS = ("count", "piece")
_FIRST = 12  # Products whose texts may have the whole of a message,
FEW_WORDS = 4  # if it is no longer.


def matter_of(piece: Piece) -> Matter | None:
    """Return what a wish is about; None where several such wishes may be wished together.

    Example:
        >>> matter_of(Piece(part=Part.FEATURE, text="pack of 4", value="pack of 4"))
        ('pack',)
    """
    if piece.part is Part.MEASURE:
        return piece.part, piece.value
    if piece.part in _ONE_OF:
        return (piece.part,)
    if piece.part not in _SAID or piece.hard:
        return None
    sizes = quantities_in((piece.value or piece.text).lower())
    if len(sizes) == 1 and sizes[0].unit not in COUNTS:
        return Part.MEASURE, sizes[0].unit
    words = _telling_words(piece.value or piece.text)
    rest = tuple(word for word in words if not _NUMBER.fullmatch(word))
    if rest and all(map(_LETTER_SIZE.fullmatch, rest)):
        return _SIZE
    if rest and (COLOURS | _FURTHER_COLOURS).issuperset(rest):
        return COLOUR
    opposite = next((word for word in words if word in _OPPOSITES), "")
    if opposite and len(words) <= 2:  # "Long sleeves", "short sleeves".
        return _OPPOSITES[opposite], *(word for word in words if word != opposite)
    if rest and len(rest) < len(words):
        return rest
    if piece.group:
        group = piece.group.lower()
        is_colour = "color" in stems_in(group.replace("_", " "))
        return _SIZE if "size" in group else COLOUR if is_colour else (Part.OPTION, group)
    return _SIZE if words and "size" in piece.text.lower() else None


def takes_the_place(later: Piece, earlier: Piece) -> bool:
    """Return whether a later wish is about the matter of an earlier one."""
    if Part.PRICE in (later.part, earlier.part):
        return later.part is earlier.part and not _are_two_ends(later, earlier)
    if later.group and later.group == earlier.group:
        return True
    matter, other = matter_of(later), matter_of(earlier)
    if later.part is earlier.part is Part.MEASURE:
        return matter == other and _limit_the_same(later, earlier)
    return matter is not None and matter == other


def _limit_the_same(later: Piece, earlier: Piece) -> bool:
    """Whether two measures in one unit limit one side of a thing, and in one direction."""
    axes = {axis_of(later), axis_of(earlier)} - {""}
    both_ends = (later.lowest, earlier.lowest), (later.highest, earlier.highest)
    return len(axes) <= 1 and any(None not in ends for ends in both_ends)


def _are_two_ends(later: Piece, earlier: Piece) -> bool:
    """Whether two prices are the ends of one range."""
    lows = [piece.lowest for piece in (later, earlier) if piece.lowest is not None]
    highs = [piece.highest for piece in (later, earlier) if piece.highest is not None]
    return len(lows) == len(highs) == 1 and later.lowest != earlier.lowest and lows < highs


def is_a_material(piece: Piece) -> bool:
    """Return whether a wish is what something is made of."""
    words = (piece.value or piece.text).lower().split()
    return piece.part in _SAID and not piece.hard and len(words) == 1 and words[0] in _MATERIALS


def in_place_of_others(later: Sequence[Piece], earlier: Piece) -> bool:
    """Return whether a wish of a message takes the place of an earlier one. A colour right before a
    word says how that is: "with red stripes"."""
    return any(
        takes_the_place(piece, earlier)
        and not (matter_of(piece) == COLOUR and _is_before_another(piece, later))
        for piece in later
    )


def _is_before_another(piece: Piece, others: Sequence[Piece]) -> bool:
    end = piece.start + len(piece.text)
    following = (Part.FEATURE, Part.KIND)
    return any(
        other.part in following and not other.hard and end <= other.start <= end + 1
        for other in others
        if piece.start >= 0
    )


def as_options(pieces: Sequence[Piece], candidates: Candidates) -> list[Piece]:
    """Return wishes with sizes and colours that were read as something else as what they are: as
    the products' options, or else as features."""
    return [_as_option(piece, candidates) for piece in pieces]


def _as_option(piece: Piece, candidates: Candidates) -> Piece:
    if piece.part is Part.OPTION or matter_of(piece) not in (_SIZE, COLOUR):
        return piece
    named = candidates.written.get(" ".join(_telling_words(piece.value or piece.text)))
    if named is not None:
        group, value = named
        return replace(piece, part=Part.OPTION, group=group, value=value)
    return as_feature(piece)


def as_feature(piece: Piece) -> Piece:
    """Return a wish as one that says how something is."""
    return replace(piece, part=Part.FEATURE, value=piece.text, hard=False)


def as_brand(piece: Piece) -> Piece:
    """Return a wish as one for a brand."""
    return replace(piece, part=Part.BRAND, value=piece.text, group="", hard=False)


def budget_in(before: ParsedRequest, message: str, currency: str) -> Piece | None:
    """Return the price that is all that a message says, "250 max" or "60-100"; None where it says
    more, or may mean something else: a number alone is a price if the last wish was one."""
    found = _ONLY_A_BUDGET.fullmatch(message) if len(message) <= _SHORT else None
    if found is None:
        return None
    low, high = (number_in(each, currency) if each else None for each in found.groups())
    last = before.pieces[-1] if before.pieces else None
    was_price = last is not None and last.part in (Part.PRICE, Part.ORDER)
    is_range = high is not None and abs(high - (low or 0.0)) >= _LEAST_RANGE
    if not (_IS_A_BUDGET.search(message) or was_price or is_range):
        return None
    if high is None:
        had = last if last is not None and last.part is Part.PRICE else None
        return _limit(low or 0.0, had, currency)
    lowest, highest = sorted((low or 0.0, high))
    text = f"{format_price(lowest, currency)} to {format_price(highest, currency)}"
    return Piece(part=Part.PRICE, text=text, lowest=lowest, highest=highest, hard=True)


def _limit(amount: float, had: Piece | None, currency: str) -> Piece:
    """A price with another amount: the lower end if the last one had only that, else the upper."""
    shown = format_price(amount, currency)
    if had is not None and had.highest is None:
        return Piece(part=Part.PRICE, text=f"from {shown}", lowest=amount, hard=True)
    lowest = had.lowest if had is not None and (had.lowest or 0.0) <= amount else None
    text = f"up to {shown}" if lowest is None else f"{format_price(lowest, currency)} to {shown}"
    return Piece(part=Part.PRICE, text=text, lowest=lowest, highest=amount, hard=True)


def number_instead(before: ParsedRequest, message: str) -> list[Piece] | None:
    """Return the wishes with the number that a message says in place of that of the last one with
    one, "pack of 4"; None where a message says more than a number, or there was none."""
    found = _ONLY_A_NUMBER.fullmatch(message) if len(message) <= _SHORT else None
    if found is None:
        return None
    pieces, number = [*before.pieces], found["number"]
    for place in reversed(range(len(pieces))):
        piece = pieces[place]
        if piece.part in _SAID and not piece.hard and _A_NUMBER.search(piece.text):
            text, value = (
                _A_NUMBER.sub(number, each, count=1) for each in (piece.text, piece.value)
            )
            pieces[place] = replace(piece, text=text, value=value, start=-1)
            return pieces
    return None


def quantity_alone(message: str) -> Piece | None:
    """Return the size that is all that a message says, "6 feet": as a measure; None where it says
    more."""
    found = quantities_in(message.lower()) if len(message) <= _SHORT else []
    if len(found) != 1:
        return None
    (size,) = found
    beside = f"{message[: size.start]} {message[size.end :]}".lower()
    if size.unit in COUNTS or not _BESIDE_A_SIZE.issuperset(_LETTERS.findall(beside)):
        return None
    low, high = (size.value, None) if size.or_more else (size.value, size.value)
    text = message[size.start : size.end].strip()
    return Piece(part=Part.MEASURE, text=text, value=size.unit, lowest=low, highest=high)


def says_how(piece: Piece, message: str, candidates: Candidates, kinds: Collection[str]) -> bool:
    """Return whether the name of a kind in a message says how what is looked for is: texts of
    products that were found have it right before that, "ankle socks", or the first ones have the
    whole of a short message, "whole bean".

    Args:
        kinds: the last words' stems of what is looked for.
    """
    words, own = words_in(message), words_in(piece.text)
    if any(
        f" {own[-1].stem} {kind} " in text for kind in kinds for text in candidates.stemmed_texts
    ):
        return True  # "Ankle", after "socks".
    if not len(own) < len(words) <= FEW_WORDS:
        return False
    said = " ".join(word.stem for word in words)
    return any(f" {said} " in text for text in candidates.stemmed_texts[:_FIRST])


def _telling_words(text: str) -> list[str]:
    return [word for word in in_one_writing(text).split() if word not in _EMPTY]
