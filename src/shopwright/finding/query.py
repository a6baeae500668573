"""A request's text as clauses: its words, and what else they may mean."""

from __future__ import annotations

from functools import lru_cache

from shopwright.finding.field_index import Alternative, Clause
from shopwright.search.analysis import CACHED_PIECE_LENGTH, term_of
from shopwright.understanding.spelling import Spelling
from shopwright.understanding.vocabulary import spelt


def clauses_of(text: str, spelling: Spelling | None) -> list[Clause]:
    """Return the clauses of a text, one for each different word but stop words.

    A correction of one word is an alternative to it, worth its confidence: the word itself stays.
    Two words that the shop writes as one are a clause of their own, beside theirs.

    Args:
        text: what is searched for.
        spelling: corrects words; None takes them as they are.
    """
    words = spelt(text)
    alternatives: list[list[Alternative]] = [
        [((term,), 1.0)] if (term := _term_of(word)) else [] for word in words
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


def _term_of(word: str) -> str | None:
    return _known_term_of(word) if len(word) <= CACHED_PIECE_LENGTH else term_of(word)


# Requests share most of their words, and a word is stemmed anew by `term_of`.
_known_term_of = lru_cache(maxsize=1 << 12)(term_of)
