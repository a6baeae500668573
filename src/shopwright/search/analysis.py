"""Text to search terms, as Lucene's English analysis does it.

Words are cut by the rules of Unicode Standard Annex #29 (with Lucene's additions: each ideograph,
each hiragana and each pictograph is a word of its own), English possessives are dropped, letters
lower-cased, stop words removed, and what remains is stemmed by Porter's algorithm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import regex

from shopwright.search.porter import stem

STOP_WORDS = frozenset(
    (
        "a an and are as at be but by for if in into is it no not of on or such that the their "
        "then there these they this to was will with"
    ).split()
)

# Lucene cuts a longer run of word characters into pieces of this many characters.
MAXIMUM_WORD_LENGTH = 255

# Texts repeat their words: the terms of pieces of ordinary length are kept, some 10 MB of English
# ones; 60 MB where each character is a term.
CACHED_PIECES = 1 << 15
CACHED_PIECE_LENGTH = 24

# The pictographs of Unicode 12.1, the version of Lucene's grammar; later versions dropped some.
_PICTOGRAPHS = (
    r"\u00A9\u00AE\u203C\u2049\u2122\u2139\u2194-\u2199\u21A9\u21AA\u231A\u231B\u2328\u2388\u23CF"
    r"\u23E9-\u23F3\u23F8-\u23FA\u24C2\u25AA\u25AB\u25B6\u25C0\u25FB-\u25FE\u2600-\u2605"
    r"\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2714\u2716\u271D\u2721\u2728\u2733"
    r"\u2734\u2744\u2747\u274C\u274E\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27A1\u27B0"
    r"\u27BF\u2934\u2935\u2B05-\u2B07\u2B1B\u2B1C\u2B50\u2B55\u3030\u303D\u3297\u3299"
    r"\U0001F000-\U0001F0FF\U0001F10D-\U0001F10F\U0001F12F\U0001F16C-\U0001F171\U0001F17E"
    r"\U0001F17F\U0001F18E\U0001F191-\U0001F19A\U0001F1AD-\U0001F1E5\U0001F201-\U0001F20F"
    r"\U0001F21A\U0001F22F\U0001F232-\U0001F23A\U0001F23C-\U0001F23F\U0001F249-\U0001F3FA"
    r"\U0001F400-\U0001F53D\U0001F546-\U0001F64F\U0001F680-\U0001F6FF\U0001F774-\U0001F77F"
    r"\U0001F7D5-\U0001F7FF\U0001F80C-\U0001F80F\U0001F848-\U0001F84F\U0001F85A-\U0001F85F"
    r"\U0001F888-\U0001F88F\U0001F8AE-\U0001F8FF\U0001F90C-\U0001F93A\U0001F93C-\U0001F945"
    r"\U0001F947-\U0001FFFD"
)


def _word_pattern() -> regex.Pattern[str]:
    ignored = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]*"
    letter = rf"[\p{{WB=ALetter}}\p{{WB=Hebrew_Letter}}]{ignored}"
    digit = rf"\p{{WB=Numeric}}{ignored}"
    katakana = rf"\p{{WB=Katakana}}{ignored}"
    joiner = rf"\p{{WB=ExtendNumLet}}{ignored}"
    within_letters = rf"[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{ignored}"
    within_digits = rf"[\p{{WB=MidNum}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{ignored}"
    letters = rf"(?:{letter}(?:(?:{within_letters})?{letter})*)"
    digits = rf"(?:{digit}(?:(?:{within_digits})?{digit})*)"
    run = rf"(?:(?:{letters}|{digits})+|(?:{katakana})+)"
    word = rf"(?:{joiner})*{run}(?:(?:{joiner})+{run})*(?:{joiner})*"
    ideograph = rf"[\p{{Han}}\p{{Hiragana}}]{ignored}"
    flag = r"\p{Regional_Indicator}{2}"
    keycap = r"[0-9#*]\uFE0F?\u20E3"
    pictograph = rf"[{_PICTOGRAPHS}]{ignored}(?:(?<=\u200D)[{_PICTOGRAPHS}]{ignored})*"
    # Joiners that join nothing are no word, but are matched, outside the group: passing over them
    # one by one would take quadratic time.
    return regex.compile(rf"({keycap}|{word}|{ideograph}|{flag}|{pictograph})|(?:{joiner})+")


_WORD = _word_pattern()


def _ascii_word_pattern() -> re.Pattern[str]:
    """The same for ASCII alone, four times as fast: no properties of characters are looked up."""
    run = r"(?:[A-Za-z](?:[.:']?[A-Za-z])*|[0-9](?:[.,;']?[0-9])*)+"
    return re.compile(rf"(_*{run}(?:_+{run})*_*)|_+")


_ASCII_WORD = _ascii_word_pattern()
_POSSESSIVES = ("'s", "’s", "＇s", "'S", "’S", "＇S")


def term_of(word: str) -> str | None:
    """Return the search term of a word; None for a stop word."""
    if word.endswith(_POSSESSIVES):
        word = word[:-2]
    word = word.lower()
    return None if word in STOP_WORDS else stem(word)


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text, as they stand there."""
    is_ascii = text.isascii()
    pattern = _ASCII_WORD if is_ascii else _WORD
    # Most texts are one word, and need no pattern.
    for word in [text] if is_ascii and text.isalnum() else pattern.findall(text):
        if len(word) <= MAXIMUM_WORD_LENGTH:
            if word:  # Else joiners that join nothing.
                yield word
        else:
            for start in range(0, len(word), MAXIMUM_WORD_LENGTH):
                yield word[start : start + MAXIMUM_WORD_LENGTH]


def piece_terms(piece: str) -> tuple[str, ...]:
    """Return the search terms of a piece of text between spaces; no word holds a space."""
    return tuple(term for word in words_of(piece) if (term := term_of(word)) is not None)


_cached_piece_terms = lru_cache(maxsize=CACHED_PIECES)(piece_terms)


def analyse(text: str) -> list[str]:
    """Return the search terms of a text, in order, repetitions kept.

    Example:
        >>> analyse("The runner's 3.5mm T-shirts")
        ['runner', '3.5mm', 't', 'shirt']
    """
    terms: list[str] = []
    for piece in text.split(" "):
        if len(piece) <= CACHED_PIECE_LENGTH:
            terms += _cached_piece_terms(piece)
        else:
            terms += piece_terms(piece)
    return terms
