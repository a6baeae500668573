"""Whether a request is key words alone."""

from __future__ import annotations

import pytest

from shopwright.understanding.phrases import Phrase
from shopwright.understanding.styles import Rivals, Style, style_of
from shopwright.understanding.words import words_in


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("curtains bedroom thermal", Style.KEY_WORDS),
        ("curtains thermal", Style.KEY_WORDS),
        ("curtains", Style.SENTENCE),
        ("curtains, bedroom thermal", Style.SENTENCE),
        ("curtains for bedroom thermal", Style.SENTENCE),
        ("want thermal bedroom curtains", Style.SENTENCE),
    ],
)
def test_key_words_are_two_and_more_that_nothing_parts(text: str, style: Style) -> None:
    words = words_in(text)
    assert style_of(words, [False] * len(words)) is style


def test_words_that_were_read_otherwise_tell_by_what_belongs_to_sentences_alone() -> None:
    priced = words_in("curtains bedroom thermal under 50")
    assert style_of(priced, [False, False, False, True, True]) is Style.KEY_WORDS
    apart = words_in("curtains without flowers")
    assert style_of(apart, [False, True, False]) is Style.SENTENCE
    together = words_in("thermal curtains under 50")
    assert style_of(together, [False, False, True, True]) is Style.KEY_WORDS
    told = words_in("my curtains bedroom thermal")
    assert style_of(told, [True, False, False, False]) is Style.SENTENCE


class NothingKnown:
    """A lexicon without any phrase."""

    products = 10

    def find(self, key: str) -> Phrase:
        return Phrase()

    def text_share(self, word: str) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("text", "last", "expected"),
    [
        ("velvet green sofa", "sofa", {"k.goods", "k.only_goods"}),
        ("velvet green sofa", "velvet", {"k.other_goods", "k.known_quality"}),
        ("velvet green sofa", "green", {"k.other_goods", "k.known_quality"}),
        ("desk small drawers", "desk", {"k.goods", "k.goods_behind"}),
        ("desk small drawers", "drawers", {"k.goods"}),
        ("thing small wobbly", "thing", set()),
    ],
)
def test_what_anybody_knows_of_words_tells_what_the_kind_is(
    text: str, last: str, expected: set[str]
) -> None:
    words = words_in(text)
    place = [word.text for word in words].index(last)
    rivals = Rivals(words, [False] * len(words), [False] * len(words), NothingKnown())
    found = dict(rivals.features(place, place + 1, is_known=False))
    assert found.pop("k.unknown_rival") == 0.0
    assert found == dict.fromkeys(expected, 1.0)


def test_what_was_read_otherwise_is_no_rival() -> None:
    words = words_in("desk small drawers")
    rivals = Rivals(words, [False, False, True], [False] * 3, NothingKnown())
    assert dict(rivals.features(0, 1, is_known=True)) == {
        "k.rival": 0.0,
        "k.goods": 1.0,
        "k.only_goods": 1.0,
    }
