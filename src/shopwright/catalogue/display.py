"""How objects show themselves on a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape


def shortened(text: str, limit: int = 60) -> str:
    """Return a text of at most ``limit`` characters: its beginning and "…" if it has more."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def html_table(title: str, rows: Mapping[str, object]) -> str:
    """Return a table of names and values under a title, as HTML; empty values are left out."""
    lines = [
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
        if value != ""
    ]
    return f"<table><caption>{escape(title)}</caption>{''.join(lines)}</table>"
