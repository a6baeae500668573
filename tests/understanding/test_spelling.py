"""Misspelt, joined and split words, from a shop's own."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shopwright.catalogue.product import Product
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.spelling import Change, Correction, Spelling
from shopwright.understanding.vocabulary import (
    Vocabulary,
    open_vocabulary,
    spelt,
    vocabulary_of,
)

TITLES = [
    *["Wireless Headphones with Charger"] * 40,
    *["Night Stand for the Bedroom, Oak"] * 30,
    *["Nightstand, White"] * 10,
    *["Waterproof Jacket for Women"] * 30,
    *["Dry Dog Food, 2 Pack"] * 60,
    *["Car Mat", "Carpet Cleaner", "Pet Bed", "Fod Key Ring"] * 5,
]


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    products = [Product(asin=f"P{n}", title=title) for n, title in enumerate(TITLES)]
    return Spelling(vocabulary_of(products))


def found(spelling: Spelling, request: str, change: Change) -> list[tuple[str, ...]]:
    return [c.words for c in spelling.correct(spelt(request)) if c.change is change]


@pytest.mark.parametrize(
    ("request_text", "meant"),
    [
        ("wireles headphones", ["wireless"]),
        ("wireless haedphones", ["headphones"]),
        ("headfones", ["headphones"]),
        ("watreproof jaket", ["waterproof", "jacket"]),
        ("Wireless HEADPHONES' chargers", []),  # Plurals are other forms, not mistakes.
        ("dog of women", []),
        ("gorman", []),  # A name that no word is near.
    ],
)
def test_misspelt_words(spelling: Spelling, request_text: str, meant: list[str]) -> None:
    assert found(spelling, request_text, Change.MISSPELT) == [(word,) for word in meant]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("chandaleer", "chandelier"),
        ("sensative", "sensitive"),  # Its search term is that of "sensation".
        ("binocelars", "binoculars"),
        ("waching", "watching"),
        ("sensing", None),
        ("stretching", None),
    ],
)
def test_words_that_sound_like_those_of_the_shop(word: str, meant: str | None) -> None:
    words = {"lamp": 500, "chandelier": 20, "sensitive": 23, "sensation": 15, "binoculars": 12}
    words |= {"watching": 20, "sense": 3, "stretch": 3, "sketching": 9}
    corrections = Spelling(Vocabulary(words, {})).correct([word])
    assert [c.words for c in corrections if c.confidence > 0.7] == ([(meant,)] if meant else [])


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("dryfodd", None),  # They are no neighbours.
        ("dogfodd", ("dog", "food")),
        ("petbedd", ("pet", "bed")),
        ("nigthstand", ("nightstand",)),
        ("dogfield", None),
    ],
)
def test_two_words_written_as_one_with_a_mistake(
    spelling: Spelling, word: str, meant: tuple[str, ...] | None
) -> None:
    corrections = spelling.correct([word])
    assert [c.words for c in corrections if c.confidence > 0.5] == ([meant] if meant else [])


def test_joined_and_split_words(spelling: Spelling) -> None:
    assert found(spelling, "white night stand", Change.JOINED) == [("nightstand",)]
    assert found(spelling, "white nightstand", Change.SPLIT) == [("night", "stand")]
    assert found(spelling, "dogfood", Change.SPLIT) == [("dog", "food")]
    assert found(spelling, "carpet", Change.SPLIT) == []  # No car pets.
    assert found(spelling, "water proof", Change.JOINED) == [("waterproof",)]


def test_forms_of_numbers(spelling: Spelling) -> None:
    assert found(spelling, "two pack", Change.NUMBER) == [("2",)]
    assert found(spelling, "2pack", Change.SPLIT) == [("2", "pack")]
    assert found(spelling, "seven", Change.NUMBER) == []  # Which the shop does not have.


def test_confidence_is_a_share(spelling: Spelling) -> None:
    (correction,) = spelling.correct(["wireles"])
    assert correction == Correction(0, 1, ("wireless",), correction.confidence, Change.MISSPELT)
    assert 0.9 < correction.confidence <= 1.0


def test_a_word_that_the_shop_knows_is_corrected_where_it_is_rare_and_others_are_beside() -> None:
    words = {"dog": 9000, "food": 5000, "fodd": 2, "bag": 3000}
    spelling = Spelling(Vocabulary(words, {("dog", "food"): 3000}))
    assert spelling.correct(["fodd"]) != spelling.correct(["dog", "fodd"])
    (likely,) = spelling.correct(["dog", "fodd"])
    assert (likely.words, likely.start) == (("food",), 1)
    assert likely.confidence > 0.9
    assert spelling.correct(["food"]) == []


def test_spelt_words_are_plain() -> None:
    assert spelt("Women's  Café-Table 3.5MM") == ["women", "cafe", "table", "3.5mm"]


def test_the_words_of_a_shop_are_kept(tmp_path: Path) -> None:
    products = [Product(asin=f"P{n}", title=title) for n, title in enumerate(dict.fromkeys(TITLES))]
    shop = build_shop(products, tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger())
    first, again = open_vocabulary(shop), open_vocabulary(shop)
    assert first.words == again.words == vocabulary_of(products).words
    assert first.pairs == again.pairs
    assert again.pair_count("night", "stand") == 1


letters = st.text(st.sampled_from("abcdefghinorst "), max_size=2000)


@settings(max_examples=30, deadline=None)
@given(request=st.one_of(st.text(max_size=2000), letters))
@example(request="wireles headfones " * 111)
@example(request=" ".join(f"{a}{b}zqwx" for a in "abcdefgh" for b in "abcdefghijklmnopqrst"))
@example(request=" ".join(f"babe{letter}ina" for letter in "abcdefghijklmnopqrst"))
@example(request="a" * 2000)
def test_any_request_is_bounded_work(large: Spelling, request: str) -> None:
    started = time.process_time()
    corrections = large.correct(spelt(request))
    assert time.process_time() - started < 0.15  # 0.05 where nothing else runs.
    for correction in corrections:
        assert 0 <= correction.start < correction.end
        assert 0 < correction.confidence <= 1


@pytest.fixture(scope="module")
def large() -> Spelling:
    """As many words as are kept at most."""
    syllables = [c + v for c in "bcdfghklmnprst" for v in "aeiou"]
    words = (a + b + c + d for a in syllables for b in syllables for c in syllables for d in "nrs")
    counts = {word: 1 + number % 97 for number, word in zip(range(200_000), words, strict=False)}
    return Spelling(Vocabulary(counts, {}))
