"""How requests are written: key words alone are read by other weights than sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Protocol

from shopwright.catalogue.attributes.goods import GOODS, QUALITIES
from shopwright.catalogue.attributes.words import FUNCTION_WORDS, ONLY_COLOURS, stem
from shopwright.understanding.phrases import Phrase
from shopwright.understanding.word_classes import ASKING, OF_SENTENCES
from shopwright.understanding.words import Word, key_of

# A request of fewer free words is read as a sentence is, so many only side by side.
FEWEST_KEY_WORDS = 2
# Words of a kind that is compared with others of its request.
LONGEST_KNOWN = 3


class Style(StrEnum):
    """How a request is written: among key words a kind often comes first, in sentences and in
    requests of one word it comes last."""

    SENTENCE = "sentence"
    KEY_WORDS = "key words"


def style_of(words: Sequence[Word], taken: Sequence[bool]) -> Style:
    """Return the style of a request: key words are two side by side, or more, that no function
    word, no word of asking and no mark parts.

    Args:
        taken: for each word whether it was read otherwise, as prices are; of these words only
            those count that nobody types between key words.
    """
    places = [place for place, is_taken in enumerate(taken) if not is_taken]
    free = [words[place] for place in places]
    said = (w.text in FUNCTION_WORDS or w.text in ASKING or w.after_mark for w in free)
    told = (word.text in OF_SENTENCES for word in words)
    are_together = len(places) == FEWEST_KEY_WORDS and places[1] - places[0] == 1
    is_bare = (are_together or len(places) > FEWEST_KEY_WORDS) and not any(said) and not any(told)
    return Style.KEY_WORDS if is_bare else Style.SENTENCE


class Lexicon(Protocol):
    """What is known of a shop's words."""

    @property
    def products(self) -> int:
        """How many products the shop has."""

    def find(self, key: str) -> Phrase:
        """Return what the shop uses a phrase for, by its key."""

    def text_share(self, word: str) -> float:
        """Return how common a word is in the texts of products: 0 for none, 1 for all."""


class Rivals:
    """The kinds of the shop that key words name.

    Args:
        words: the request's.
        taken: for each word whether it was read otherwise.
        late: for each whether it is only what a thing is for, of or with.
        lexicon: the shop's.
    """

    def __init__(
        self, words: Sequence[Word], taken: Sequence[bool], late: Sequence[bool], lexicon: Lexicon
    ) -> None:
        self._words, self._taken, self._late, self._lexicon = words, taken, late, lexicon
        self._known = list(self._kinds())
        self._goods = [
            stem(word.text) in GOODS and not is_taken
            for word, is_taken in zip(words, taken, strict=True)
        ]
        self._qualities = [word.text in QUALITIES or word.text in ONLY_COLOURS for word in words]

    def _kinds(self) -> Iterator[tuple[int, int, float]]:
        """Start, end and share of each."""
        for start in range(len(self._words)):
            for end in range(start + 1, min(start + LONGEST_KNOWN, len(self._words)) + 1):
                if any(self._taken[start:end]) or self._late[start]:
                    break
                phrase = self._lexicon.find(key_of([w.stem for w in self._words[start:end]]))
                if phrase.kinds:
                    yield start, end, phrase.share_of_kind

    def features(self, start: int, end: int, *, is_known: bool) -> Iterator[tuple[str, float]]:
        """Yield what speaks for some words as the kind, beside the others: how often a title with
        the words of another kind is of that kind, and which words anybody knows for goods.

        Args:
            is_known: whether the shop has them as a kind.
        """
        others = (share for s, e, share in self._known if e <= start or s >= end)
        yield ("k.rival" if is_known else "k.unknown_rival", max(others, default=0.0))
        goods_before, goods_behind = any(self._goods[:start]), any(self._goods[end:])
        if self._goods[end - 1]:
            yield "k.goods", 1.0
            if goods_behind:
                yield "k.goods_behind", 1.0
            elif not goods_before:
                yield "k.only_goods", 1.0
            return
        if goods_before or goods_behind:
            yield "k.other_goods", 1.0
        if self._qualities[end - 1]:
            yield "k.known_quality", 1.0
