"""Names of columns: the same in all spellings, and places within nested cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from shopwright.catalogue.cells import literal_of
from shopwright.catalogue.money import CODES, SIGNS

# Where a field stands: a column, and the keys within its cells.
Path = tuple[str, ...]

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PLURAL = re.compile(r"\b([A-Z]{2,})s\b")  # "URLs" is one word.
_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_BRACKETS = re.compile(r"[(\[{].*?[)\]}]")
# What people add to the name of a column: a language, a currency, a tax.
_ADDITIONS = frozenset(
    (
        "en de fr es it nl pl pt sv da nb no fi cs sk hu ro bg el tr ru uk ja zh ko ar he vi th "
        "us gb at ch ca au br mx ie default current incl inc including inkl excl exc ex excluding "
        "exkl vat tax taxes mwst gst tva iva btw ttc ht net gross netto brutto in with without "
        "usd eur local value text raw long plain"
    ).split()
) | {code.lower() for code in CODES}  # fmt: skip
_DEEPEST = 4
_LOOKED_AT = 100


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return a column's name in lower case, words and numbers parted by one space, without
    Google's prefix.

    Example:
        >>> normal("g:itemGroupID"), normal("Option1 Name"), normal("images[0].src")
        ('item group id', 'option 1 name', 'images 0 src')
    """
    name = name.strip().removeprefix("\ufeff")
    name = name[2:] if name[:2] in ("g:", "G:") else name
    name = _DIGITS.sub(" ", _CAMEL.sub(" ", _PLURAL.sub(r"\1S", name)))
    return " ".join(re.sub(r"[\W_]+", " ", name.lower()).split())


def bare(name: str) -> str:
    """Return a column's normal name without additions.

    Example:
        >>> bare("title | en"), bare("Price incl. VAT (EUR)"), bare("Name_de")
        ('title', 'price', 'name')
    """
    words = normal(_BRACKETS.sub(" ", name).partition("|")[0].partition(":")[0]).split()
    while len(words) > 1 and words[-1] in _ADDITIONS:
        words.pop()
    return " ".join(words)


def currency_in(name: str) -> str:
    """Return the currency that a column's name says, as a code or a sign; "" if it says none."""
    words: list[str] = re.findall(r"[^\W\d_]+|[^\w\s()\[\]{}|.,:;/-]", name.replace("_", " "))
    for word in words:
        if (len(word) == 3 and word.upper() in CODES) or (not word.isalpha() and word in SIGNS):
            return word.upper()
    return ""


def paths_of(names: Sequence[str], samples: Iterable[Mapping[str, Any]]) -> dict[str, Path]:
    """Return what columns and nested cells there are: a path's normal name → the path. Earlier
    columns and shorter paths come first; of several spellings the first counts.

    Args:
        names: the columns.
        samples: the cells of some rows.
    """
    found: dict[Path, None] = {(name,): None for name in names}
    for cells in samples:
        for name, value in cells.items():
            _gather((name,), value, found)
    paths: dict[str, Path] = {}
    for path in sorted(found, key=len):
        paths.setdefault(normal(".".join(path)), path)
    return paths


def _gather(path: Path, value: Any, found: dict[Path, None]) -> None:
    found.setdefault(path)
    if isinstance(value, str):
        value = literal_of(value)
    entries = value[:_LOOKED_AT] if isinstance(value, list) else [value]
    for entry in entries:
        if isinstance(entry, Mapping) and len(path) < _DEEPEST:
            for name, nested in entry.items():
                _gather((*path, str(name)), nested, found)


def cell_at(cells: Mapping[str, Any], path: Path) -> Any:
    """Return what stands at a path; of a list the values of all its entries, None if nothing."""
    value = cells.get(path[0])
    for name in path[1:]:
        value = _step(value, name)
        if value is None:
            return None
    return value


def _step(value: Any, name: str) -> Any:
    if isinstance(value, str):
        value = literal_of(value)
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list | tuple):
        entries = [_step(entry, name) for entry in value]
        flat = [
            part
            for entry in entries
            if entry is not None
            for part in (entry if isinstance(entry, list | tuple) else [entry])
        ]
        return flat or None
    return None
