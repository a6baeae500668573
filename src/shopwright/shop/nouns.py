"""The nouns of product titles, which decide whether a purchase is of the asked-for type.

WebShop's reward compares the nouns and proper nouns of two titles as spaCy's small English model
tags them. Here they are tagged once, when a shop is built. Where the model cannot be had, the
fallback counts every word as a noun that has a letter and is no function word; the manifest of the
shop says which tagger was used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

import regex

from shopwright.errors import UnavailableError
from shopwright.tagger import english_tagger
from shopwright.workers import meanwhile

# "PNOUN" is in the original's list too; no tagger gives it.
NOUN_TAGS = frozenset({"NOUN", "PROPN"})
# How many words and tags are known to be nouns or not: at most 20 MB.
KEPT_ANSWERS = 1 << 17
# Of more titles than this, minutes of tagging, those of a table are tagged by a lexicon.
MOST_TAGGED = 20_000
SAMPLED_TITLES = 3_000

_FUNCTION_WORDS = frozenset(
    (
        "a about above after all also an and any are as at be been before between both but by can "
        "do does down each every for from great has have her his how if in inside into is it its "
        "just made make makes more most my new no non not of off on only or other our out over "
        "own per so some such than that the their them then there these they this those to too "
        "under until up use used very via was we what when where which while who will with within "
        "without you your"
    ).split()
)
# A word as spaCy cuts it, at hyphens, too.
_PART = regex.compile(r"[^\W_]+(?:\.[^\W_]+)*")
_WORD = regex.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")


class NounTagger(Protocol):
    """Finds the nouns of titles."""

    name: str

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's nouns, lower case, in order, with repetitions."""


class SpacyTagger:
    """spaCy's small English model, the tagger of the original environment.

    It gives what the model's own pipeline gives: the rules that turn a tag into a part of speech
    look at nothing but the word and its tag, so that their answers are kept.

    Raises:
        UnavailableError: as :class:`~shopwright.tagger.EnglishTagger`.
    """

    def __init__(self) -> None:
        self._tagger = english_tagger()
        self.name = self._tagger.name
        self._rules: Any = self._tagger.language.get_pipe("attribute_ruler")
        self._is_noun: dict[tuple[str, int], bool] = {}

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's nouns, lower case, in order, with repetitions."""
        return map(self._nouns, self._tagger.tag(titles))

    def _nouns(self, document: Any) -> tuple[str, ...]:
        return tuple([token.lower_ for token in document if self._token_is_noun(token)])

    def _token_is_noun(self, token: Any) -> bool:
        key = token.text, token.tag
        is_noun = self._is_noun.get(key)
        if is_noun is None:
            if len(self._is_noun) >= KEPT_ANSWERS:
                self._is_noun.clear()
            is_noun = self._is_noun[key] = self._rule(*key)
        return is_noun

    def _rule(self, text: str, tag: int) -> bool:
        """Whether the rules take a word of this tag for a noun.

        Those of them that look at several words set no part of speech without a parser."""
        from spacy.tokens import Doc

        document = Doc(self._tagger.language.vocab, words=[text])
        document[0].tag = tag
        return self._rules(document)[0].pos_ in NOUN_TAGS


class WordTagger:
    """The fallback: words that have a letter and are no function words."""

    name = "words"

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's words, lower case, in order, with repetitions."""
        for title in titles:
            words = (word.lower() for word in _WORD.findall(title))
            yield tuple(filter(_may_be_noun, words))


class LexiconTagger:
    """Nouns by the word alone: as another tagger takes it in most titles of a sample.

    It is a hundred times faster, and takes nine words of ten as that tagger does. A word that the
    sample does not have counts as :class:`WordTagger` has it.

    Args:
        tagger: whose answers to learn.
        titles: the sample.
    """

    def __init__(self, tagger: NounTagger, titles: Sequence[str]) -> None:
        self.name = f"{tagger.name}, by the word"
        seen: Counter[str] = Counter()
        as_noun: Counter[str] = Counter()
        for title, nouns in zip(titles, tagger.tag(titles), strict=True):
            words = {word.lower() for word in _PART.findall(title)}
            seen.update(words)
            as_noun.update(words.intersection(nouns))
        self._is_noun = _Answers({word: 2 * as_noun[word] > count for word, count in seen.items()})

    def tag(self, titles: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """Yield each title's nouns, lower case, in order, with repetitions."""
        for title in titles:
            yield tuple(filter(self._is_noun.__getitem__, map(str.lower, _PART.findall(title))))


class _Answers(dict[str, bool]):
    """Whether words are nouns; of those that it does not have, whether they may be."""

    def __missing__(self, word: str) -> bool:
        return _may_be_noun(word)


@lru_cache(maxsize=KEPT_ANSWERS)
def _may_be_noun(word: str) -> bool:
    return word not in _FUNCTION_WORDS and any(map(str.isalpha, word))


def tagger_for(titles: Iterable[str]) -> tuple[NounTagger, str | None]:
    """Return a tagger that is through with these titles in good time, and why it is not the
    original's if that cannot be had.

    Of more than 20,000 different titles it learns from 3,000, spread evenly.
    """
    with learned_tagger(titles) as tagger:
        return tagger()


@contextmanager
def learned_tagger(
    titles: Iterable[str],
) -> Iterator[Callable[[], tuple[NounTagger, str | None]]]:
    """Learn the tagger of :func:`tagger_for` while the block goes on with something else.

    Yields:
        What returns the tagger once it has learned, and why it is not the original's if not.
    """
    tagger, reason = best_tagger()
    different = list(dict.fromkeys(titles))
    if len(different) <= MOST_TAGGED or isinstance(tagger, WordTagger):
        yield lambda: (tagger, reason)
        return
    sample = different[:: len(different) // SAMPLED_TITLES]
    with meanwhile(lambda: LexiconTagger(tagger, sample)) as learned:
        yield lambda: (learned(), reason)


def best_tagger() -> tuple[NounTagger, str | None]:
    """Return the best tagger to be had here, and why it is not the original's if it is not."""
    try:
        return SpacyTagger(), None
    except UnavailableError as error:
        return WordTagger(), str(error)
