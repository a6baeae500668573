"""The Porter stemmer, in the variant that Lucene's English analysis applies.

Source: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with the author's
three later departures: words of one or two letters stay as they are, step 2 turns "bli" into
"ble" (the paper: "abli" into "able"), and "logi" into "log".
"""

from __future__ import annotations

_STEP_2 = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize",
    "bli": "ble", "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize",
    "ation": "ate", "ator": "ate", "alism": "al", "iveness": "ive", "fulness": "ful",
    "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble", "logi": "log",
}  # fmt: skip
_STEP_3 = {
    "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
}  # fmt: skip
_STEP_4 = dict.fromkeys(
    "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize".split(), ""
)
# The suffixes of each step, longest first.
_SUFFIXES_2, _SUFFIXES_3, _SUFFIXES_4 = (
    tuple(sorted(step, key=len, reverse=True)) for step in (_STEP_2, _STEP_3, _STEP_4)
)


class _Kinds(dict[int, str]):
    def __missing__(self, letter: int) -> str:
        return "c"


# A vowel to "v", any other letter to "c".
_KINDS = _Kinds(dict.fromkeys(map(ord, "aeiou"), "v"))


def _shape(word: str) -> str:
    """The letters of a word as "v" for vowels and "c" for consonants."""
    shape = word.translate(_KINDS)
    if "y" in word:
        # After a consonant, y is a vowel, which may make the next one a consonant.
        for place in range(1, len(word)):
            if word[place] == "y" and shape[place - 1] == "c":
                shape = f"{shape[:place]}v{shape[place + 1 :]}"
    return shape


def _measure(stem: str) -> int:
    """The number of vowel-consonant sequences of a stem (the paper's m)."""
    return _shape(stem).count("vc")


def _ends_in_short_syllable(word: str) -> bool:
    """Whether a word ends consonant, vowel, consonant, the last not w, x or y (the paper's *o)."""
    return word[-1] not in "wxy" and _shape(word).endswith("cvc")


def _strip_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _strip_past_and_gerund(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    stem = word.removesuffix("ed") if word.endswith("ed") else word.removesuffix("ing")
    shape = _shape(stem)
    if stem == word or "v" not in shape:
        return word
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if stem[-1] == stem[-2:-1] and shape[-1] == "c":
        return stem if stem[-1] in "lsz" else stem[:-1]
    if shape.count("vc") == 1 and _ends_in_short_syllable(stem):
        return stem + "e"
    return stem


def _replace_suffix(
    word: str, suffixes: tuple[str, ...], replacements: dict[str, str], least_measure: int = 1
) -> str:
    """Replace the first suffix that a word ends with, if what precedes it has a measure of at
    least ``least_measure``."""
    if not word.endswith(suffixes):  # Most words: one look is quicker than twenty.
        return word
    suffix = next(suffix for suffix in suffixes if word.endswith(suffix))
    stem = word[: -len(suffix)]
    if suffix == "ion" and not stem.endswith(("s", "t")):
        return word
    return stem + replacements[suffix] if _measure(stem) >= least_measure else word


def stem(word: str) -> str:
    """Return the stem of a lower-case word; words of one or two letters are their own stem."""
    if len(word) <= 2:
        return word
    word = _strip_past_and_gerund(_strip_plural(word))
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    word = _replace_suffix(word, _SUFFIXES_2, _STEP_2)
    word = _replace_suffix(word, _SUFFIXES_3, _STEP_3)
    word = _replace_suffix(word, _SUFFIXES_4, _STEP_4, least_measure=2)
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_in_short_syllable(word[:-1])):
            word = word[:-1]
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word
