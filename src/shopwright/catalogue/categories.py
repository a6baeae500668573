"""Category paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from shopwright.catalogue.cells import literal_of, split, text_of
from shopwright.catalogue.layouts.description import Categories
from shopwright.catalogue.markup import plain_text

_PATH_MARK = re.compile(r"\s*(?:>>|>|›|»|→|::|/(?=\s)|(?<=\s)/|\|)\s*")
_CERTAIN_MARK = re.compile(r">|›|»|→|::")
_BETWEEN = re.compile(r"\s*[|;\n]\s*")


def path_of(text: str, within: str = "") -> list[str]:
    """Return the parts of a category path such as "Home > Kitchen".

    Args:
        text: the path.
        within: what divides its parts; what is customary if it is empty.
    """
    parts = plain_text(text).split(within) if within else _PATH_MARK.split(plain_text(text))
    return [part for part in map(str.strip, parts) if part]


def paths_in(value: Any, notation: Categories, none: Collection[str]) -> list[list[str]]:
    """Return the category paths of a cell, the deepest first.

    Args:
        value: the cell: a text, a list, or an object of levels.
        notation: how this layout writes them.
        none: normal words that are no category, lower case.
    """
    value = literal_of(value)
    if isinstance(value, Mapping) and "name" not in value:
        # Levels, as in {"lvl0": "Clothing", "lvl1": "Clothing > Coats"}, or an object of texts.
        levels = [*value.values()]
        # Of XML, the one list within an element: <categories><category>…
        value = levels[0] if len(levels) == 1 and isinstance(levels[0], list) else levels
    if isinstance(value, list | tuple):
        texts = [text_of(entry) for entry in value if entry is not None]
        has_paths = notation.lists == "paths" or any(map(_CERTAIN_MARK.search, texts))
        paths = [path_of(text, notation.within) for text in texts]
        if not has_paths:
            paths = [[part for path in paths for part in path]]
    else:
        text = text_of(value)
        texts = split(text, notation.between) if notation.between else _paths_of(text)
        paths = [path_of(each, notation.within) for each in texts]
    kept = [_without(path, notation.roots, none) for path in paths]
    distinct = {tuple(path): path for path in kept if path}
    return sorted(distinct.values(), key=len, reverse=True)


def _paths_of(text: str) -> list[str]:
    """The paths of a text whose notation is not known: where ">" divides a path, "|", ";" and line
    breaks stand between paths; commas too, but within the first name, as in "Clothing, Shoes >
    Boots", unless a path's first part is there again: "Shoes, Shoes > Boots"."""
    if not _CERTAIN_MARK.search(text):
        return [text]
    first, *rest = _CERTAIN_MARK.split(text)
    has_commas = "," not in first and any("," in part for part in rest)
    paths: list[str] = []
    for part in _BETWEEN.split(text):
        divided = part.split(", ")
        roots = [_CERTAIN_MARK.split(path)[0].strip() for path in divided]
        paths += divided if has_commas or len({*roots}) < len(roots) else [part]
    return paths


def _without(path: list[str], roots: Collection[str], none: Collection[str]) -> list[str]:
    if path and path[0] in roots:
        path = path[1:]
    # A number is one of some taxonomy.
    return [part for part in path if part.lower() not in none and not part.isdecimal()]
