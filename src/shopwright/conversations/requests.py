"""What a conversation asks for, as one parsed request: the first message, and every later one."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.catalogue.money import format_price
from shopwright.conversations.acts import Act
from shopwright.conversations.answers import Answer
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
    they are parsed to, and one that names another kind of thing begins anew.

    Args:
        before: what was asked for until then.
        said: the message by itself, parsed.
        answer: what it says as an answer.
        question: what was asked; None for nothing.
        currency: of the shop, for the words of a limit.
    """
    if question is not None and (answer.tells or answer.indifferent or answer.unsure):
        further = [piece for piece in said.pieces if _is_beside(piece, answer)]
        return with_pieces(before, _joined(before.pieces, [*_pieces(answer, currency), *further]))
    kinds = {piece.value for piece in before.of(Part.KIND)}
    named = {piece.value for piece in said.of(Part.KIND) if piece.hard}
    if named and kinds and not named & kinds:
        return said
    return with_pieces(before, _joined(before.pieces, said.pieces))


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
    ]
    return [*kept, *later][:MOST_PIECES]
