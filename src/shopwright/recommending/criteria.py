"""What products are measured by: the pieces of a request, alternatives together."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, replace
from functools import cached_property

from shopwright.recommending.audience import suiting
from shopwright.recommending.phrase import Phrase
from shopwright.understanding.request import ParsedRequest, Part, Piece

# Pieces of these parts are alternatives: a product needs to meet one of them.
_ALTERNATIVES = (Part.KIND, Part.BRAND, Part.PRICE, Part.AUDIENCE)
# What may stand between alternatives of other parts.
_JOINING = frozenset("a an and in or size the".split())


@dataclass(frozen=True)
class Criterion:
    """Something that a product meets or not: a piece of a request, or several alternatives.

    Attributes:
        part: what they say.
        pieces: the alternatives.
    """

    part: Part
    pieces: tuple[Piece, ...]

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """The words of each alternative; a kind's also as they were typed, if other words are: a
        shop's "bedframes" are also "beds & frames"."""
        found = [Phrase.of(piece.value or piece.text) for piece in self.pieces]
        if self.part is Part.KIND:
            known = {phrase.stems for phrase in found}
            typed = (Phrase.of(piece.text) for piece in self.pieces)
            found += [phrase for phrase in typed if phrase.words and phrase.stems not in known]
        return tuple(found)

    @cached_property
    def asked(self) -> str:
        """The request's words."""
        return " or ".join(dict.fromkeys(piece.text for piece in self.pieces))

    @cached_property
    def hard(self) -> bool:
        """Whether products that do not meet it are left out."""
        return any(piece.hard for piece in self.pieces)

    @cached_property
    def audiences(self) -> Set[str]:
        """The audiences of which a product for one will do."""
        return suiting({piece.value for piece in self.pieces})

    @cached_property
    def price_range(self) -> tuple[float | None, float | None]:
        """The lowest and the highest price, None where that is open."""
        limits = ParsedRequest(text="", pieces=self.pieces)
        return limits.lowest_price, limits.price_limit

    @cached_property
    def confidence(self) -> float:
        """How likely it is read right, 0 to 1."""
        return max(piece.confidence for piece in self.pieces)


def criteria_of(parsed: ParsedRequest) -> tuple[Criterion, ...]:
    """Return what products are measured by; a wish of order is nothing that one meets."""
    pieces: dict[tuple[str, ...], list[Piece]] = {}
    last: dict[str, tuple[Piece, tuple[str, ...]]] = {}  # by the group of options
    for number, piece in enumerate(parsed.pieces):
        key: tuple[str, ...] = (piece.part, str(number))
        if piece.part in _ALTERNATIVES:
            key = (piece.part,)
        elif piece.part is Part.OPTION and piece.group:
            before = last.get(piece.group.lower())
            if before and _are_joined(parsed.text, before[0], piece):
                key = before[1]
            last[piece.group.lower()] = piece, key
        if piece.part is not Part.ORDER:
            pieces.setdefault(key, []).append(_taken_mildly(piece, parsed))
    return tuple(Criterion(same[0].part, tuple(same)) for same in pieces.values())


def _are_joined(text: str, first: Piece, second: Piece) -> bool:
    """Whether nothing but "or" and the like stands between two pieces; whether they stand in the
    request at all is not known of those that somebody added."""
    if min(first.start, second.start) < 0:
        return True
    between = text[first.start + len(first.text) : second.start].lower()
    return _JOINING.issuperset(re.findall(r"\w+", between))


def _taken_mildly(piece: Piece, parsed: ParsedRequest) -> Piece:
    """The piece, not insisted on if it excludes what the request asks for: a "cutlery box without
    cutlery" is an empty one."""
    if piece.part is not Part.EXCLUSION or not piece.hard:
        return piece
    asked = {stem for kind in parsed.of(Part.KIND) for stem in Phrase.of(kind.value).stems}
    return replace(piece, hard=not asked.issuperset(Phrase.of(piece.value).stems))
