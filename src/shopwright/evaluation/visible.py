"""Untrusted texts on a page and in the labels of a plot."""

from __future__ import annotations

from shopwright import display

_NAME_LETTERS = 40
# What writing needs: line feed, tab, soft hyphen, the joiners of Persian and of emoji.
_KEPT = "\n\t\u00ad\u200c\u200d"


def visible(text: str) -> str:
    """Return a text with its control characters as signs, other invisible ones as ⟨U+202E⟩."""
    return display.visible(text.replace("\r\n", "\n"), kept=_KEPT)


def plain(name: str) -> str:
    """A name in letters that the plots' font has, short enough for a small plot."""
    letters = visible(name).encode("ascii", "backslashreplace").decode()
    return letters if len(letters) <= _NAME_LETTERS else letters[: _NAME_LETTERS - 3] + "..."
