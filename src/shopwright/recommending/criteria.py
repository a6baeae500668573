"""What products are measured by: the pieces of a request, alternatives together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from shopwright.recommending.phrase import Phrase
from shopwright.understanding.request import ParsedRequest, Part, Piece

# Pieces of these parts are alternatives: a product needs to meet one of them.
_ALTERNATIVES = (Part.KIND, Part.BRAND, Part.PRICE, Part.AUDIENCE)


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
        """The words of each alternative."""
        return tuple(Phrase.of(piece.value or piece.text) for piece in self.pieces)

    @cached_property
    def asked(self) -> str:
        """The request's words."""
        return " or ".join(dict.fromkeys(piece.text for piece in self.pieces))

    @cached_property
    def hard(self) -> bool:
        """Whether products that do not meet it are left out."""
        return any(piece.hard for piece in self.pieces)

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
    for number, piece in enumerate(parsed.pieces):
        key: tuple[str, ...] = (piece.part, str(number))
        if piece.part in _ALTERNATIVES:
            key = (piece.part,)
        elif piece.part is Part.OPTION and piece.group:
            key = (piece.part, "in", piece.group.lower())
        if piece.part is not Part.ORDER:
            pieces.setdefault(key, []).append(_taken_mildly(piece, parsed))
    return tuple(Criterion(same[0].part, tuple(same)) for same in pieces.values())


def _taken_mildly(piece: Piece, parsed: ParsedRequest) -> Piece:
    """The piece, not insisted on if it excludes what the request asks for: a "cutlery box without
    cutlery" is an empty one."""
    if piece.part is not Part.EXCLUSION or not piece.hard:
        return piece
    asked = {stem for kind in parsed.of(Part.KIND) for stem in Phrase.of(kind.value).stems}
    return replace(piece, hard=not asked.issuperset(Phrase.of(piece.value).stems))
