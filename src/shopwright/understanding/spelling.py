"""What the words of a request may have meant: misspelt, joined and split words, numbers.

A noisy channel: a word w was meant as c with a probability in proportion to how many products have
c, e^(−cost) of the edits between them, and how often c stands beside w's neighbours in titles. That
w was meant as it stands is likelier the more products have it; a word that none has may be a name
that the shop does not know.

Source: Kernighan, Church & Gale, "A spelling correction program based on a noisy channel model",
1990, with fixed costs: a shop has no corpus of mistakes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from shopwright.search.analysis import STOP_WORDS
from shopwright.understanding.vocabulary import LONGEST_WORD, Vocabulary

# Of a request so many words are looked at, and so many of them compared with all of the shop's.
MOST_WORDS = 256
MOST_COMPARED = 12
# Of the shop's words with nearly the same letters, and of those that are near.
MOST_CANDIDATES = 2048
MOST_NEAR = 48
CACHED_WORDS = 4096
SHORTEST_WORD = 4
# Words of so many letters may have two mistakes.
TWO_MISTAKES = 7
# What is less likely than this is not worth a look.
LEAST_CONFIDENCE = 0.1
MOST_CORRECTIONS = 3  # of a word
MOST_PARTS = 4  # of a word that may be two, for which others are looked for
_VOWELS = re.compile("[aeiouy]+")
# Costs, as negative logarithms, set by hand. Of 283 words of a catalogue with a letter left out or
# two exchanged, 93 % are corrected first; of 400 words that it does not know, 9 % are changed
# with a confidence above 0.5, and 1 % above 0.9.
EDIT_COST = 3.0
DOUBLED_LETTER_COST = 1.5
SAME_SOUND_COST = 1.5
FIRST_LETTER_COST = 2.0
UNKNOWN_NAME_COST = 1.0
KNOWN_WORD_BONUS = 5.0

_NUMBERS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve".split(),
        map(str, range(1, 13)),
        strict=True,
    )
)
_FORMS = _NUMBERS | {digits: word for word, digits in _NUMBERS.items()}


class Change(StrEnum):
    """How words differ from what they may have meant."""

    MISSPELT = "misspelt"
    JOINED = "joined"  # two words that the shop writes as one
    SPLIT = "split"  # one word that the shop writes as two
    NUMBER = "number"  # another form of a number


@dataclass(frozen=True, slots=True)
class Correction:
    """What some words of a request may have meant.

    Attributes:
        start, end: which words: from the start to before the end.
        words: what was meant.
        confidence: how likely that is, above 0 to 1. Of forms of the same: how much it is worth.
        change: how they differ.
    """

    start: int
    end: int
    words: tuple[str, ...]
    confidence: float
    change: Change


class Spelling:
    """Corrects words by those of a shop.

    Args:
        vocabulary: the shop's words.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        # So many products have a word at most that may be a mistake of the shop's own texts.
        self._rare = max(vocabulary.words.values(), default=0) // 1000
        self._words = [w for w in vocabulary.words if w.isalpha() and len(w) >= SHORTEST_WORD - 1]
        self._lengths = np.array([len(word) for word in self._words], dtype=np.int16)
        self._letters = np.array([_letters(word) for word in self._words], dtype=np.uint64)
        self._near = lru_cache(maxsize=CACHED_WORDS)(self._compare)

    def correct(self, words: Sequence[str]) -> list[Correction]:
        """Return what words may have meant besides what they say, in their order, of the same
        words the likeliest first.

        Args:
            words: as :func:`~shopwright.understanding.vocabulary.spelt` gives them. Of very many
                the first :data:`MOST_WORDS` are looked at.
        """
        words = words[:MOST_WORDS]
        found: list[Correction] = []
        compared = 0
        for place, word in enumerate(words):
            if word in STOP_WORDS:
                continue
            found += self._split(place, word)
            if place + 1 < len(words):
                found += self._joined(place, word, words[place + 1])
            if word in _FORMS and self.vocabulary.count(_FORMS[word]):
                found.append(Correction(place, place + 1, (_FORMS[word],), 1.0, Change.NUMBER))
            if compared < MOST_COMPARED and _may_be_misspelt(word):
                known = self.vocabulary.count(word) if self.vocabulary.knows(word) else 0
                if known <= self._rare:
                    compared += 1
                    misspelt = [*self._misspelt(words, place, known)]
                    found += misspelt
                    if not (known or misspelt):
                        found += self._misspelt_pair(place, word)
        return sorted(found, key=lambda c: (c.start, c.end, -c.confidence, c.words))

    def _misspelt(self, words: Sequence[str], place: int, known: int) -> Iterator[Correction]:
        word = words[place]
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        pairs = self.vocabulary.pair_count
        likely = {word: -UNKNOWN_NAME_COST}
        if known:
            beside = pairs(before, word) + pairs(word, after)
            likely[word] = KNOWN_WORD_BONUS + math.log(known) + math.log1p(beside)
        for other, cost in self._near(word):
            beside = pairs(before, other) + pairs(other, after)
            count = self.vocabulary.words[other]
            likely[other] = math.log(count) + math.log1p(beside) - cost
        most = max(likely.values())
        shares = {other: math.exp(score - most) for other, score in likely.items()}
        whole = sum(shares.values())
        del shares[word]
        best = sorted(shares, key=lambda other: (-shares[other], other))[:MOST_CORRECTIONS]
        for other in best:
            if shares[other] / whole >= LEAST_CONFIDENCE:
                confidence = shares[other] / whole
                yield Correction(place, place + 1, (other,), confidence, Change.MISSPELT)

    def _compare(self, word: str) -> tuple[tuple[str, float], ...]:
        """The shop's words that a word may be a mistake of, and what the mistakes cost."""
        most = 2 if len(word) >= TWO_MISTAKES else 1
        # A letter that is wrong changes two of the letters that words have, one more or less one.
        differing = np.bitwise_count(self._letters ^ np.uint64(_letters(word)))
        near = (differing <= 2 * most) & (np.abs(self._lengths - len(word)) <= most)
        numbers = near.nonzero()[0][:MOST_CANDIDATES].tolist()  # The most frequent ones.
        candidates = [self._words[number] for number in numbers]
        found = process.extract(
            word, candidates, scorer=OSA.distance, score_cutoff=most, limit=MOST_NEAR
        )
        return tuple((other, _cost(word, other, edits)) for other, edits, _ in found if edits)

    def _split(self, place: int, word: str) -> Iterator[Correction]:
        parts = self.vocabulary.split(word)
        if parts is None:
            return
        apart = self.vocabulary.pair_count(*parts)
        confidence = math.sqrt(apart / (apart + self.vocabulary.count(word)))
        if confidence >= LEAST_CONFIDENCE:
            yield Correction(place, place + 1, parts, confidence, Change.SPLIT)

    def _misspelt_pair(self, place: int, word: str) -> Iterator[Correction]:
        """Neighbours that were written together, one of them with a mistake: "waterbotle"."""
        counts: dict[tuple[str, str], float] = {}
        compared = 0
        for end in range(SHORTEST_WORD - 1, len(word) - SHORTEST_WORD + 2):
            left, right = word[:end], word[end:]
            for known, other, is_left in ((left, right, True), (right, left, False)):
                if len(other) < SHORTEST_WORD or known not in self.vocabulary.words:
                    continue
                if compared == MOST_PARTS:
                    break
                compared += 1
                for near, cost in self._near(other):
                    pair = (known, near) if is_left else (near, known)
                    if count := self.vocabulary.pair_count(*pair):
                        counts[pair] = max(counts.get(pair, 0.0), count * math.exp(-cost))
        whole = sum(counts.values()) + math.exp(-UNKNOWN_NAME_COST)
        if counts:
            best = max(counts, key=lambda pair: (counts[pair], pair))
            if counts[best] / whole >= LEAST_CONFIDENCE:
                yield Correction(place, place + 1, best, counts[best] / whole, Change.MISSPELT)

    def _joined(self, place: int, left: str, right: str) -> Iterator[Correction]:
        together = self.vocabulary.words.get(left + right, 0)
        if together and right not in STOP_WORDS:
            apart = self.vocabulary.pair_count(left, right)
            confidence = math.sqrt(together / (together + apart))
            if confidence >= LEAST_CONFIDENCE:
                yield Correction(place, place + 2, (left + right,), confidence, Change.JOINED)


def _may_be_misspelt(word: str) -> bool:
    return word.isalpha() and SHORTEST_WORD <= len(word) <= LONGEST_WORD


def _letters(word: str) -> int:
    """Which letters a word has, as bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 64)
    return bits


def _cost(word: str, other: str, edits: int) -> float:
    cost = EDIT_COST * edits
    if _without_doubles(word) == _without_doubles(other):
        cost = DOUBLED_LETTER_COST * edits
    elif _sound(word) == _sound(other):
        cost = SAME_SOUND_COST
    return cost if word[0] == other[0] else cost + FIRST_LETTER_COST


@lru_cache(maxsize=CACHED_WORDS)
def _sound(word: str) -> str:
    """A word as it is heard, roughly: "headfones" as "headphones". Of long words the vowels, which
    are most often mistaken, count as one: "sensative"."""
    heard = word.replace("ph", "f").replace("ck", "k").replace("tch", "ch").replace("z", "s")
    if len(word) >= TWO_MISTAKES:
        heard = _VOWELS.sub("a", heard)
    return _without_doubles(heard)


def _without_doubles(word: str) -> str:
    return "".join(a for a, b in zip(word, word[1:] + " ", strict=True) if a != b)
