"""How objects show themselves on a terminal and in a notebook."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from html import escape

# Controls, formats (direction overrides among them), lone surrogates, line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def shortened(text: str, limit: int = 60) -> str:
    """Return a text of at most ``limit`` characters: its beginning and "…" if it has more."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def visible(text: str, kept: str = "") -> str:
    """Return a text that cannot steer what shows it: control characters become signs (ESC is ␛),
    other invisible ones their number (⟨U+202E⟩).

    Args:
        kept: invisible characters that stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(c if c in kept else _visible_character(c) for c in text)


def _visible_character(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"


def html_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as HTML; every text is escaped.

    Args:
        columns: their names; none for a table without a head.
    """
    head = _row(columns, "th") if columns else ""
    body = "".join(_row(cells, "td") for cells in rows)
    return f"<table><caption>{escape(title)}</caption>{head}{body}</table>"


def html_fields(title: str, fields: Mapping[str, object]) -> str:
    """Return a table of names and values as HTML; empty values are left out."""
    return html_table(title, (), [item for item in fields.items() if item[1] != ""])


def _row(cells: Iterable[object], tag: str) -> str:
    joined = "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells)
    return f"<tr>{joined}</tr>"
