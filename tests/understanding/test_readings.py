"""Audiences, wishes of order, numerals and what is ruled out, in the words of requests."""

from __future__ import annotations

import pytest

from shopwright.understanding.amounts import prices_in
from shopwright.understanding.audience import audiences_in
from shopwright.understanding.exclusions import cues_in
from shopwright.understanding.numerals import number_in
from shopwright.understanding.request import Part, Piece
from shopwright.understanding.uses import is_use, of_use
from shopwright.understanding.wishes import orders_in
from shopwright.understanding.words import is_contraction, phrase_key, words_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pajamas for my husband", [("men", None, None, True)]),
        ("a shirt for my daughter", [("girls", None, None, False)]),
        ("mens socks", [("men", None, None, True)]),
        ("women’s coat", [("women", None, None, True)]),
        ("a kite for a 5 year old girl", [("girls", 5.0, 5.0, False)]),
        ("toys ages 3-5", [("kids", 3.0, 5.0, False)]),
        ("blocks, 18 months old", [("baby", 1.5, 1.5, False)]),
        ("5yo boy", [("boys", 5.0, 5.0, False)]),
        ("a teenage girl", [("girls", None, None, False)]),
        ("her majesty's tea", []),
        ("a 10 year warranty", []),
        ("woman or man", [("women", None, None, True), ("men", None, None, True)]),
    ],
)
def test_whom_a_request_is_for(text: str, expected: list[tuple[object, ...]]) -> None:
    pieces = [reading.piece for reading in audiences_in(text)]
    assert [(p.value, p.lowest, p.highest, p.hard) for p in pieces] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("keep my soup warm", True),
        ("something for a stuffy nose", True),
        ("hang pictures without a nail", True),
        ("what can I use against moths?", True),
        ("watch for women", False),
        ("paint brushes", False),
        ("a kettle for my kitchen", False),
        ("something red", False),
    ],
)
def test_requests_that_say_what_a_thing_is_for(text: str, expected: bool) -> None:
    assert is_use(text) is expected


def test_of_a_use_nothing_is_a_kind_and_nothing_is_certainly_ruled_out() -> None:
    kind = Piece(part=Part.KIND, text="soup", value="soups", hard=True)
    excluded = Piece(part=Part.EXCLUSION, text="without fire", value="fire", hard=True)
    feature, exclusion = of_use([kind, excluded])
    assert (feature.part, feature.value, feature.hard) == (Part.FEATURE, "soup", False)
    assert (exclusion.part, exclusion.hard) == (Part.EXCLUSION, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cheapest kettle", ["cheapest"]),
        ("a kettle, not too expensive", ["cheapest"]),
        ("the most expensive kettle", ["dearest"]),
        ("top rated kettle", ["best rated"]),
        ("kettle with good reviews", ["best rated"]),
        ("my budget is 30", []),
        ("best friends necklace", []),
    ],
)
def test_wishes_of_order(text: str, expected: list[str]) -> None:
    assert [piece.value for piece in orders_in(text)] == expected


@pytest.mark.parametrize(
    ("text", "currency", "lowest", "highest", "hard"),
    [
        ("under $5", "USD", None, 5, True),
        ("for less than ten dollars", "USD", None, 10, True),
        ("20 bucks or less", "USD", None, 20, True),
        ("between 10 and 20 €", "EUR", 10, 20, True),
        ("10-20 euros", "EUR", 10, 20, True),
        ("below 1.000,50 €", "EUR", None, 1000.5, True),
        ("$50+", "USD", 50, None, True),
        ("at least 30 dollars", "USD", 30, None, True),
        ("no less than 30 dollars", "USD", 30, None, True),
        ("nothing over 30 dollars", "USD", None, 30, True),
        ("i don't want to spend more than $25", "USD", None, 25, True),
        ("around 20", "USD", 15, 25, False),
        ("around 20 dollars or less", "USD", None, 20, True),
        ("twenty five to thirty dollars", "USD", 25, 30, True),
        ("a hundred and twenty dollars max", "USD", None, 120, True),
        ("under 1.5k usd", "USD", None, 1500, True),
        ("50 cents", "USD", None, 0.5, False),
    ],
)
def test_price_ranges(
    text: str, currency: str, lowest: float | None, highest: float | None, hard: bool
) -> None:
    (reading,) = prices_in(f"a mug {text}", currency)
    piece = reading.piece
    assert (piece.lowest, piece.highest, piece.hard) == (lowest, highest, hard)


