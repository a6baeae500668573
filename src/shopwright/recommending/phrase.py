"""Phrases that are looked for in texts, and the words that texts are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from shopwright.catalogue.attributes.words import COLOURS, ONLY_COLOURS
from shopwright.catalogue.attributes.words import stem as singular
from shopwright.search.analysis import STOP_WORDS
from shopwright.search.porter import stem
from shopwright.understanding.quantities import (
    NAMES_OF_UNITS,
    ONE_NAME,
    WRITINGS,
    WRITTEN_TOGETHER,
    unit_behind,
)
from shopwright.understanding.words import AMERICAN

MOST_PHRASE_WORDS = 12
# Shorter words are part of too many others to be looked for in joined writing.
_SHORTEST_JOINED = 6

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W_{_IDEOGRAPH}]"
TOKEN = re.compile(
    rf"[{_IDEOGRAPH}]|\d+(?:[.,]\d+)*(?=(?:{WRITTEN_TOGETHER})(?![^\W_]))|"
    rf"{_LETTER}+(?:[.'’]{_LETTER}+)*|[,.;:!?()|›\n]|[\"”″'’′](?<=\d.)(?!\w)"
)
_POSSESSIVES = ("'s", "’s")


_GRAY = stem("gray")  # And "grey", which have no more in common.


@lru_cache(maxsize=1 << 15)
def stem_of(word: str) -> str:
    """Return the stem of a word in lower case."""
    word = word[:-2] if word.endswith(_POSSESSIVES) else word
    return stem(AMERICAN.get(word.removesuffix("s"), word))


COLOUR_STEMS = frozenset(map(stem_of, ONLY_COLOURS))


def beginning_of(stemmed: str) -> str:
    """Return what every word that has a stem begins with, but for units and spelt numbers."""
    if stemmed == _GRAY:
        return "gr"
    return stemmed[:-1] if len(stemmed) > 3 else stemmed


@dataclass(frozen=True)
class Phrase:
    """Words that are looked for.

    Attributes:
        text: as the request has them.
        words: those that say something, in lower case, at most :data:`MOST_PHRASE_WORDS`.
    """

    text: str
    words: tuple[str, ...]

    @staticmethod
    def of(text: str) -> Phrase:
        """Return the phrase of a text; without words if it has none."""
        return _phrase(text)

    @staticmethod
    def once(text: str) -> Phrase:
        """Return the same as :meth:`of` of a text that is not going to be asked for again: requests
        repeat their phrases, and only what they ask for is kept."""
        return _taken_apart(text)

    @cached_property
    def key(self) -> str:
        """The words as one text, which dictionaries find sooner than several."""
        return " ".join(self.words)

    @cached_property
    def stem_of_each(self) -> tuple[str, ...]:
        """The stem of each word; of a unit or a spelt number its one name."""
        words = self.words
        named = (unit_behind(words, n) or ONE_NAME.get(word) for n, word in enumerate(words))
        return tuple(name or stem_of(word) for name, word in zip(named, words, strict=True))

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The different stems of the words."""
        return tuple(dict.fromkeys(self.stem_of_each))

    @cached_property
    def signs(self) -> tuple[tuple[str, ...], ...]:
        """For each stem what to look for first: a text in lower case that has a word with the stem
        has one of these. The longest stem, which the fewest texts have, is the first."""
        stems = sorted(self.stems, key=len, reverse=True)
        return tuple((beginning_of(each), *WRITINGS.get(each, ())) for each in stems)

    def may_stand_in(self, lower: str) -> bool:
        """Return whether all words may stand in a text in lower case: quick, and wrong only where
        they do not."""
        for signs in self.signs:
            for sign in signs:  # Plain loops: this is asked a thousand times for an answer.
                if sign in lower:
                    break
            else:
                return False
        return True

    @cached_property
    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The stems of numbers and of the units that stand behind them."""
        each = self.stem_of_each
        return tuple(
            (number, unit)
            for number, unit in pairwise(each)
            if number[0].isdecimal() and unit in NAMES_OF_UNITS
        )

    @cached_property
    def last(self) -> Phrase:
        """The last word; of at least one."""
        return Phrase.of(self.words[-1])

    @cached_property
    def before_last(self) -> Phrase:
        """The words before the last."""
        return Phrase.of(" ".join(self.words[:-1]))

    def without(self, stems: set[str]) -> tuple[str, ...]:
        """Return the words whose stems are not among these."""
        pairs = zip(self.words, self.stem_of_each, strict=True)
        return tuple(word for word, stemmed in pairs if stemmed not in stems)

    @cached_property
    def joined(self) -> str:
        """The words written as one; empty if that is too short to tell."""
        joined = "".join(self.words)
        return joined if len(joined) >= _SHORTEST_JOINED else ""

    @cached_property
    def joined_sign(self) -> str:
        """What to look for first in joined writing: a plural may have another last letter."""
        return self.joined[:-1]

    @cached_property
    def lacking(self) -> str:
        """The stem of the word that says that what the phrase ends with is not there: "sleeveless"
        of long sleeves; empty without words."""
        return stem_of(f"{singular(self.words[-1])}less") if self.words else ""

    @cached_property
    def is_colour(self) -> bool:
        """Whether all words are names of colours: "rose scent" is none."""
        return bool(self.words) and COLOURS.issuperset(self.words)

    @cached_property
    def colours(self) -> frozenset[str]:
        """The stems of its unambiguous colour names; empty unless every word names a colour."""
        return COLOUR_STEMS.intersection(self.stems) if self.is_colour else frozenset()


def _taken_apart(text: str) -> Phrase:
    tokens = TOKEN.findall(text.lower())
    words = [
        token if token[0].isalnum() else unit
        for number, token in enumerate(tokens)
        if token[0].isalnum() or (unit := unit_behind(tokens, number))
    ]
    telling = [word for word in words if word not in STOP_WORDS] or words
    return Phrase(text, tuple(telling[:MOST_PHRASE_WORDS]))


_phrase = lru_cache(maxsize=1 << 12)(_taken_apart)
