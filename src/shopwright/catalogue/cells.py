"""What the cells of a table hold, as texts, lists and option groups."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from shopwright.catalogue.markup import is_html, plain_text, text_of_html
from shopwright.errors import InputError
from shopwright.files import parsing_python

_NOTHING = frozenset(
    ("", "-", "--", "n/a", "na", "nan", "none", "null", "tba", "unknown", "[]", "{}")
)
_LONGEST_NOTHING = max(map(len, _NOTHING))
_PARTS = re.compile(r"\n|\||•|;")
_COMMA = re.compile(r"(?<!\\),")
# Addresses of pictures may hold commas themselves.
_BETWEEN_ADDRESSES = re.compile(
    r"\s*[,;|\n]\s*(?=(?:https?:)?//|/|[\w-][\w.-]*\.(?:jpe?g|png|webp|gif|avif|svg)\b)"
    r"|\s+(?=https?://)",
    re.IGNORECASE,
)
_RATING = re.compile(
    r"(\d(?:[.,]\d+)?)\s*(?:(?:out of|of|/|von|sur|de|su|van)\s*5(?:[.,]0+)?)?"
    r"\s*(?:stars?|sterne|étoiles|estrellas|★+)?\s*(?:\(.*\))?",
    re.IGNORECASE,
)
# How spreadsheets write a long number; what it ended with is lost.
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_RATING_KEYS = ("rate", "average", "value", "ratingValue", "score", "stars")
_ADDRESS_KEYS = ("src", "url", "uri", "link", "href", "hi_res", "large", "contentUrl", "original")
# A literal of Python is parsed by a slower reader than JSON; no list of options is longer.
_LONGEST_LITERAL = 100_000
_DEEPEST_LITERAL = 50
# The keys under which localised texts stand, the likeliest first.
_LANGUAGES = ("en", "en-US", "en_US", "en-GB", "default", "value", "text", "name", "plain", "html")


def text_of(value: Any) -> str:
    """Return a cell as text; nothing, NaN included, as an empty one."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(text_of, value)))
    if isinstance(value, Mapping):
        named = next((value[name] for name in _LANGUAGES if value.get(name)), None)
        if named is not None:
            return text_of(named)
        texts = ((name, text_of(entry)) for name, entry in value.items())
        return ", ".join(f"{name}: {text}" for name, text in texts if text)
    return str(value)


def line_of(value: Any) -> str:
    """Return a cell as text on one line, without HTML."""
    text = text_of(value)
    return _line_of(text) if text else ""


@lru_cache(maxsize=64)  # A row's title is asked for several times.
def _line_of(text: str) -> str:
    return " ".join(text_of_html(text)[0].split()) if is_html(text) else plain_text(text)


def is_nothing(text: str) -> bool:
    """Whether a text stands for no value, as "N/A" does."""
    text = text.strip()
    return len(text) <= _LONGEST_NOTHING and text.lower() in _NOTHING


