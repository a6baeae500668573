"""Whom things are for, over several messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from shopwright.understanding.audience import BOYS, GIRLS, KIDS
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import PIECE_CHARACTERS, ParsedRequest, Part, Piece

_IS_A_PRESENT = re.compile(r"\b(?:gift|present|for (?:my|our|his|her|a))\b", re.IGNORECASE)
_OF_KIDS = (BOYS, GIRLS, KIDS)
_PRONOUN = re.compile(r"(?:(?:gift|present|something) )?(?:for )?(?:her|him|them|his|their)", re.I)


def for_the_same_person(before: ParsedRequest, said: ParsedRequest) -> ParsedRequest:
    """Return what is looked for anew; if it is a present, too, for the same person and budget."""
    people = [piece for piece in before.of(Part.AUDIENCE) if _IS_A_PRESENT.search(piece.text)]
    others = [p for p in said.of(Part.AUDIENCE) if not _PRONOUN.fullmatch(p.text)]
    if not people or others:
        return said
    limits = () if said.of(Part.PRICE) else before.of(Part.PRICE)
    new = [piece for piece in said.pieces if piece.part is not Part.AUDIENCE]
    return with_pieces(said, [*new, *people, *limits])


def is_known_person(piece: Piece, before: ParsedRequest) -> bool:
    """Return whether it is to be for somebody who was named already: "something for her"."""
    return (
        piece.part is Part.AUDIENCE
        and _PRONOUN.fullmatch(piece.text) is not None
        and bool(before.of(Part.AUDIENCE))
    )


def of_one_person(piece: Piece, earlier: Sequence[Piece]) -> Piece:
    """Return a piece that tells the age of somebody of whom more was said, or the other way round,
    with both: "my daughter", "5 years old"."""
    if piece.part is not Part.AUDIENCE:
        return piece
    named = [each for each in earlier if each.part is Part.AUDIENCE and each.value in _OF_KIDS]
    if piece.value == KIDS and piece.lowest is None and named:  # A boy is a kid.
        return named[0]
    for before in earlier:
        ages = [each for each in (before, piece) if each.lowest is not None]
        if before.part is not Part.AUDIENCE or len(ages) != 1:
            continue
        (aged,) = ages
        (other,) = (each for each in (before, piece) if each is not aged)
        text = f"{before.text}, {piece.text}"[:PIECE_CHARACTERS]
        return replace(aged, text=text, value=other.value or aged.value, start=-1)
    return piece
