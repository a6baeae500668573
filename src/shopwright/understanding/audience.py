"""Whom a request is for: gender and age."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from shopwright.understanding.request import PIECE_CHARACTERS, Part, Piece
from shopwright.understanding.words import stem_of

WOMEN, MEN, GIRLS, BOYS, KIDS, BABY = "women", "men", "girls", "boys", "kids", "baby"
# Words that say it wherever they stand.
_NAMED = {
    WOMEN: "women woman ladies lady female mujer mujeres femme femmes damen frauen donna donne",
    MEN: "men man mens gentlemen gents guy guys male hombre hombres homme hommes herren uomo",
    GIRLS: "girl girls niña niñas fille filles mädchen",
    BOYS: "boy boys niño niños garçon garçons jungen",
    KIDS: "kid kids child children toddler toddlers childrens teen teens teenager teenagers youth "
    "preschooler preschoolers kinder enfant enfants bambini",
    BABY: "baby babies infant infants newborn newborns bebé bébé",
}
# People: they say it after "for" or a possessive.
_RELATED = {
    WOMEN: "wife girlfriend mom mum mommy mother grandma grandmother granny aunt sister bride "
    "fiancée her",
    MEN: "husband boyfriend dad daddy father grandpa grandfather uncle brother groom fiancé him",
    GIRLS: "daughter niece granddaughter",
    BOYS: "son nephew grandson",
    KIDS: "grandchild grandchildren grandkid grandkids",
}
_NAMED_STEMS = {stem_of(w): who for who, words in _NAMED.items() for w in words.split()}
_RELATED_STEMS = {stem_of(w): who for who, words in _RELATED.items() for w in words.split()}
_AGE = re.compile(
    r"(?<![\w$€£.])(?:(?:aged?s?\s+)(?P<from>\d{1,2})(?:\s*(?:-|–|to|and)\s*(?P<to>\d{1,2}))?"
    r"(?P<up>\s*(?:\+|and up))?(?:\s*(?:years?|yrs?))?|"
    r"(?P<low>\d{1,3})(?:\s*(?:-|–|to)\s*(?P<high>\d{1,3}))?[\s-]?"
    r"(?P<unit>years?|yrs?|yo|y/o|months?|mos?)(?:[\s-]?(?:olds?|of age)|(?<=yo)|(?<=y/o))|"
    r"(?:s?he['’]?s|they['’]?re|who['’]?s|i['’]?m|i am|(?:he|she|they|who)(?:\s+is|"
    r"\s+are|\s+(?:just|will)\s+turn(?:ed)?)|turn(?:s|ed|ing))\s+"
    r"(?:now\s+|only\s+|almost\s+)?(?P<told>\d{1,2})(?=\s*(?:$|[,.!?;]|(?:and|but|so|now)\b)))(?!\w)"
)
_TOLD = re.compile(r"(?:s?he['’]?s?|they|who|turn\w*)\b", re.IGNORECASE)
_OF_ONESELF = re.compile(r"i(?:['’]?m| am)\b", re.IGNORECASE)
# Who says something about a present is not whom it is for.
_SPEAKS = re.compile(
    r"\s+(?:says?|said|thinks?|thought|tells?|told|suggest(?:s|ed)?|recommend(?:s|ed)?|insists?|"
    r"allows?|gave|gives?|(?:is|are)(?=\s+allergic))(?!\w)"
)
_SPEAKER = re.compile(
    rf"(?<!\w)(?:my|our)\s+(?:{'|'.join(' '.join(_RELATED.values()).split())}){_SPEAKS.pattern}"
)
_BEFORE = re.compile(
    r"(?:(?<!\w)(?:(?:gift|present)s?\s+)?for(?:\s+(?:a|an|the|my|our|his|her|their|your|young|little|"
    r"teenage|older|elderly|adult|grown))*\s*$|"
    r"(?<!\w)(?:my|our|his|her|their)(?:\s+(?:young|little|teenage|older|elderly))*\s*$)"
)
# "For firefighter husband", whatever he is; not "looking for black boyfriend jeans".
_LOOSELY_BEFORE = re.compile(
    r"(?<!\w)(?<!looking )(?<!searching )(?<!shopping )(?<!hunting )for"
    r"(?:\s+(?:a|an|my|our|his|her|your))?(?:\s+[^\W\d]+){1,2}\s+$"
)
_NOTHING_ELSE = re.compile(
    r"\s*(?:$|[,.;!?]|(?:who|that|with|without|under|and|but|in|on|no|not|s?he)\b)"
)
_NEGATED = re.compile(
    r"(?<!\w)(?:is|are)?n(?:['’]?t|ot)"
    r"(?:\s+(?:made|meant|intended|designed|suitable|suited|appropriate))?\s+$",
    re.IGNORECASE,
)
# "Toner for Brother HL-2030" is for a printer.
_MODEL = re.compile(r"\s+[a-z]+-?[a-z]*\d{2}")
_MAKER = stem_of("brother")
_TEENAGE = re.compile(r"(?<!\w)teen(?:s|age|aged|ager|agers)?[\s-]+$")
_WORD = re.compile(r"[^\W\d_]+(?:['’]s\b|s['’](?!\w))?")
_REACH = 40
# Words that name things, too: a male connector, baby monitors.
PARTS_OF_NAMES = frozenset("baby child female guy infant kid male toddler".split())
_ADULT = 18
_BABY_YEARS = 2


def speakers_in(text: str) -> list[tuple[int, int]]:
    """Return where a request says who says something about it: "my wife thinks"."""
    return [found.span() for found in _SPEAKER.finditer(text.lower())]


class Reading(NamedTuple):
    """Whom it is for, and where that stands with what leads to it."""

    piece: Piece
    start: int
    end: int


def audiences_in(text: str) -> list[Reading]:
    """Return whom a request is for, in the order of the text.

    Example:
        >>> [r.piece.value for r in audiences_in("socks for a 5 year old girl")]
        ['girls']
    """
    lower = text.lower()
    found = [_aged(text, lower, age) for age in _AGE.finditer(lower)]
    taken = [(reading.start, reading.end) for reading in found]
    for word in _WORD.finditer(lower):
        if any(start <= word.start() < end for start, end in taken):
            continue
        stem = stem_of(word[0].rstrip("'’"))
        if stem not in _NAMED_STEMS and stem not in _RELATED_STEMS:
            continue
        before = lower[max(0, word.start() - _REACH) : word.start()]
        lead = _BEFORE.search(before)
        is_loose = not lead and _LOOSELY_BEFORE.search(before) is not None
        is_led = lead or (is_loose and _NOTHING_ELSE.match(lower, word.end()))
        value = _NAMED_STEMS.get(stem) or (_RELATED_STEMS.get(stem) if is_led else None)
        if value is None:
            continue
        if stem in _RELATED_STEMS and _SPEAKS.match(lower, word.end()):
            continue
        if stem == _MAKER and _MODEL.match(lower, word.end()):
            continue
        start = word.start() - len(lead[0]) if lead else word.start()
        # What fits teenagers is filed under women's and men's, too.
        is_teen = _TEENAGE.search(before)
        is_related = stem in _RELATED_STEMS
        # A daughter may be grown up.
        is_soft = bool(is_teen) or (is_related and (is_loose or value not in (WOMEN, MEN)))
        piece = _piece(text, start, word.end(), value, related=is_related, soft=is_soft)
        found.append(Reading(piece, start, word.end()))
    found.sort(key=lambda reading: reading.start)
    return _with_ages(_apart(found))


def ruled_out(text: str, reading: Reading) -> Reading:
    """Return whom a request is for; where it says "not" before, as something ruled out."""
    negation = _NEGATED.search(text[max(0, reading.start - _REACH) : reading.start])
    if negation is None or not reading.piece.value:
        return reading
    start = reading.start - len(negation[0])
    said = text[start : reading.end][:PIECE_CHARACTERS]
    value = reading.piece.value
    piece = Piece(
        part=Part.EXCLUSION, text=said, value=value, hard=True, confidence=0.8, start=start
    )
    return Reading(piece, start, reading.end)


def _with_ages(found: Sequence[Reading]) -> list[Reading]:
    """Readings with the ages that are told of the people before: "for my dad, he's 60"."""
    told: list[Reading] = []
    for reading in found:
        before, piece = told[-1] if told else None, reading.piece
        if before and before.piece.lowest is None and _TOLD.match(piece.text):
            aged = replace(before.piece, lowest=piece.lowest, highest=piece.highest)
            told[-1] = before._replace(piece=aged)
            reading = reading._replace(piece=aged)
        elif before and _OF_ONESELF.match(piece.text):
            reading = reading._replace(piece=before.piece)  # It is not who asks whom it is for.
        told.append(reading)
    return told


def _aged(text: str, lower: str, age: re.Match[str]) -> Reading:
    """An age, with whom it is of: "5 year old girl"."""
    low = float(age["from"] or age["low"] or age["told"])
    high: float | None = float(age["to"] or age["high"] or low)
    if age["unit"] and age["unit"].startswith("mo"):
        low, high = low / 12, (high or 0.0) / 12
    if age["up"]:
        high = None
    elif high is not None and high < low:
        low, high = high, low
    end = age.end()
    value = BABY if (high or low) < _BABY_YEARS else KIDS if low < _ADULT else ""
    word = re.compile(r"\s+([^\W\d_]+)").match(lower, end)
    stem = stem_of(word[1]) if word else ""
    named = _NAMED_STEMS.get(stem) or _RELATED_STEMS.get(stem)
    if word and named:
        end, value = word.end(), named
    lead = _BEFORE.search(lower[max(0, age.start() - _REACH) : age.start()])
    start = age.start() - len(lead[0]) if lead else age.start()
    piece = _piece(text, start, end, value, lowest=low, highest=high)
    return Reading(piece, start, end)


def _piece(
    text: str,
    start: int,
    end: int,
    value: str,
    *,
    related: bool = False,
    soft: bool = False,
    lowest: float | None = None,
    highest: float | None = None,
) -> Piece:
    return Piece(
        part=Part.AUDIENCE,
        text=text[start:end],
        value=value,
        lowest=lowest,
        highest=highest,
        hard=value in (WOMEN, MEN, GIRLS, BOYS) and not soft and lowest is None,
        confidence=0.8 if related or soft else 0.9,
        start=start,
    )


def _apart(found: list[Reading]) -> list[Reading]:
    apart: list[Reading] = []
    for reading in found:
        if not apart or reading.start >= apart[-1].end:
            apart.append(reading)
    return apart
