"""Pieces of a request: as JSON and back, bounds, and what follows from them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shopwright.errors import InputError
from shopwright.understanding.request import Order, ParsedRequest, Part, Piece

PARSED = ParsedRequest(
    text="cheap red wool scarf 10 to 25 dollars, under $20, not itchy",
    pieces=(
        Piece(part=Part.ORDER, text="cheap", value=Order.CHEAPEST, start=0),
        Piece(part=Part.KIND, text="scarf", value="scarf", hard=True, start=15),
        Piece(part=Part.PRICE, text="10 to 25 dollars", lowest=10.0, highest=25.0, hard=True),
        Piece(part=Part.PRICE, text="under $20", highest=20.0, hard=True),
        Piece(part=Part.EXCLUSION, text="not itchy", value="itchy", hard=True, confidence=0.5),
    ),
    search_text="red wool scarf",
    language="en",
)


def test_a_parse_comes_back_from_json() -> None:
    assert ParsedRequest.from_record(json.loads(json.dumps(PARSED.record()))) == PARSED


def test_the_narrowest_price_range_counts() -> None:
    assert (PARSED.lowest_price, PARSED.price_limit) == (10.0, 20.0)
    assert ParsedRequest(text="scarf").price_limit is None


def test_pieces_by_part_and_the_wish_of_order() -> None:
    assert [piece.value for piece in PARSED.of(Part.KIND, Part.EXCLUSION)] == ["scarf", "itchy"]
    assert PARSED.order is Order.CHEAPEST
    assert ParsedRequest(text="scarf").order is None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("scarf", "expected an object"),
        ({"part": "mood", "text": "x"}, "expected one of kind"),
        ({"part": "kind"}, "field text: expected a text"),
        ({"part": "kind", "text": "x", "colour": 1}, "unknown field 'colour'"),
        ({"part": "price", "text": "x", "lowest": 5, "highest": 4}, "lowest <= highest"),
        ({"part": "price", "text": "x", "lowest": float("nan")}, "lowest <= highest"),
        ({"part": "order", "text": "x", "value": "random"}, "got 'random'"),
        ({"part": "kind", "text": "x", "confidence": 2}, "expected 0 to 1"),
        ({"part": "kind", "text": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_wrong_piece_is_refused_in_one_line(record: Any, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        Piece.from_record(record)


def test_too_many_pieces_are_refused() -> None:
    record = PARSED.record() | {"pieces": [PARSED.pieces[0].record()] * 41}
    with pytest.raises(InputError, match="pieces: expected at most 40, got 41"):
        ParsedRequest.from_record(record)


def test_a_requests_own_words_leave_out_limits_exclusions_and_wishes_of_order() -> None:
    from shopwright.understanding.parse import own_words

    text = "cheap red scarf under $20 not itchy"
    pieces = (
        Piece(part=Part.ORDER, text="cheap", value=Order.CHEAPEST, start=0),
        Piece(part=Part.PRICE, text="under $20", highest=20.0, start=16),
        Piece(part=Part.EXCLUSION, text="not itchy", value="itchy", start=26),
    )
    assert own_words(ParsedRequest(text=text, pieces=pieces)) == "red scarf"
