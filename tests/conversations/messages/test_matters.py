"""Which matter a wish is about."""

from __future__ import annotations

import pytest

from shopwright.conversations.candidates import Candidates
from shopwright.conversations.messages.matters import (
    as_options,
    budget_in,
    in_place_of_others,
    number_instead,
    quantity_alone,
    takes_the_place,
)
from shopwright.understanding.request import ParsedRequest, Part, Piece


def feature(text, start=-1):
    return Piece(part=Part.FEATURE, text=text, value=text, start=start)


def option(text, group):
    return Piece(part=Part.OPTION, text=text, value=text, group=group)


def price(lowest, highest):
    return Piece(part=Part.PRICE, text="price", lowest=lowest, highest=highest, hard=True)


@pytest.mark.parametrize(
    ("later", "earlier", "takes"),
    [
        (option("40mm", "size"), feature("44mm"), True),
        (option("6 pack", "size"), feature("pack of 4"), True),
        (feature("xl"), feature("size large"), True),
        (option("medium", "size"), option("10", "size"), True),
        (feature("navy blue"), option("black", "color"), True),
        (feature("light blue"), feature("black"), True),
        (feature("64 gb"), feature("6 pack"), False),
        (feature("cotton"), feature("soft"), False),
        (feature("10 inch"), feature("black"), False),
        (price(None, 20.0), price(None, 30.0), True),
        (price(5.0, None), price(None, 30.0), False),
        (price(50.0, None), price(None, 30.0), True),
        (price(5.0, 10.0), price(None, 30.0), True),
        (
            Piece(part=Part.MEASURE, text="under 5 lbs", value="pound", highest=5.0),
            Piece(part=Part.MEASURE, text="under 9 lbs", value="pound", highest=9.0),
            True,
        ),
        (
            Piece(part=Part.MEASURE, text="over 5 lbs", value="pound", lowest=5.0),
            Piece(part=Part.MEASURE, text="under 9 lbs", value="pound", highest=9.0),
            False,
        ),
        (
            Piece(part=Part.MEASURE, text="60 inches", value="inch", lowest=60.0, highest=60.0),
            Piece(part=Part.MEASURE, text="under 50 inches wide", value="inch", highest=50.0),
            True,
        ),
        (
            Piece(part=Part.MEASURE, text="under 30 inches tall", value="inch", highest=30.0),
            Piece(part=Part.MEASURE, text="under 50 inches wide", value="inch", highest=50.0),
            False,
        ),
    ],
)
def test_the_later_of_one_matter_takes_the_place(later, earlier, takes):
    assert takes_the_place(later, earlier) is takes


def test_a_colour_before_another_word_says_how_that_is():
    black, red = option("black", "color"), Piece(part=Part.FEATURE, text="red", start=5)
    assert in_place_of_others([red], black)
    assert not in_place_of_others([red, feature("stripes", start=9)], black)


def test_sizes_and_colours_become_options(tiny_shop):
    candidates = Candidates(tiny_shop, [(row, 1.0) for row in tiny_shop.catalogue.rows])
    group = next(iter(candidates.groups.values()))
    colour = next(value for value in group.values if value in ("red", "blue", "white", "black"))
    said = Piece(part=Part.KIND, text=f"color {colour}", value=f"color {colour}")
    (found,) = as_options([said], candidates)
    assert (found.part, found.value, found.group) == (Part.OPTION, colour, group.name)
    (teal,) = as_options([Piece(part=Part.KIND, text="teal", value="teal")], candidates)
    assert (teal.part, teal.hard) == (Part.FEATURE, False)
    other = [feature("dishwasher safe")]
    assert as_options(other, candidates) == other


@pytest.mark.parametrize(
    ("message", "pieces", "expected"),
    [
        ("250 max", [feature("red")], ("up to $250.00", None, 250.0)),
        ("sorry 250 max", [price(200.0, 300.0)], ("$200.00 to $250.00", 200.0, 250.0)),
        ("60-100", [feature("red")], ("$60.00 to $100.00", 60.0, 100.0)),
        ("budget 200 - 250", [], ("$200.00 to $250.00", 200.0, 250.0)),
        ("could stretch to 120", [feature("red")], ("up to $120.00", None, 120.0)),
        ("a bit more is ok, 50", [price(None, 40.0)], ("up to $50.00", None, 50.0)),
        ("1,500 max", [price(None, 1000.0)], ("up to $1500.00", None, 1500.0)),
        ("max $1,200", [], ("up to $1200.00", None, 1200.0)),
        ("what about up to 2000", [feature("red")], ("up to $2000.00", None, 2000.0)),
        ("make that 15", [price(None, 20.0)], ("up to $15.00", None, 15.0)),
        ("or 8,5", [price(5.0, 10.0)], ("$5.00 to $8.50", 5.0, 8.5)),
        ("12 instead", [price(10.0, None)], ("from $12.00", 12.0, None)),
    ],
)
def test_a_price_alone(message, pieces, expected):
    found = budget_in(ParsedRequest(text="", pieces=tuple(pieces)), message, "USD")
    assert found is not None
    assert (found.text, found.lowest, found.highest) == expected


@pytest.mark.parametrize("message", ["15 pieces", "or red", "", "1" * 61, "size 9", "a lamp"])
def test_more_or_less_than_a_price(message):
    before = ParsedRequest(text="", pieces=(price(None, 2.0),))
    assert budget_in(before, message, "USD") is None


@pytest.mark.parametrize("message", ["15", "or 15", "2-3", "34-36"])
def test_a_number_alone_is_no_price_where_none_was_said(message):
    assert budget_in(ParsedRequest(text="", pieces=(feature("red"),)), message, "USD") is None


def test_a_number_takes_the_place_of_the_last():
    before = ParsedRequest(text="", pieces=(feature("pack of 4"), feature("red")))
    (packs, red) = number_instead(before, "make that 6") or ()
    assert (packs.text, packs.value, red.text) == ("pack of 6", "pack of 6", "red")
    assert number_instead(before, "6 pieces") is None
    named = ParsedRequest(text="", pieces=(feature("ps4"), feature("red")))
    assert number_instead(named, "50") is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("6 feet", ("feet", 6.0, 6.0)),
        ("no wait i need 25 ft", ("feet", 25.0, 25.0)),
        ("63 inches actually", ("inch", 63.0, 63.0)),
        ("10+ feet", ("feet", 10.0, None)),
        ("2 pieces", None),
        ("6 feet of cable", None),
        ("8 x 10 feet", None),
    ],
)
def test_a_size_alone(message, expected):
    found = quantity_alone(message)
    assert (found and (found.value, found.lowest, found.highest)) == expected


def test_sizes_in_one_unit_and_opposites_are_one_matter():
    assert takes_the_place(option("25 feet", "size"), feature("10ft"))
    assert not takes_the_place(feature("5 lbs"), feature("10ft"))
    assert takes_the_place(feature("manual"), feature("electric"))
    assert not takes_the_place(feature("manual"), feature("scented"))
    assert takes_the_place(feature("long sleeves"), feature("short sleeves"))
    assert not takes_the_place(feature("long sleeves"), feature("short hair"))
    assert takes_the_place(option("brown", "color"), feature("blonde"))
