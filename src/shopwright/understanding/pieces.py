"""The pieces of a request that a reading of its words gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from shopwright.understanding.exclusions import Cue, Exclusion, exclusions_in
from shopwright.understanding.lattice import Label
from shopwright.understanding.request import PIECE_CHARACTERS, Part, Piece
from shopwright.understanding.segmentation import Scored
from shopwright.understanding.words import Word

# A kind filters from this confidence on, if so many of the titles with its words are of it.
_SURE = 0.6
_CLEAR_SHARE = 0.3
_NEEDED = re.compile(r"\s+(?:needed|required|necessary)\b", re.IGNORECASE)
_PARTS = {
    Label.KIND: Part.KIND,
    Label.BRAND: Part.BRAND,
    Label.OPTION: Part.OPTION,
    Label.FEATURE: Part.FEATURE,
}


def pieces_of(
    text: str, words: Sequence[Word], reading: Sequence[Scored], cues: Sequence[Cue]
) -> list[Piece]:
    """Return what a reading of a request's words asks for and, by its cues, rules out."""
    pieces: list[Piece] = []
    excluded: set[int] = set()
    by_cue: dict[Cue, list[Piece]] = {}
    for exclusion in exclusions_in(words, reading, cues):
        piece = _exclusion(text, words, reading, exclusion)
        by_cue.setdefault(exclusion.cue, []).append(piece)
        excluded.update(range(exclusion.first, exclusion.last + 1))
    for ruled_out in by_cue.values():
        pieces += _as_wishes(ruled_out, text)
    for number, scored in enumerate(reading):
        part = _PARTS.get(scored.span.label)
        if part is not None and number not in excluded:
            pieces.append(_piece(text, words, scored, part))
    return pieces


def _piece(text: str, words: Sequence[Word], scored: Scored, part: Part) -> Piece:
    span, phrase = scored.span, scored.span.phrase
    start, end = words[span.start].start, words[span.end - 1].end
    own = " ".join(word.text for word in words[span.start : span.end])
    value, group, hard = own, "", False
    if part is Part.KIND:
        value = phrase.kind or own
        clear = phrase.share_of_kind
        hard = scored.confidence > _SURE and clear > _CLEAR_SHARE
    elif part is Part.BRAND:
        value = phrase.brand
    elif part is Part.OPTION:
        value, group = span.value, span.group
    return Piece(
        part=part,
        text=text[start:end][:PIECE_CHARACTERS],
        value=value[:PIECE_CHARACTERS],
        group=group[:PIECE_CHARACTERS],
        hard=hard,
        confidence=round(scored.confidence, 4),
        start=start,
    )


def _exclusion(
    text: str, words: Sequence[Word], reading: Sequence[Scored], exclusion: Exclusion
) -> Piece:
    first, last = reading[exclusion.first].span, reading[exclusion.last].span
    start, end = words[first.start].start, words[last.end - 1].end
    if exclusion.begins:
        start = exclusion.cue.start
    return Piece(
        part=Part.EXCLUSION,
        text=text[start:end][:PIECE_CHARACTERS],
        value=" ".join(word.text for word in words[first.start : last.end])[:PIECE_CHARACTERS],
        hard=True,
        confidence=0.8,
        start=start,
    )


def _as_wishes(pieces: Sequence[Piece], text: str) -> list[Piece]:
    """What one cue rules out, as wishes if it says what a thing should not need: "no box spring
    required"."""
    last = pieces[-1]
    is_unneeded = _NEEDED.search(last.text) or _NEEDED.match(text, last.start + len(last.text))
    if not is_unneeded:
        return [*pieces]
    return [
        replace(piece, part=Part.FEATURE, value=f"{value} free"[:PIECE_CHARACTERS], hard=False)
        for piece in pieces
        if (value := _NEEDED.sub("", f" {piece.value}").strip())
    ]


def said_once(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces without those that say again what one before them says."""
    said: dict[tuple[object, ...], Piece] = {}
    for piece in pieces:
        what = (piece.part, piece.value or piece.text, piece.group, piece.lowest, piece.highest)
        said.setdefault(what, piece)
    return list(said.values())
