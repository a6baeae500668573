"""The Porter stemmer, in the variant that Lucene's English analysis applies.

Source: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with the author's
three later departures: words of one or two letters stay as they are, step 2 turns "bli" into
"ble" (the paper: "abli" into "able"), and "logi" into "log".
"""

from __future__ import annotations

import re

_VOWEL = re.compile("[aeiou]")
_VOWEL_THEN_CONSONANT = re.compile("[aeiou][^aeiou]", re.DOTALL)

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize",
    "bli": "ble", "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize",
    "ation": "ate", "ator": "ate", "alism": "al", "iveness": "ive", "fulness": "ful",
    "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble", "logi": "log",
}  # fmt: skip
_STEP_3 = {
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
}  # fmt: skip
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
)  # fmt: skip
_LONGEST_FIRST_2 = tuple(sorted(_STEP_2, key=len, reverse=True))
_LONGEST_FIRST_3 = tuple(sorted(_STEP_3, key=len, reverse=True))
_LONGEST_FIRST_4 = tuple(sorted(_STEP_4, key=len, reverse=True))


def _is_consonant(word: str, position: int) -> bool:
    letter = word[position]
    if letter in "aeiou":
        return False
    if letter == "y":
        return position == 0 or not _is_consonant(word, position - 1)
    return True


def _measure(stem: str) -> int:
    """The number of vowel-consonant sequences of a stem (the paper's m)."""
    if "y" not in stem:  # Only a y is now one, now the other.
        return len(_VOWEL_THEN_CONSONANT.findall(stem))
    count = 0
    previous_is_vowel = False
    for position in range(len(stem)):
        consonant = _is_consonant(stem, position)
        if consonant and previous_is_vowel:
            count += 1
        previous_is_vowel = not consonant
    return count


def _has_vowel(stem: str) -> bool:
    if "y" not in stem:
        return _VOWEL.search(stem) is not None
    return any(not _is_consonant(stem, position) for position in range(len(stem)))


def _ends_in_double_consonant(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _is_consonant(word, len(word) - 1)


def _ends_in_short_syllable(word: str) -> bool:
    """Whether a word ends consonant, vowel, consonant, the last not w, x or y (the paper's *o)."""
    last = len(word) - 1
    return (
        last >= 2
        and _is_consonant(word, last)
        and not _is_consonant(word, last - 1)
        and _is_consonant(word, last - 2)
        and word[last] not in "wxy"
    )


def _strip_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _strip_past_and_gerund(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            if not _has_vowel(stem):
                return word
            if stem.endswith(("at", "bl", "iz")):
                return stem + "e"
            if _ends_in_double_consonant(stem):
                return stem if stem[-1] in "lsz" else stem[:-1]
            if _measure(stem) == 1 and _ends_in_short_syllable(stem):
                return stem + "e"
            return stem
    return word


def _replace_longest(word: str, suffixes: tuple[str, ...], replacements: dict[str, str]) -> str:
    if not word.endswith(suffixes):  # Most words: one look is quicker than twenty.
        return word
    for suffix in suffixes:
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            return stem + replacements[suffix] if _measure(stem) > 0 else word
    return word


def _strip_step_4(word: str) -> str:
    if not word.endswith(_LONGEST_FIRST_4):
        return word
    for suffix in _LONGEST_FIRST_4:
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            if suffix == "ion" and not stem.endswith(("s", "t")):
                return word
            return stem if _measure(stem) > 1 else word
    return word


def stem(word: str) -> str:
    """Return the stem of a lower-case word; words of one or two letters are their own stem."""
    if len(word) <= 2:
        return word
    word = _strip_past_and_gerund(_strip_plural(word))
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replace_longest(word, _LONGEST_FIRST_2, _STEP_2)
    word = _replace_longest(word, _LONGEST_FIRST_3, _STEP_3)
    word = _strip_step_4(word)
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_in_short_syllable(word[:-1])):
            word = word[:-1]
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word
