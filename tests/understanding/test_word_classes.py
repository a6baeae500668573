"""Words that are hardly what a thing is."""

from __future__ import annotations

import pytest

from shopwright.understanding.phrases import Phrase
from shopwright.understanding.word_classes import names_no_kind
from shopwright.understanding.words import words_in


@pytest.mark.parametrize(
    "text", ["18v", "xl", "wide black", "extra small", "dairy free", "cheaper"]
)
def test_they_are_kinds_only_where_a_shop_says_so(text: str) -> None:
    assert names_no_kind(words_in(text), Phrase(titles=3))
    assert not names_no_kind(words_in(text), Phrase(titles=3, kinds=2))


def test_a_quality_that_ends_no_title_is_no_kind() -> None:
    words = words_in("waterproof")
    assert names_no_kind(words, Phrase(qualities=2))
    assert not names_no_kind(words, Phrase(qualities=2, heads=1))
    assert not names_no_kind(words, Phrase())
