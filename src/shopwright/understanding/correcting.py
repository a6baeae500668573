"""A request's words as they were probably meant."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.understanding.spelling import Change, Spelling
from shopwright.understanding.words import Word, stem_of

_SURE_SPELLING = 0.85
# A long word is rarely so like another by chance.
_LONG_WORD = 8
_SURE_SPELLING_OF_LONG_WORDS = 0.45


def corrected(words: Sequence[Word], unknown: Sequence[bool], spelling: Spelling) -> list[Word]:
    """Return words, the unknown ones of them replaced where it is sure enough what was meant.

    Args:
        unknown: for each word whether the shop does not know it.
    """
    groups = [[word] for word in words]
    for change in spelling.correct([word.text.removesuffix("'s") for word in words]):
        place, first = change.start, change.words[0]
        word = words[place]
        enough = _SURE_SPELLING if len(word.text) < _LONG_WORD else _SURE_SPELLING_OF_LONG_WORDS
        sure = change.confidence >= enough and first[0] == word.text[0]
        one = len(change.words) == 1 or change.change is Change.MISSPELT
        is_first = groups[place][0] is word
        if unknown[place] and change.end == place + 1 and one and sure and is_first:
            further = word._replace(after_mark=False)
            groups[place] = [
                (further if number else word)._replace(text=meant, stem=stem_of(meant))
                for number, meant in enumerate(change.words)
            ]
    return [word for group in groups for word in group]
