"""A request's words as they were probably meant."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.understanding.spelling import Change, Spelling
from shopwright.understanding.words import Word, stem_of

# How sure it must be of what was meant, from so many letters on: a long word is rarely so like
# another by chance.
_SURE_SPELLING = ((8, 0.45), (7, 0.6), (0, 0.85))


def corrected(words: Sequence[Word], unknown: Sequence[bool], spelling: Spelling) -> list[Word]:
    """Return words, the unknown ones of them replaced where it is sure enough what was meant.

    Args:
        unknown: for each word whether the shop does not know it.
    """
    groups = [[word] for word in words]
    for change in spelling.correct([word.text.removesuffix("'s") for word in words]):
        place, first = change.start, change.words[0]
        word = words[place]
        enough = next(sure for least, sure in _SURE_SPELLING if len(word.text) >= least)
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
