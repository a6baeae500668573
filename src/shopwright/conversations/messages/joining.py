"""Pieces of a message that were read apart and mean one thing: "10 feet", "2 drawers", "usb c", "no
artificial sweeteners"."""

from __future__ import annotations

import re
from dataclasses import replace

from shopwright.understanding.parse import with_pieces
from shopwright.understanding.quantities import quantities_in
from shopwright.understanding.request import ParsedRequest, Part, Piece
from shopwright.understanding.word_classes import is_adjective

_OPEN = (Part.KIND, Part.FEATURE, Part.OPTION)
_NUMBER = re.compile(r"\d{1,3}")
_LETTER = re.compile(r"(?![sml]$)[a-z]", re.IGNORECASE)


def joined(said: ParsedRequest) -> ParsedRequest:
    """Return a parsed message with what belongs together as one piece."""
    pieces: list[Piece] = []
    sizes = [(each.start, each.end) for each in quantities_in(said.text.lower())]
    for piece in sorted(said.pieces, key=lambda piece: piece.start):
        before = pieces[-1] if pieces else None
        if before is not None and _belong_together(before, piece, sizes):
            pieces[-1] = _one(before, piece, said.text)
        else:
            pieces.append(piece)
    return said if len(pieces) == len(said.pieces) else with_pieces(said, pieces)


def _belong_together(one: Piece, other: Piece, sizes: list[tuple[int, int]]) -> bool:
    end = one.start + len(one.text)
    if one.start < 0 or not end <= other.start <= end + 1 or other.part not in _OPEN:
        return False
    if one.part is Part.EXCLUSION:
        # What is ruled out so is hardly a quality of things that are looked for.
        return not other.hard and is_adjective(one.value)
    if one.part not in _OPEN or one.hard:
        return False
    if any(start <= one.start and other.start < stop for start, stop in sizes):
        return True
    is_count = _NUMBER.fullmatch(one.text) and other.part is Part.FEATURE and not one.group
    is_version = _LETTER.fullmatch(other.text) and one.part is not Part.KIND
    return bool(is_count or is_version)


def _one(one: Piece, other: Piece, text: str) -> Piece:
    both = text[one.start : other.start + len(other.text)]
    if one.part is Part.EXCLUSION:
        return replace(one, text=both, value=f"{one.value} {other.value or other.text}")
    confidence = max(one.confidence, other.confidence)
    return Piece(part=Part.FEATURE, text=both, value=both, start=one.start, confidence=confidence)
