"""Where phrases stand in texts, and whether they are negated there."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shopwright.recommending.mentions import Passage
from shopwright.recommending.phrase import Phrase, stem_of
from shopwright.recommending.snippets import SNIPPET_CHARACTERS
from shopwright.understanding.quantities import ONE_NAME, unit_behind


def mention(phrase: str, text: str):
    return Passage("title", text).mention(Phrase.of(phrase))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("running shoe", "Red Running Shoes for Women"),
        ("machine washable", "Washable by machine"),
        ("night stand", "A nightstand of oak"),
        ("nightstand", "Night-stands of oak"),
        ("nightstand", "night stands, oak"),
        ("battery pack", "Two batterypacks"),
        ("night candy", "Sweet nightcandies"),
        ("men's", "Mens' shirts for men"),
        ("made of wood", "made from wood"),
        ("石鹸", "オリーブ石鹸です"),
        ("!!", "a !! b"),
    ],
)
def test_a_phrase_stands_in_any_writing(phrase: str, text: str) -> None:
    found = mention(phrase, text)
    assert (found is not None and not found.negated) == any(c.isalnum() for c in phrase)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("running shoe", "Sandals: shoes to wear after a morning spent on running"),
        ("running shoe", "Made for running. Shoes sold apart"),
        ("glass", "A classy glazed lamp"),
        ("x-large", "a large x"[:7]),
        ("", "anything"),
    ],
)
def test_scattered_or_similar_words_mention_nothing(phrase: str, text: str) -> None:
    assert mention(phrase, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "glass not required",
        "A glass is not needed",
        "glass isn't necessary",
        "No glass needed",
        "No glass inside",
        "glass-free",
        "Without any glass",
        "free of lead, glass and cork",
        "no lead, glass or cork",
        "lead, glass and cork free",
        "Does not contain glass.",
        "Our lamps do not have lead, glass or cork",
        "It isn't glass",
    ],
)
def test_negated(text: str) -> None:
    found = mention("glass", text)
    assert found is not None
    assert found.negated


@pytest.mark.parametrize(
    "text",
    [
        "Tempered glass top",
        "No assembly required, glass top",
        "No tools needed. Glass top",
        "Not only glass",
        "No wood but glass",
        "Non-slip, glass",
        "glass not only for tea",
        "softer than glass",
        "glass, free shipping",
        "No glass in the box, but a glass door on it",
    ],
)
def test_not_negated(text: str) -> None:
    found = mention("glass", text)
    assert found is not None
    assert not found.negated


def test_the_snippet_is_the_line_around_the_words() -> None:
    text = f"Soft.\n{'warm ' * 60}velvet cover {'nice ' * 60}\nBlue."
    snippet = mention("velvet cover", text).snippet
    assert "velvet cover" in snippet
    assert "Soft" not in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")
    assert len(snippet) <= SNIPPET_CHARACTERS
    assert mention("soft", text).snippet == "Soft."


@given(st.text(max_size=60), st.text(max_size=300))
def test_any_texts(phrase: str, text: str) -> None:
    found = mention(phrase, text)
    assert found is None or len(found.snippet) <= SNIPPET_CHARACTERS


@pytest.mark.parametrize(
    "text", ["a " * 90_000, "no free " * 50_000, "b" * 200_000, "x, " * 70_000]
)
def test_work_is_bounded(text: str) -> None:
    passage = Passage("description", text)
    started = time.process_time()
    for phrase in ("red rug a a b", "free no x", "bbbbbbbb", " ".join("abcdefghij")):
        passage.mention(Phrase.of(phrase))
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("set of two", "Bar Stools, Set of 2, Black"),
        ("12 pack", "Pack of twelve"),
        ("32 inch", 'Flat 32" Screen'),
        ('5.5"', "a 5.5 inch screen"),
        ("6 ft", "a cable, 6' long"),
        ("6 feet", "HDMI Cable 6ft"),
        ("15 pounds", "Blanket 15lbs"),
        ("3m", "a lead of 3 metres"),
        ("1 terabyte", "1TB drive"),
    ],
)
def test_one_quantity_in_several_writings(asked: str, text: str) -> None:
    found = Passage("title", text).mention(Phrase.of(asked))
    assert found is not None
    assert not found.negated


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("3 m", "3 ft of it"),
        ("3m", "Cable, 0.91 m (3-ft.)"),
        ("m", "3 metres"),
        ("6 ft", "6 inches"),
        ("1 piece", "one of the best pieces there is"),
    ],
)
def test_other_quantities(asked: str, text: str) -> None:
    assert Passage("title", text).mention(Phrase.of(asked)) is None


def test_a_quantity_that_stands_nowhere_is_missing() -> None:
    passage = Passage("title", 'a 32" screen')
    phrase = Phrase.of("32 inch oled")
    assert [bool(passage.places_of(stem)) for stem in phrase.stems] == [True, True, False]
    assert phrase.without({"32", "inch"}) == ("oled",)
    assert passage.has_joined(Phrase.of("32 inches"))
    # "M" is a unit only behind a number.
    assert [*Passage("title", "5 lb of m, 3 m long").places_of("meter")] == [6]


def slow_places(passage: Passage) -> dict[str, list[int]]:
    """Stem → the numbers of its tokens, by the stems of all of them."""
    places: dict[str, list[int]] = {}
    for number, token in enumerate(passage.tokens):
        stemmed = ONE_NAME.get(token) or stem_of(token)
        if token in ONE_NAME or token.startswith(stemmed[:-1] if len(stemmed) > 3 else stemmed):
            places.setdefault(stemmed, []).append(number)
        if unit := unit_behind(passage.tokens, number):
            places.setdefault(unit, []).append(number)
    return places


WRITTEN = (
    "rug", "rugged", "batteries", "battery", "6", "six", "ft", "6ft", "'", '6"', "inched", "inch",
    "3m", "m", "lady's", "dies", "feet", "foot", ".", "no",
)  # fmt: skip


@given(st.lists(st.sampled_from(WRITTEN), max_size=12).map(" ".join), st.text(max_size=40))
@example('6 ft of rug, 6" of six inched rugs', "")
def test_a_stem_is_found_where_stemming_every_word_finds_it(some: str, more: str) -> None:
    passage = Passage("title", f"{some} {more}")
    slow = slow_places(passage)
    for stemmed in {*slow, *Phrase.of(" ".join(WRITTEN)).stems}:
        assert list(passage.places_of(stemmed)) == slow.get(stemmed, [])
    for phrase in map(Phrase.of, WRITTEN):
        stands = all(stemmed in slow for stemmed in phrase.stems)
        assert phrase.may_stand_in(passage.lower) or not stands
