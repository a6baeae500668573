"""The pictures of a product, and their order where a table numbers them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from shopwright.catalogue.cells import addresses_of, text_of
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.names import cell_at

_POSITION = re.compile(r"(\d{1,9})(?:\.0+)?")


def pictures_in(columns: Columns, cells: Mapping[str, Any]) -> tuple[list[str], dict[str, int]]:
    """Return the addresses of the pictures of a row, in order of appearance, and picture → the
    position that the row gives it."""
    found = _POSITION.fullmatch(text_of(columns.cell(cells, "image_position")).strip())
    places = (p for name in ("image", "images") for p in columns.of_field.get(name, ()))
    pictures = [each for place in places for each in addresses_of(cell_at(cells, place))]
    return pictures, dict.fromkeys(pictures, int(found[1])) if found else {}


def in_order(pictures: list[str], positions: Mapping[str, int]) -> list[str]:
    """Return pictures by their positions; those without one follow as they stand."""
    if not positions:
        return pictures
    return sorted(pictures, key=lambda each: positions.get(each, math.inf))
