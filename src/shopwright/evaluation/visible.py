"""Untrusted texts made visible: for a page, and for the labels of a plot."""

from __future__ import annotations

import unicodedata

_NAME_LETTERS = 40

# Controls, formats (direction overrides among them), lone surrogates, line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Those that writing needs: line feed, tab, soft hyphen, the joiners of Persian and of emoji.
_KEPT = frozenset("\n\t\u00ad\u200c\u200d")


def visible(text: str) -> str:
    """The text with its control characters as signs, other invisible ones as ⟨U+202E⟩."""
    if text.isprintable():
        return text
    return "".join(map(_visible_character, text.replace("\r\n", "\n")))


def _visible_character(character: str) -> str:
    if character in _KEPT or unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return f"⟨U+{code:04X}⟩"


def plain(name: str) -> str:
    """A name in letters that the plots' font has, short enough for a small plot."""
    letters = visible(name).encode("ascii", "backslashreplace").decode()
    return letters if len(letters) <= _NAME_LETTERS else letters[: _NAME_LETTERS - 3] + "..."
