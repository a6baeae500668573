"""What a conversation asks for, as one parsed request: the first message, and every later one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shopwright.catalogue.money import format_price
from shopwright.conversations.acts import Act
from shopwright.conversations.answers import Answer
from shopwright.conversations.taking_back import (
    begins_anew,
    consents,
    contradicts,
    is_beside_the_kind,
    is_no_wish,
    is_talk,
    taken_back,
)
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import MOST_PIECES, ParsedRequest, Part, Piece

# What people add to an answer.
_BESIDE = (Part.EXCLUSION, Part.BRAND, Part.AUDIENCE, Part.MEASURE, Part.ORDER)
# What later messages say takes the place of what earlier ones said.
_ONE_OF = (Part.PRICE, Part.ORDER, Part.AUDIENCE)


def and_then(
    before: ParsedRequest,
    said: ParsedRequest,
    answer: Answer,
    question: Act | None,
    currency: str,
) -> ParsedRequest:
    """Return what is asked for after one more message.

    An answer to a question counts as that, with what is added to it; other messages count as what
    they are parsed to, and one that looks for another kind of thing begins anew. What was said last
    counts: a message may take back earlier wishes, or rule out what was wanted.

    Args:
        before: what was asked for until then.
        said: the message by itself, parsed.
        answer: what it says as an answer.
        question: what was asked; None for nothing.
        currency: of the shop, for the words of a limit.
    """
    message = said.text
    if begins_anew(message):
        is_named = any(piece.hard for piece in said.of(Part.KIND))
        return said if is_named else replace(said, pieces=(), search_text="")
    if taken := taken_back(before.pieces, message):
        outside = [p for p in said.pieces if not taken.start <= p.start < taken.end]
        further = [p for p in outside if p.start >= 0 and not is_talk(p)]
        return with_pieces(before, _joined(taken.left, further))
    if (question is not None and answer.tells) or answer.indifferent or answer.unsure:
        further = [piece for piece in said.pieces if _is_beside(piece, answer)]
        return with_pieces(before, _joined(before.pieces, [*_pieces(answer, currency), *further]))
    if is_no_wish(message):
        return before
    kinds = {piece.value for piece in before.of(Part.KIND)}
    named = [piece for piece in said.of(Part.KIND) if piece.hard]
    agrees = consents(message)
    beside = [p for p in named if kinds and (agrees or is_beside_the_kind(p, message))]
    looked_for = {piece.value for piece in named if piece not in beside}
    if looked_for and kinds and not looked_for & kinds:
        return said
    later = [
        replace(piece, part=Part.FEATURE, value=piece.text, hard=False)
        if piece in beside
        else piece
        for piece in said.pieces
        if not is_talk(piece)
    ]
    return with_pieces(before, _joined(before.pieces, later))


def _is_beside(piece: Piece, answer: Answer) -> bool:
    """Whether a piece of an answer's own parse says something else than the answer."""
    return piece.part in _BESIDE or (piece.part is Part.PRICE and answer.limit is None)


def _pieces(answer: Answer, currency: str) -> list[Piece]:
    """What an answer asks for."""
    pieces = [
        Piece(part=Part.OPTION, text=value, value=value, group=group)
        for group, value in answer.options
    ]
    pieces += [Piece(part=Part.FEATURE, text=name, value=name) for name in answer.attributes]
    if answer.limit is not None:
        text = f"up to {format_price(answer.limit, currency)}"
        pieces.append(Piece(part=Part.PRICE, text=text, highest=answer.limit, hard=True))
    return pieces


def _joined(earlier: Sequence[Piece], later: Sequence[Piece]) -> list[Piece]:
    """Earlier pieces but those that later ones take the place of, then the later ones."""
    groups = {piece.group for piece in later if piece.part is Part.OPTION and piece.group}
    parts = {piece.part for piece in later if piece.part in _ONE_OF}
    values = {(piece.part, piece.value) for piece in later}
    kept = [
        piece
        for piece in earlier
        if piece.part not in parts
        and (piece.part, piece.value) not in values
        and not (piece.part is Part.OPTION and piece.group in groups)
        and not any(contradicts(piece, each) for each in later)
    ]
    return [*kept, *later][:MOST_PIECES]
