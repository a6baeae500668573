"""Pieces of a message that mean one thing."""

from __future__ import annotations

import pytest

from shopwright.conversations.messages.joining import joined
from shopwright.understanding.request import ParsedRequest, Part, Piece


def read(text, *words):
    pieces = [
        Piece(part=part, text=word, value=word, start=text.index(word), hard=hard)
        for word, part, hard in words
    ]
    found = joined(ParsedRequest(text=text, pieces=tuple(pieces)))
    return [(piece.text, piece.part) for piece in found.pieces]


F, K, P, X = Part.FEATURE, Part.KIND, Part.OPTION, Part.EXCLUSION


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("hdmi 10 feet", [("10", F, False), ("feet", F, False)], [("10 feet", F)]),
        ("2 drawers", [("2", F, False), ("drawers", F, False)], [("2 drawers", F)]),
        ("usb-c cable", [("usb", F, False), ("c", P, False)], [("usb-c", F)]),
        (
            "no artificial sweeteners",
            [("no artificial", X, True), ("sweeteners", K, False)],
            [("no artificial sweeteners", X)],
        ),
        ("no leather shoes", [("no leather", X, True), ("shoes", K, True)],
         [("no leather", X), ("shoes", K)]),
        ("no artificial shoes", [("no artificial", X, True), ("shoes", K, True)],
         [("no artificial", X), ("shoes", K)]),
        ("no leather, soft", [("no leather", X, True), ("soft", F, False)],
         [("no leather", X), ("soft", F)]),
        ("2 mugs", [("2", F, False), ("mugs", K, True)], [("2", F), ("mugs", K)]),
        ("red m", [("red", P, False), ("m", P, False)], [("red", P), ("m", P)]),
        ("soft warm", [("soft", F, False), ("warm", F, False)], [("soft", F), ("warm", F)]),
    ],
)  # fmt: skip
def test_what_belongs_together(text, words, expected):
    assert read(text, *words) == expected


def test_what_is_ruled_out_is_the_whole():
    text = "no artificial sweeteners"
    first = Piece(part=X, text="no artificial", value="artificial", start=0, hard=True)
    second = Piece(part=K, text="sweeteners", value="sweeteners", start=14)
    (both,) = joined(ParsedRequest(text=text, pieces=(first, second))).pieces
    assert (both.value, both.hard) == ("artificial sweeteners", True)
