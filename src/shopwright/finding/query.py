"""A request's text as clauses: its words, and what else they may mean."""

from __future__ import annotations

import re
from functools import lru_cache

from shopwright.finding.field_index import Alternative, Clause
from shopwright.search.analysis import CACHED_PIECE_LENGTH, term_of
from shopwright.understanding.quantities import NAMES_OF_UNITS, ONE_NAME
from shopwright.understanding.spelling import Spelling
from shopwright.understanding.vocabulary import spelt

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_JOINED = re.compile(r"(\d+(?:[.,]\d+)?)([a-z]+)")
# A unit behind a number: texts write it in many ways, and as a mark, and what is of another size
# has it, too.
_UNIT_WEIGHT = 0.3
# The number of "15lb" in texts that write them apart.
_NUMBER_WEIGHT = 0.6


def clauses_of(text: str, spelling: Spelling | None) -> list[Clause]:
    """Return the clauses of a text, one for each different word but stop words.

    A correction of one word is an alternative to it, worth its confidence: the word itself stays.
    Two words that the shop writes as one are a clause of their own, beside theirs. Of a number with
    a unit the number counts most, however they are written.

    Args:
        text: what is searched for.
        spelling: corrects words; None takes them as they are.
    """
    words = spelt(text)
    alternatives: list[list[Alternative]] = [
        _as_it_is(word, words[place - 1] if place else "") for place, word in enumerate(words)
    ]
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


def _as_it_is(word: str, before: str) -> list[Alternative]:
    """A word as it stands, behind another; nothing of a stop word."""
    term = _term_of(word)
    if term is None:
        return []
    if _is_unit(word):
        return [((term,), _UNIT_WEIGHT if _NUMBER.fullmatch(before) else 1.0)]
    joined = _JOINED.fullmatch(word)
    if joined and _is_unit(joined[2]):
        return [((term,), 1.0), ((joined[1],), _NUMBER_WEIGHT)]
    return [((term,), 1.0)]


def _is_unit(word: str) -> bool:
    return ONE_NAME.get(word) in NAMES_OF_UNITS


def _term_of(word: str) -> str | None:
    return _known_term_of(word) if len(word) <= CACHED_PIECE_LENGTH else term_of(word)


# Requests share most of their words, and a word is stemmed anew by `term_of`.
_known_term_of = lru_cache(maxsize=1 << 12)(term_of)
