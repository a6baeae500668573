"""What the first message of a conversation asks for."""

from __future__ import annotations

from shopwright.conversations.candidates import Candidates
from shopwright.conversations.messages.beginning import begun
from shopwright.shop.shop import Shop
from shopwright.understanding.request import ParsedRequest, Part, Piece


def feature(text: str, start: int) -> Piece:
    return Piece(part=Part.FEATURE, text=text, value=text, start=start)


def kind(text: str, start: int, *, hard: bool = False) -> Piece:
    return Piece(part=Part.KIND, text=text, value=text, start=start, hard=hard)


def test_a_first_message(tiny_shop: Shop) -> None:
    found = Candidates(tiny_shop, [(row, 1.0) for row in tiny_shop.catalogue.rows])
    text = "2 mugs and a candle, she likes unicorns"
    candle = feature("candle", 13)
    unicorns = kind("unicorns", 31)
    mugs = kind("mugs", 2, hard=True)
    said_first = ParsedRequest(text=text, pieces=(feature("2", 0), mugs, candle, unicorns))
    pieces = begun(said_first, found).pieces
    assert [(piece.text, piece.part) for piece in pieces] == [
        ("mugs", Part.KIND), ("candle", Part.KIND), ("unicorns", Part.FEATURE)
    ]  # fmt: skip
    alone = ParsedRequest(text="mugs", pieces=(mugs,))
    assert begun(alone, found) is alone


def read(shop: Shop, text: str, *pieces: Piece) -> list[tuple[str, Part]]:
    found = Candidates(shop, [(row, 1.0) for row in shop.catalogue.rows])
    request = begun(ParsedRequest(text=text, pieces=pieces), found)
    return [(piece.text, piece.part) for piece in request.pieces]


def test_what_a_thing_is_to_have_is_no_thing(tiny_shop: Shop) -> None:
    lid, handle = feature("lid", 11), feature("handle", 21)
    mug = kind("mug", 0, hard=True)
    assert read(tiny_shop, "mug with a lid and a handle", mug, lid, handle) == [
        ("mug", Part.KIND), ("lid", Part.FEATURE), ("handle", Part.FEATURE)
    ]  # fmt: skip


def test_a_present_is_for_somebody(tiny_shop: Shop) -> None:
    said = kind("coworker", 11), feature("chocolate", 27)
    assert read(tiny_shop, "gift for a coworker, likes chocolate", *said)[0][0] == "chocolate"


def test_an_adjective_is_no_kind(tiny_shop: Shop) -> None:
    said = feature("mascara", 0), kind("waterproof", 8)
    assert read(tiny_shop, "mascara waterproof", *said) == [
        ("mascara", Part.KIND), ("waterproof", Part.FEATURE)
    ]  # fmt: skip


def test_a_model_is_no_number_of_things(tiny_shop: Shop) -> None:
    said = feature("iphone", 0), feature("12", 7), kind("case", 10, hard=True)
    assert [text for text, _ in read(tiny_shop, "iphone 12 case", *said)] == [
        "iphone",
        "12",
        "case",
    ]


def test_what_it_is_to_be_with_counts_though_it_was_not_read(tiny_shop: Shop) -> None:
    chair = kind("chair", 0, hard=True)
    assert read(tiny_shop, "chair with armrests", chair)[1] == ("armrests", Part.FEATURE)
    nuts = Piece(part=Part.EXCLUSION, text="nothing with nuts", value="nuts", start=7)
    snacks = kind("snacks", 0, hard=True)
    assert len(read(tiny_shop, "snacks nothing with nuts", snacks, nuts)) == 2
