"""The words of requests and of catalogues, so that different writings of one phrase meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from shopwright.catalogue.attributes.words import FUNCTION_WORDS, stem

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_MARK = re.compile(r"[,;:!?\n|()\[\]/]|\.(?:\s|$)|\s[-–—]\s")
# British spellings, as the American ones.
AMERICAN = {"grey": "gray", "colour": "color", "flavour": "flavor"}
_IRREGULAR = {
    "man": "men", "woman": "women", "child": "children", "foot": "feet", "knives": "knife",
    "shelves": "shelf", "mice": "mouse", "teeth": "tooth", **AMERICAN,
}  # fmt: skip
# "Easy to clean" and "easy clean", "pack of 12" and "12 pack" are told apart by nothing else.
_LINKS = frozenset("a an and n of the to".split())
_POSSESSIVES = ("'s", "’s")
# Written without their apostrophe, or as people chat.
_CHATTED = frozenset(
    (
        "actually arent btw cant couldnt didnt doesnt dont hasnt havent heres hes im isnt ive lets "
        "plz pls shes shouldnt thats theres theyre thx wasnt whats wont wouldnt youre"
    ).split()
)
_CONTRACTION = re.compile(r"([^\W\d_]+)['’](?:s|re|ll|d|ve|m|t)")


class Word(NamedTuple):
    """A word of a request.

    Attributes:
        text: in lower case.
        stem: without the endings of plural and possessive.
        start, end: where it stands.
        after_mark: whether a comma or the like stands before it.
    """

    text: str
    stem: str
    start: int
    end: int
    after_mark: bool


@lru_cache(maxsize=1 << 14)
def stem_of(word: str) -> str:
    """Return a word in lower case without the endings of plural and possessive.

    Example:
        >>> [stem_of(word) for word in ("women's", "Woman", "mens", "shelves", "boxes")]
        ['women', 'women', 'men', 'shelf', 'box']
    """
    word = word.lower()
    if word.endswith(_POSSESSIVES):
        word = word[:-2]
    found = _IRREGULAR.get(word) or stem(word)
    return _IRREGULAR.get(found, found)


def is_contraction(word: str) -> bool:
    """Return whether a word in lower case is one of function words: "that's", "it'll"; or a word
    of chats: "pls"."""
    if word.isalpha():  # Most words: no pattern is needed.
        return word in _CHATTED
    found = _CONTRACTION.fullmatch(word)
    return found is not None and found[1] in FUNCTION_WORDS


def words_in(text: str) -> list[Word]:
    """Return the words of a text; hyphens part words, points and apostrophes within do not."""
    words: list[Word] = []
    end = 0
    for found in _WORD.finditer(text):
        marked = bool(words) and _MARK.search(text, end, found.start()) is not None
        lower = found[0].lower()
        if lower == "s" and words and words[-1].text == "size":
            lower = "small"  # Elsewhere it is the rest of a genitive.
        if lower == "w" and words and not words[-1].text[-1].isdigit():
            lower = "with"  # Behind a number it is a unit.
        words.append(Word(lower, stem_of(lower), found.start(), found.end(), marked))
        end = found.end()
    return words


def stems_in(text: str) -> list[str]:
    """Return the stems of a text's words."""
    return [stem_of(word) for word in _WORD.findall(text)]


def key_of(stems: Iterable[str]) -> str:
    """Return what is equal for writings of one phrase: plural or not, joined or split, with a
    hyphen or without.

    Example:
        >>> key_of(["night", "stand"]) == key_of(["nightstand"])
        True
    """
    stems = list(stems)
    return "".join([stem for stem in stems if stem not in _LINKS] or stems)


def phrase_key(text: str) -> str:
    """Return the key of a text."""
    return key_of(stems_in(text))


def is_link(stem: str) -> bool:
    """Return whether keys leave a word out."""
    return stem in _LINKS


def spans_of(stems: Sequence[str], longest: int) -> Iterable[tuple[int, int]]:
    """Yield where each run of at most so many words begins and ends."""
    for start in range(len(stems)):
        for end in range(start + 1, min(start + longest, len(stems)) + 1):
            yield start, end
