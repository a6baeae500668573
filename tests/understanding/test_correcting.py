"""How sure a correction must be before a request is read with it."""

from __future__ import annotations

import pytest

from shopwright.understanding.correcting import corrected
from shopwright.understanding.spelling import Change, Correction, Spelling
from shopwright.understanding.words import words_in


class Sure(Spelling):
    """Knows one correction of a single word, and how likely it is."""

    def __init__(self, meant: str, confidence: float) -> None:
        self._change = Correction(0, 1, (meant,), confidence, Change.MISSPELT)

    def correct(self, words: object) -> list[Correction]:
        return [self._change]


@pytest.mark.parametrize(
    ("typed", "meant", "confidence", "changed"),
    [
        ("lmap", "lamp", 0.9, True),
        ("lmap", "lamp", 0.8, False),
        ("dandruf", "dandruff", 0.7, True),
        ("dandruf", "dandruff", 0.5, False),
        ("toothbrsh", "toothbrush", 0.5, True),
        ("toothbrsh", "toothbrush", 0.4, False),
    ],
)
def test_the_longer_a_word_the_less_sure_it_must_be(
    typed: str, meant: str, confidence: float, changed: bool
) -> None:
    (word,) = corrected(words_in(typed), [True], Sure(meant, confidence))
    assert word.text == (meant if changed else typed)
