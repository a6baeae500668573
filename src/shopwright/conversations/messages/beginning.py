"""What the first message of a conversation asks for."""

from __future__ import annotations

import re
from dataclasses import replace

from shopwright.conversations.candidates import Candidates
from shopwright.conversations.messages.matters import as_feature, as_options
from shopwright.conversations.messages.talk import is_talk
from shopwright.conversations.messages.things import is_an_adjective, with_a_kind, with_the_unread
from shopwright.understanding.parse import with_pieces
from shopwright.understanding.request import ParsedRequest, Part, Piece

_LIKES = re.compile(
    r"\b(?:likes?|loves?|enjoys?|adores?|into|plays?|fan of)(?:\s+\w+){0,2}\s*$", re.IGNORECASE
)
_PRESENT_FOR = re.compile(
    r"\b(?:gifts?|presents?)\b.{0,20}\bfor (?:an?|my|the|our) $", re.IGNORECASE
)
_AND_A = re.compile(r"\band (?:an?|some)\b", re.IGNORECASE)
_SAYS_HOW = re.compile(r"\b(?:with|for|that|which|in|has|having)\b", re.IGNORECASE)
_A = re.compile(r"\b(?:an?|some)\s+$", re.IGNORECASE)
_FEW = re.compile(r"[1-9]|1\d|two|three|four|five|six")


def begun(said: ParsedRequest, candidates: Candidates) -> ParsedRequest:
    """Return what a first message asks for: with sizes and colours as options, what somebody likes
    as a feature, each of "a blanket and a candle" as a kind, and without a number of things.

    Args:
        candidates: what was found for it.
    """
    said = with_the_unread(said, is_first=True)
    pieces: list[Piece] = []
    for place, piece in enumerate(said.pieces):
        before, following = said.text[: max(0, piece.start)], said.pieces[place + 1 :]
        if piece.part in (Part.KIND, Part.FEATURE) and is_talk(piece):
            continue
        if piece.part is Part.KIND and not piece.hard and _PRESENT_FOR.search(before):
            continue  # "A gift for a coworker".
        if piece.part is Part.KIND and is_an_adjective(piece):
            piece = as_feature(piece)
        if piece.part is Part.KIND and _LIKES.search(before):
            piece = as_feature(piece)
        elif piece.part is Part.FEATURE and _A.search(before) and _are_several(said.text, piece):
            piece = replace(piece, part=Part.KIND)
        is_number = not before.strip() and _FEW.fullmatch(piece.text)
        if not (is_number and following and following[0].part is Part.KIND):
            pieces.append(piece)
    pieces = with_a_kind(as_options(pieces, candidates), said.text, is_first=True)
    return said if pieces == [*said.pieces] else with_pieces(said, pieces)


def _are_several(message: str, piece: Piece) -> bool:
    """Whether a message lists several things, of which a piece is one: "a blanket and a candle"."""
    says_how = _SAYS_HOW.search(message)
    things = message[: says_how.start()] if says_how else message
    return piece.start < len(things) and _AND_A.search(things) is not None
