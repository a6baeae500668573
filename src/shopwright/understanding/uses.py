"""Requests that say what a thing is for and leave open what it is: "keep my coffee warm"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from shopwright.understanding.background import told_in
from shopwright.understanding.request import Part, Piece

_VERBS = (
    "attach block boil brew brighten carry charge clean connect cook cool cover cure cut decorate "
    "dry exercise fix hang heat hear hide hold keep lift listen lock make measure mount organize "
    "paint play practice prevent protect read reduce relax relieve remove repair rest see separate "
    "serve sew sit sleep soften soothe stick stop store transport treat trim wake warm wash watch "
    "wear weigh whiten wrap write"
)
_OWN = r"(?:my|your|our|his|her|their|the|an?|it|them|this|that|me|us)"
_WHERE = rf"(?:on|in|at|from|under|while|when|without)\s+(?:{_OWN}|home|night|work|far)"
# "Keep my coffee", "hang clothes in a small room", but not "watch for women" or "paint brushes".
_TO_DO = (
    rf"(?:get rid of|(?:{'|'.join(_VERBS.split())})\s+(?:{_OWN}|(?:[\w'’-]+\s+){{0,3}}?{_WHERE}))"
)
# "Something for", "what can I use against".
_OPENS = (
    r"(?:something|anything|somewhere|someplace|things|stuff|"
    r"what (?:can|could|do|should|would) (?:i|you|we) (?:do|need|recommend|suggest|take|use))"
    r"\s+(?:that (?:can |will )?)?(?:to|for|against|helps?)"
)
_ASKED = r"(?:(?:i|we|you|please|do|have|got|is|are|there|need|want|would|like|looking|for|to)\s+)*"
_USE = re.compile(rf"\W*{_ASKED}(?:{_TO_DO}|{_OPENS})\b")


@lru_cache(maxsize=1 << 8)
def is_use(text: str) -> bool:
    """Whether a request says what a thing is for, not what it is.

    Example:
        >>> is_use("something to keep my coffee warm"), is_use("a coffee warmer for my desk")
        (True, False)

    What somebody tells before it does not count: "we moved, and need somewhere to put our books".
    """
    told = told_in(text)
    places = told.asking if told.telling else ((0, len(text)),)
    return any(_USE.match(text[start:end].lower()) for start, end in places)


def of_use(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces of such a request: what looks like a kind is what the thing is for, and
    nothing is certainly ruled out."""
    found = []
    for piece in pieces:
        if piece.part is Part.KIND:
            piece = replace(piece, part=Part.FEATURE, value=piece.text, hard=False)
        elif piece.part is Part.EXCLUSION:
            piece = replace(piece, hard=False)
        found.append(piece)
    return found
