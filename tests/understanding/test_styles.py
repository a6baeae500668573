"""Whether a request is key words alone."""

from __future__ import annotations

import pytest

from shopwright.understanding.styles import Style, style_of
from shopwright.understanding.words import words_in


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("curtains bedroom thermal", Style.KEY_WORDS),
        ("thermal curtains", Style.SENTENCE),
        ("curtains, bedroom thermal", Style.SENTENCE),
        ("curtains for bedroom thermal", Style.SENTENCE),
        ("want thermal bedroom curtains", Style.SENTENCE),
    ],
)
def test_key_words_are_three_that_nothing_parts(text: str, style: Style) -> None:
    words = words_in(text)
    assert style_of(words, [False] * len(words)) is style


def test_words_that_were_read_otherwise_tell_by_what_belongs_to_sentences_alone() -> None:
    priced = words_in("curtains bedroom thermal under 50")
    assert style_of(priced, [False, False, False, True, True]) is Style.KEY_WORDS
    told = words_in("my curtains bedroom thermal")
    assert style_of(told, [True, False, False, False]) is Style.SENTENCE