@pytest.mark.parametrize(
    "text",
    ["size 9", "pack of 12", "under 5 feet", "5 year old", "vitamins for women over 50",
     "an iphone 12 max case", "cars from 2006 - 2012", "lamp over 20 watts", "truck 30+ mph",
     "a tv with at least 5k"],
)  # fmt: skip
def test_numbers_that_are_no_prices(text: str) -> None:
    assert prices_in(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("socks, not wool", [("not ", True)]),
        ("table without glass", [("without ", True)]),
        ("anything but leather", [("anything but ", True)]),
        ("any colour but black", [("any colour but ", True)]),
        ("a rug in any other color except for red", [("any other color except for ", True)]),
        ("any brand but acme", [("any brand but ", True)]),
        ("any style other than modern", [("any style other than ", True)]),
        ("phone any color but i like silver", []),
        ("any phone in any size but must be white", []),
        ("any brand but under $50", []),
        ("it can't be plastic", [("can't be ", True)]),
        ("no show socks", []),
        ("free of gluten", [("free of ", False)]),
        ("bed not without a headboard", [("not without a ", False)]),
        ("i do not mind", []),
        ("not only red", []),
    ],
)
def test_words_that_rule_out(text: str, expected: list[tuple[str, bool]]) -> None:
    cues = cues_in(text, lambda phrase, following: (phrase, following) == ("no show", "socks"))
    assert [(cue.text.strip() + " ", cue.excludes) for cue in cues] == expected


def test_numbers_in_words() -> None:
    texts = ("twenty-five", "two hundred and fifty", "two thousand", "a dozen")
    assert [number_in(text, "USD") for text in texts] == [25.0, 250.0, 2000.0, 12.0]


def test_writings_of_one_phrase_have_one_key() -> None:
    assert phrase_key("Night-Stands") == phrase_key("nightstand")
    assert phrase_key("easy to clean") == phrase_key("easy clean")
    assert phrase_key("women's boots") == phrase_key("womens boot")


def test_ages_are_those_of_who_they_are_told_of():
    (dad, told) = (reading.piece for reading in audiences_in("for my dad, he's 60"))
    assert dad == told
    assert (dad.value, dad.lowest) == ("men", 60.0)
    asking = [reading.piece for reading in audiences_in("for my dad. I'm 25")]
    assert {(piece.value, piece.lowest) for piece in asking} == {("men", None)}
    (child,) = (reading.piece for reading in audiences_in("she is 5"))
    assert (child.value, child.lowest) == ("kids", 5.0)


def test_who_speaks_of_it_is_not_whom_it_is_for():
    assert audiences_in("my husband says max $150") == []
    assert audiences_in("my son is allergic to nuts") == []
    assert [reading.piece.value for reading in audiences_in("my husband wants a lamp")] == ["men"]
    assert audiences_in("toner for brother hl-2030") == []
    assert audiences_in("ink for brother mfc-j1010") == []
    assert [r.piece.value for r in audiences_in("gift for mom iphone15 case")] == ["women"]
    assert [reading.piece.value for reading in audiences_in("a gift for brother")] == ["men"]


def test_a_size_may_be_an_s():
    assert [word.text for word in words_in("size S")] == ["size", "small"]
    assert [word.text for word in words_in("Men's s")][-1] == "s"
    assert is_contraction("whats")
    assert not is_contraction("what")
