"""Whether the files of a shop folder can be what a build wrote, whoever sent the folder.

Checksums tell only that a folder is as its manifest says, which may be a stranger's. Shapes, types
and bounds are checked when it is opened, so that nothing reads past an array or makes a huge one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shopwright.catalogue.storage import read_array
from shopwright.errors import ShopError
from shopwright.files import read_json

# Array → its kind of numbers, what it has one of for each, and how many further ones.
_ARRAYS: Mapping[str, tuple[str, str, int]] = {
    "catalogue/asins": ("S", "products", 0),
    "catalogue/categories": ("uint32", "products", 0),
    "catalogue/offsets": ("uint64", "products", 1),
    "catalogue/queries": ("uint32", "products", 0),
    "catalogue/ranks": ("uint32", "products", 0),
    "catalogue/rows": ("uint32", "products", 0),
    "goals/asked": ("int64", "goals", 0),
    "goals/combinations": ("uint32", "goals", 0),
    "goals/cumulative_weights": ("float64", "goals", 0),
    "goals/price_limits": ("float64", "", 0),  # One for each product, or for each goal.
    "goals/products": ("uint32", "goals", 0),
    "goals/weights": ("float64", "products", 0),
    "index/attenuations": ("float32", "postings", 0),
    "index/documents": ("uint32", "postings", 0),
    "index/piece_starts": ("uint32", "", 0),
    "index/piece_terms": ("uint32", "", 0),
    "index/starts": ("int64", "terms", 1),
    "index/term_offsets": ("int64", "terms", 1),
}
_OTHERS = (
    "catalogue/groups.json", "catalogue/products.bin", "goals/generator.json", "goals/human.json",
    "goals/splits.json", "index/index.json", "index/pieces.bin", "index/terms.bin",
)  # fmt: skip
_OF_TABLES = "goals/asked.npy"
FILES = frozenset((*_OTHERS, *(f"{name}.npy" for name in _ARRAYS)))
# Array of numbers of something → what it numbers.
_NUMBERS = {
    "catalogue/categories": "categories",
    "catalogue/queries": "queries",
    "catalogue/ranks": "products",
    "catalogue/rows": "products",
    "goals/products": "products",
    "index/documents": "products",
    "index/piece_terms": "terms",
}
# Array of where things begin → what it ends at.
_STARTS = {
    "catalogue/offsets": "catalogue/products.bin",
    "index/starts": "postings",
    "index/term_offsets": "index/terms.bin",
    "index/piece_starts": "piece terms",
}


def check_names(path: Path, files: Mapping[str, Any]) -> None:
    """Check that a manifest lists the files of a shop, and no others.

    Raises:
        ShopError: it does not.
    """
    wrong = sorted((FILES ^ files.keys()) - {_OF_TABLES})
    if wrong:
        raise ShopError(f"{path}, field files: expected those of a shop, got another: {wrong[0]!r}")


def check_contents(folder: Path, manifest: Mapping[str, Any], *, bounds_up_to: float) -> None:
    """Check arrays: types and shapes of all, and what the numbers of those of at most so many bytes
    stand for.

    Raises:
        ShopError: one cannot be a shop's; the message names it.
    """
    arrays = {
        name: read_array(folder / f"{name}.npy")
        for name in _ARRAYS
        if f"{name}.npy" in manifest["files"]
    }
    for name, array in arrays.items():
        kind = _ARRAYS[name][0]
        is_kind = array.dtype.kind == "S" if kind == "S" else array.dtype == np.dtype(kind)
        if array.ndim != 1 or not is_kind:
            raise _wrong(folder, name, f"{kind} numbers in one dimension", array)
    counts = _counts(folder, manifest, arrays)
    if len(arrays["goals/price_limits"]) not in (counts["products"], counts["goals"]):
        expected = "one for each product, or for each goal"
        raise _wrong(folder, "goals/price_limits", expected, arrays["goals/price_limits"])
    for name, array in arrays.items():
        of, further = _ARRAYS[name][1:]
        if of and len(array) != counts[of] + further:
            raise _wrong(folder, name, f"{counts[of] + further} numbers", array)
        if array.nbytes > bounds_up_to:
            continue
        if name in _NUMBERS and len(array) and int(array.max()) >= counts[_NUMBERS[name]]:
            raise _wrong(folder, name, f"numbers below {counts[_NUMBERS[name]]}", array)
        if name in _STARTS and not _ascends(array, counts[_STARTS[name]]):
            raise _wrong(folder, name, f"0 to {counts[_STARTS[name]]}, ascending", array)
        if array.dtype.kind == "S" and not _are_texts(array):
            raise _wrong(folder, name, "texts in UTF-8", array)


def _counts(
    folder: Path, manifest: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> dict[str, int]:
    groups = read_json(folder / "catalogue" / "groups.json")
    if not isinstance(groups, dict) or not all(
        isinstance(groups.get(name), list) for name in ("queries", "categories")
    ):
        raise ShopError(f"{folder / 'catalogue' / 'groups.json'}: expected lists of kinds")
    bytes_of = {
        name: (folder / name).stat().st_size
        for name in ("catalogue/products.bin", "index/terms.bin")
    }
    return {
        "products": manifest["products"],
        "goals": manifest["goals"],
        "postings": len(arrays["index/documents"]),
        "terms": len(arrays["index/starts"]) - 1,
        "piece terms": len(arrays["index/piece_terms"]),
        **{name: len(groups[name]) for name in ("queries", "categories")},
        **bytes_of,
    }


def _ascends(array: np.ndarray, end: int) -> bool:
    return bool(
        len(array) and array[0] == 0 and array[-1] == end and (array[1:] >= array[:-1]).all()
    )


def _are_texts(array: np.ndarray) -> bool:
    try:
        for each in array.tolist():
            each.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wrong(folder: Path, name: str, expected: str, array: np.ndarray) -> ShopError:
    return ShopError(
        f"{folder / name}.npy: expected {expected}, got others ({array.dtype}, {array.shape})"
    )
