"""Which thing a message means."""

from __future__ import annotations

import pytest

from shopwright.conversations.messages.things import (
    is_a_thing,
    is_beside_the_kind,
    with_a_kind,
    with_the_last_as_kind,
    with_the_unread,
)
from shopwright.understanding.request import ParsedRequest, Part, Piece


@pytest.mark.parametrize(
    ("message", "kind", "beside"),
    [
        ("she likes dolls", "dolls", True),
        ("a bigger bag", "bag", True),
        ("for left hand", "hand", True),
        ("a gift for my sister who plays guitar", "guitar", True),
        ("a desk lamp", "desk lamp", False),
        ("Actually I want a desk lamp instead", "desk lamp", False),
        ("I am looking for rugs", "rugs", False),
        ("do you have lamps", "lamps", False),
        ("for him: show me lamps", "lamps", False),
    ],
)
def test_a_kind_in_a_clause_is_not_looked_for(message, kind, beside):
    piece = Piece(part=Part.KIND, text=kind, value=kind, start=message.index(kind), hard=True)
    assert is_beside_the_kind(piece, message) is beside


@pytest.mark.parametrize(
    ("message", "kind", "is_thing"),
    [
        ("curtains", "curtains", True),
        ("a laptop battery", "laptop battery", True),
        ("vegan", "vegan", False),
        ("a 13 pro", "pro", False),
        ("XL, shrinks in the dryer", "shrinks", False),
        ("do you have curtains", "curtains", True),
        ("glass", "glass", False),
    ],
)
def test_what_is_a_thing_is_plural_or_has_an_article(message, kind, is_thing):
    piece = Piece(part=Part.KIND, text=kind, value=kind, start=message.index(kind))
    assert is_a_thing(piece, message) is is_thing


def test_what_has_an_article_is_looked_for_where_nothing_else_is():
    message = "something to wear, a dress"
    wear = Piece(part=Part.FEATURE, text="wear", value="wear", start=13)
    dress = Piece(part=Part.FEATURE, text="dress", value="dress", start=21)
    assert [p.part for p in with_a_kind([wear, dress], message)] == [Part.FEATURE, Part.KIND]
    lamp = Piece(part=Part.KIND, text="lamp", value="lamps", start=0)
    assert with_a_kind([lamp, dress], message) == [lamp, dress]


def test_the_last_feature_may_be_the_kind():
    pumps = Piece(part=Part.FEATURE, text="pumps", value="pumps", start=7)
    said = with_the_last_as_kind(ParsedRequest(text="i need pumps", pieces=(pumps,)))
    assert [piece.part for piece in said.pieces] == [Part.KIND]


@pytest.mark.parametrize(
    ("message", "read", "expected"),
    [
        ("manual", [], ["manual"]),
        ("turquoise or teal", ["teal"], ["turquoise", "teal"]),
        ("please", [], []),
        ("maybe", [], []),
        ("something for him or her", [], []),
        ("a very long unread message", [], []),
        ("red or blue", ["red", "blue"], ["red", "blue"]),
    ],
)
def test_short_messages_mean_what_they_say(message, read, expected):
    pieces = [
        Piece(part=Part.OPTION, text=each, value=each, start=message.index(each)) for each in read
    ]
    found = with_the_unread(ParsedRequest(text=message, pieces=tuple(pieces)))
    assert [piece.text for piece in found.pieces] == expected
