"""What the cells of a table hold, as texts, lists and option groups."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import orjson

from shopwright.catalogue.markup import is_html, plain_text, text_of_html
from shopwright.errors import InputError

_NOTHING = frozenset(("", "-", "--", "n/a", "na", "nan", "none", "null", "tba", "unknown"))
_PARTS = re.compile(r"\n|\||•|;")
_PATH_MARK = re.compile(r"\s*(?:>|›|»|→|/(?=\s)|(?<=\s)/|\|)\s*")


def text_of(value: Any) -> str:
    """Return a cell as text; nothing, NaN included, as an empty one."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(text_of, value)))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {text_of(entry)}" for name, entry in value.items())
    return str(value)


def is_nothing(text: str) -> bool:
    """Whether a text stands for no value, as "N/A" does."""
    return text.strip().lower() in _NOTHING


def list_of(value: Any, *, commas: bool = False) -> list[str]:
    """Return the entries of a cell: of a list, a JSON list, list items of HTML, or a text whose
    parts are divided by line breaks, "|", "•" or ";" (and by commas, if they divide too)."""
    if isinstance(value, list | tuple):
        entries = [text_of(entry) for entry in value]
    else:
        text = text_of(value)
        entries = _json_list(text)
        if not entries and is_html(text):
            plain, items = text_of_html(text)
            entries = items or plain.split("\n")
        elif not entries:
            entries = _PARTS.split(text)
            if commas and len(entries) == 1:
                entries = text.split(",")
    return [entry for entry in map(plain_text, entries) if entry]


def _json_list(text: str) -> list[str]:
    if not text.lstrip().startswith("["):
        return []
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return [text_of(entry) for entry in value] if isinstance(value, list) else []


def options_of(value: Any) -> dict[str, list[str]]:
    """Return the option groups of a cell: an object, or JSON of one, such as
    ``{"color": ["red", "blue"]}``.

    Raises:
        InputError: it is something else.
    """
    expected = 'an object such as {"color": ["red", "blue"]}'
    if isinstance(value, str):
        if is_nothing(value):
            return {}
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise InputError(f"expected {expected}, got {value!r:.60}") from None
    if isinstance(value, list) and all(
        isinstance(entry, Mapping) and "name" in entry and "values" in entry for entry in value
    ):
        value = {text_of(entry["name"]): entry["values"] for entry in value}
    if value is None or value == {}:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"expected {expected}, got {value!r:.60}")
    return {
        str(name): [
            text_of(entry.get("value") if isinstance(entry, Mapping) else entry)
            for entry in (entries if isinstance(entries, list | tuple) else [entries])
        ]
        for name, entries in value.items()
        if entries is not None
    }


def option_text(text: str) -> str:
    """Return an option's name or value as products have it: lower case, on one line."""
    return plain_text(text).lower()


def path_of(text: str) -> list[str]:
    """Return the parts of a category path such as "Home > Kitchen"."""
    parts = [plain_text(part) for part in _PATH_MARK.split(plain_text(text))]
    return [part for part in parts if part]
