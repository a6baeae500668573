"""Texts shortened to what somebody looks for in them."""

from __future__ import annotations

SNIPPET_CHARACTERS = 120


def shortened_around(text: str, start: int, end: int) -> str:
    """Return a text, at most :data:`SNIPPET_CHARACTERS` of it around some characters, with "…" for
    what is left out."""
    left, right = 0, len(text)
    if right > SNIPPET_CHARACTERS:
        room = SNIPPET_CHARACTERS - 4
        left = max(0, min(start - (room - (end - start)) // 2, right - room))
        right = min(right, left + room)
        if left:
            left = text.find(" ", left, max(left, start)) + 1 or left
        if right < len(text):
            cut = text.rfind(" ", min(end, right), right)
            right = cut if cut > 0 else right
    kept = " ".join(text[left:right].split())
    return f"{'… ' if left else ''}{kept}{' …' if right < len(text) else ''}"
