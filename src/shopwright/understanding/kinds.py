"""Which products are of the kind that is asked for, and how certain it is that none is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shopwright.catalogue.attributes.words import COLOURS, FUNCTION_WORDS, SIZES, TALK
from shopwright.catalogue.delta import ChangedCatalogue
from shopwright.catalogue.storage import Catalogue
from shopwright.search.analysis import analyse
from shopwright.search.index import Index
from shopwright.understanding.phrases import Phrase, Phrases
from shopwright.understanding.request import ParsedRequest, Part, Piece
from shopwright.understanding.word_classes import is_adjective
from shopwright.understanding.words import Word, key_of, phrase_key, stem_of, stems_in, words_in

_NO_ROWS = np.zeros(0, dtype=np.int64)
# How certain it is that there is nothing of a kind.
_UNKNOWN = 0.95  # No product's text has the word.
_NO_HEAD = 0.8  # Titles have it, but only before what the thing is: a guitar stand.
_HEAD = 0.15  # Titles end with it.
_ONLY_TEXT = 0.6  # Only descriptions have it.
_OTHER_KIND = 0.85  # There is food, but none for a dog.
_NOT_TOGETHER = 0.7  # There are machines and washable things, but no text says "washing machine".
_NEAR = 3
_MOST_READ = 40
# Of a kind's words the last ones are read: no shop's kinds have more.
MOST_KIND_WORDS = 8
# What more of all products have is a quality of many kinds: vegan.
_RARE = 0.008
_OTHER_QUALITY = 0.2  # There are guitars, but no purple ones.


def documents_with(catalogue: Catalogue, term: str) -> np.ndarray:
    """Return the rows of the products as they were built whose searched text has a term."""
    index = getattr(catalogue.base, "search_index", None)
    return index.postings(term)[0] if isinstance(index, Index) else _NO_ROWS


class Shelves:
    """What a shop has of each kind.

    Args:
        catalogue: the products.
        phrases: what the shop uses phrases for.
    """

    def __init__(self, catalogue: Catalogue, phrases: Phrases) -> None:
        self._catalogue = catalogue
        self._phrases = phrases

    def rows(self, value: str) -> np.ndarray:
        """Return the rows (int64, ascending) of the products of a kind. Of a kind without a name of
        its own, those of what it is a kind of whose texts have all its words."""
        rows = self._living(phrase_key(value))
        words = [word.text for word in _last_words(value)]
        for start in range(1, len(words)):
            if len(rows):
                break
            key = key_of(map(stem_of, words[start:]))
            rows = self._having(self._living(key), words[:start])
        return rows

    def _living(self, key: str) -> np.ndarray:
        """The rows of a kind, those of removed and replaced products left out."""
        rows = self._phrases.rows_of_kind(key).astype(np.int64)
        if isinstance(self._catalogue, ChangedCatalogue):
            rows = rows[~np.isin(rows, self._catalogue.generation.dead)]
        return rows

    def _having(self, rows: np.ndarray, words: Sequence[str]) -> np.ndarray:
        """The rows whose texts have all of some words."""
        first = len(self._catalogue.base)
        if not len(rows):
            return rows
        for term in dict.fromkeys(analyse(" ".join(words))):
            having = np.isin(rows, documents_with(self._catalogue, term))
            for place in np.flatnonzero(rows >= first):  # New and changed products.
                text = self._catalogue[int(rows[place])].search_text
                having[place] = term in analyse(text)
            rows = rows[having]
        return rows

    def lacking(self, parsed: ParsedRequest) -> float:
        """Return how certain it is that the shop has nothing of the kinds that are asked for, 0 to
        1: of alternatives one suffices."""
        pieces = parsed.of(Part.KIND)
        return min((self._lacking(parsed, piece) for piece in pieces), default=0.0)

    def _lacking(self, parsed: ParsedRequest, piece: Piece) -> float:
        words = _last_words(piece.value)
        if not words:
            return 0.0
        rows, before, certainty = self.rows(piece.value), _words_before(parsed, piece), 0.0
        if not len(rows):
            last = words[-1]
            certainty = self._unknown(self._phrases.find(last.stem), last.text)
            having = [documents_with(self._catalogue, term) for term in analyse(last.text)]
            rows = having[0] if having else rows
            before += [word.text for word in words[:-1]]
        for word in dict.fromkeys(before[:MOST_KIND_WORDS]) if len(rows) else ():
            if not len(self._having(rows, [word])):
                certainty = max(certainty, self._other(word))
        unsure = certainty < _NOT_TOGETHER and not piece.hard and 0 < len(rows) <= _MOST_READ
        if unsure and before and self._says_which(before[-1]):
            pair = (stem_of(before[-1]), words[-1].stem)
            certainty = certainty if self._say(rows, pair) else _NOT_TOGETHER
        return piece.confidence * certainty

    def _says_which(self, word: str) -> bool:
        """Whether a word before a kind says which it is, not what it is like: a "fishing rod"."""
        phrase = self._phrases.find(stem_of(word))
        says_how = phrase.whole or phrase.qualities or word in COLOURS | SIZES | TALK
        return not says_how and (word.endswith("ing") or not is_adjective(word))

    def _say(self, rows: np.ndarray, pair: tuple[str, str]) -> bool:
        """Whether a text of some products has two words close together, in their order or not."""
        return any(_are_near(stems_in(self._catalogue[int(row)].search_text), pair) for row in rows)

    def _unknown(self, head: Phrase, word: str) -> float:
        """How certain it is that nothing is of a kind that has no name here."""
        if head.heads:
            return _HEAD if head.heads > 0.3 * head.titles else (_HEAD + _NO_HEAD) / 2
        if head.titles:
            return _NO_HEAD
        in_text = any(len(documents_with(self._catalogue, term)) for term in analyse(word))
        return _ONLY_TEXT if in_text else _UNKNOWN

    def _other(self, word: str) -> float:
        """How certain it is that what no product of a kind has makes another kind of it."""
        phrase = self._phrases.find(stem_of(word))
        having = max(len(documents_with(self._catalogue, term)) for term in analyse(word) or [""])
        says_how = phrase.whole or phrase.qualities or 2 * phrase.nouns < phrase.titles
        if says_how or word in COLOURS | SIZES | TALK or is_adjective(word):
            return _OTHER_QUALITY
        return _OTHER_QUALITY if having > _RARE * len(self._catalogue) else _OTHER_KIND


def _are_near(stems: Sequence[str], pair: tuple[str, str]) -> bool:
    """Whether a word, perhaps written as several, stands near another."""
    one, other = pair
    return any(
        one in "".join(stems[max(0, place - _NEAR) : place])
        or one in "".join(stems[place + 1 : place + 1 + _NEAR])
        for place, stem in enumerate(stems)
        if stem == other
    )


def _last_words(value: str) -> Sequence[Word]:
    return words_in(value)[-MOST_KIND_WORDS:]


def _words_before(parsed: ParsedRequest, piece: Piece) -> list[str]:
    """The words of features that stand right before a kind: in "dog food" they are part of it."""
    words: list[str] = []
    start = piece.start
    for other in reversed(parsed.pieces):
        end = other.start + len(other.text)
        if other.part is Part.FEATURE and 0 <= end <= start:
            if parsed.text[end:start].strip(" -"):
                break
            words += [w.text for w in words_in(other.value) if w.text not in FUNCTION_WORDS]
            start = other.start
    return words
