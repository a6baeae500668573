"""A request's text as clauses: its words, and what else they may mean."""

from __future__ import annotations

import re
from functools import lru_cache

from shopwright.finding.field_index import Alternative, Clause
from shopwright.search.analysis import CACHED_PIECE_LENGTH, term_of
from shopwright.understanding.quantities import BEHIND_NUMBERS, ONE_NAME, WRITINGS
from shopwright.understanding.spelling import Spelling
from shopwright.understanding.vocabulary import spelt

_MARKED = re.compile(r"(?<=\d)\s?(?:[\"”″]|''|’’|(?P<feet>['’′]))(?!\w)")
_JOINED = re.compile(r"(\d+(?:[.,]\d+)?)([a-z]+)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Texts write these as marks, too, which are not searched for: their number alone is worth this.
_MARKED_UNITS = ("inch", "feet")
_NUMBER_ALONE = 0.6


def clauses_of(text: str, spelling: Spelling | None) -> list[Clause]:
    """Return the clauses of a text, one for each different word but stop words.

    A correction of one word is an alternative to it, worth its confidence: the word itself stays.
    Two words that the shop writes as one are a clause of their own, beside theirs. A unit behind a
    number means both, however they are written: "15lb" is "15 pounds", and 27 inches are 27".

    Args:
        text: what is searched for.
        spelling: corrects words; None takes them as they are.
    """
    words = spelt(_MARKED.sub(lambda found: " feet" if found["feet"] else " inch", text))
    alternatives: list[list[Alternative]] = [
        [((term,), 1.0)] if (term := _term_of(word)) else [] for word in words
    ]
    for place, word in enumerate(words):
        if quantity := _quantity(words[place - 1] if place else "", word):
            alternatives[place] = quantity
            if word.isalpha():
                together = (each for each in quantity if len(each[0]) == 1)
                alternatives[place - 1] += [each for each in together if each[1] == 1.0]
    beside: list[Clause] = []
    for correction in spelling.correct(words) if spelling else ():
        terms = tuple(term for word in correction.words if (term := _term_of(word)))
        if not terms:
            continue
        if correction.end - correction.start == 1:
            alternatives[correction.start].append((terms, correction.confidence))
        else:
            beside.append(Clause(((terms, correction.confidence),)))
    clauses = [Clause(tuple(found)) for found in alternatives if found]
    return [*dict.fromkeys([*clauses, *beside])]


def _quantity(before: str, word: str) -> list[Alternative]:
    """What a word with a unit may stand for, the number in it or before it; nothing of others."""
    joined = _JOINED.fullmatch(word)
    number, unit = joined.groups() if joined else (before, word)
    name = ONE_NAME.get(unit) or (joined and BEHIND_NUMBERS.get(unit))
    if not name or name.isdecimal() or not _NUMBER.fullmatch(number):
        return []
    writings = [writing for writing in WRITINGS[name] if writing.isalpha()]
    units = dict.fromkeys(term for writing in writings if (term := _term_of(writing)))
    found: list[Alternative] = [((number, term), 1.0) for term in units]
    together = dict.fromkeys(_term_of(number + writing) for writing in writings)
    found += [((term,), 1.0) for term in together if term]
    if name in _MARKED_UNITS:
        found.append(((number,), _NUMBER_ALONE))
    return found


def _term_of(word: str) -> str | None:
    return _known_term_of(word) if len(word) <= CACHED_PIECE_LENGTH else term_of(word)


# Requests share most of their words, and a word is stemmed anew by `term_of`.
_known_term_of = lru_cache(maxsize=1 << 12)(term_of)