def literal_of(value: Any) -> Any:
    """Return the list or object that a text holds in the notation of JSON, Python or Ruby; other
    values as they are."""
    if not isinstance(value, str):
        return value
    if value[:1].isalnum():  # As most begin.
        return value
    text = value.strip()
    if text[:1] not in ("[", "{") or text[-1:] not in ("]", "}"):
        return value
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    if len(text) > _LONGEST_LITERAL or text.count("[") + text.count("{") > _DEEPEST_LITERAL:
        return value
    try:
        if '"=>' in text:
            return orjson.loads(text.replace('"=>nil', '"=>null').replace('"=>', '":'))
        with parsing_python:
            found = ast.literal_eval(re.sub(r"\bnan\b", "None", text) if "nan" in text else text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return value
    return found if isinstance(found, list | dict) else value


def list_of(value: Any, *, commas: bool = False, divided_by: str = "") -> list[str]:
    """Return the entries of a cell: of a list, one in JSON's or Python's notation, list items of
    HTML, or a text whose parts are divided by line breaks, "|", "•" or ";".

    Args:
        value: the cell.
        commas: whether commas divide too, if nothing else does.
        divided_by: what divides alone, other than a comma behind a backslash.
    """
    if value is None or value == "":
        return []
    value = literal_of(value)
    if isinstance(value, list | tuple):
        entries = [text_of(entry) for entry in value]
    elif not isinstance(value, str) and isinstance(value, Mapping):
        entries = [text_of(entry) for each in value.values() for entry in _listed(each)]
    else:
        text = text_of(value)
        if divided_by:
            entries = split(text, divided_by)
        elif is_html(text):
            plain, items = text_of_html(text)
            entries = items or plain.split("\n")
        else:
            entries = _PARTS.split(text)
            if commas and len(entries) == 1:
                entries = split(text, ",")
    return [entry for entry in map(plain_text, entries) if entry]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def addresses_of(value: Any) -> list[str]:
    """Return the addresses of pictures that a cell holds, one or many, or objects with them."""
    if value is None or value == "":
        return []
    value = literal_of(value)
    if isinstance(value, Mapping):
        found = [addresses_of(value[name]) for name in _ADDRESS_KEYS if value.get(name)]
        return found[0] if found else []
    if isinstance(value, list | tuple):
        return [address for entry in value for address in addresses_of(entry)]
    parts = map(str.strip, _BETWEEN_ADDRESSES.split(text_of(value)))
    return [part for part in parts if not is_nothing(part)]


def rating_of(value: Any) -> str:
    """Return the stars that a cell such as "4.7 out of 5 stars" or {"rate": 3.9} names; "" if it
    names none."""
    value = literal_of(value)
    if isinstance(value, Mapping):
        value = next((value[name] for name in _RATING_KEYS if value.get(name)), "")
    match = _RATING.fullmatch(text_of(value).strip())
    return match.group(1) if match else ""


def barcode_of(value: Any) -> str:
    """Return the barcode that a cell holds; "" if it holds none.

    Raises:
        InputError: a spreadsheet rounded it, as in "4.00638E+12".
    """
    text = plain_text(text_of(value)).lstrip("'")
    if _ROUNDED.fullmatch(text):
        raise InputError(f"expected a barcode, got {text!r:.60}, a number that Excel rounded")
    return text


def split(text: str, mark: str) -> list[str]:
    """Return the parts of a text between marks; a comma behind a backslash divides nothing."""
    if mark == ",":
        return [part.replace("\\,", ",") for part in _COMMA.split(text)]
    return text.split(mark)


def choices_of(value: Any) -> list[str]:
    """Return what a cell offers to choose among, e.g. s, m and l of "S, M, L"; commas divide only
    what looks like a list: "12 oz, Pack of 2" is one choice."""
    entries = list_of(value)
    if len(entries) == 1 and "," in entries[0]:
        parts = [part.strip() for part in split(entries[0], ",")]
        is_list = ", " in entries[0] or len(parts) > 2 or not parts[0].isdecimal()
        if is_list and all(0 < len(part.split()) <= 2 for part in parts):
            return parts
    return entries


def options_of(value: Any) -> dict[str, list[str]]:
    """Return the option groups of a cell: an object, or JSON or Python of one, such as
    ``{"color": ["red", "blue"]}``, or a text such as ``color=Red,Blue|size=M`` or
    ``Color: Red, Blue; Size: M``.

    Raises:
        InputError: it is something else.
    """
    expected = 'an object such as {"color": ["red", "blue"]}'
    if isinstance(value, str):
        if is_nothing(value):
            return {}
        text = value
        value = literal_of(value)
        if isinstance(value, str):
            pairs = [re.split(r"\s*[=:]\s*", part, maxsplit=1) for part in _PARTS.split(text)]
            if not all(len(pair) == 2 and all(pair) for pair in pairs):
                raise InputError(f"expected {expected}, got {text!r:.60}")
            return {name.strip(): [v.strip() for v in split(values, ",")] for name, values in pairs}
    if isinstance(value, list) and all(
        isinstance(entry, Mapping) and "name" in entry for entry in value
    ):
        value = {text_of(entry["name"]): entry.get("values", entry.get("value")) for entry in value}
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
