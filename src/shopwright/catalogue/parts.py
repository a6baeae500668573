"""A catalogue on its way to disk: written part by part, then merged.

A part holds consecutive products. Its files exist until they are merged:
    products.bin, offsets.npy: as a catalogue's, see storage.py.
    asins.npy: fixed-width bytes: the asins in the order of the products.
    queries.npy, categories.npy, groups.json: as a catalogue's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import read_array, write_array
from shopwright.errors import CatalogueError
from shopwright.files import read_json, replacing, write_json

_GROUPS = ("queries", "categories")


def encoded(product: Product, value: Any) -> bytes:
    """Return a value of a product as a line of JSON.

    Raises:
        CatalogueError: a text is not valid Unicode.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise CatalogueError(
            f"product {product.asin!r}: expected texts of valid Unicode, got: {error}"
        ) from None


def gather_products(folder: Path, products: Iterable[Product]) -> None:
    """Write a part.

    Args:
        folder: where to write; made if need be.
        products: what it holds, at least one.

    Raises:
        CatalogueError: a text is not valid Unicode.
    """
    offsets = [0]
    asins: list[bytes] = []
    groups: dict[str, dict[str, int]] = {name: {} for name in _GROUPS}
    numbers: dict[str, list[int]] = {name: [] for name in _GROUPS}
    with replacing(folder / "products.bin") as file:
        for product in products:
            listing = encoded(product, [product.asin, product.title, product.price_tag])
            record = encoded(product, product)
            file.write(listing)
            file.write(record)
            offsets.append(offsets[-1] + len(listing) + len(record))
            asins.append(product.asin.encode())
            for name, group in zip(_GROUPS, (product.query, product.category), strict=True):
                numbers[name].append(groups[name].setdefault(group, len(groups[name])))
    write_array(folder / "offsets.npy", np.array(offsets, dtype=np.uint64))
    write_array(folder / "asins.npy", np.array(asins, dtype=bytes))
    for name in _GROUPS:
        write_array(folder / f"{name}.npy", np.array(numbers[name], dtype=np.uint32))
    write_json(folder / "groups.json", {name: [*groups[name]] for name in _GROUPS})


def merge_products(folder: Path, parts: Sequence[Path]) -> None:
    """Write the catalogue of all parts' products, in their order.

    Args:
        folder: where to write; it exists.
        parts: where :func:`gather_products` wrote, at least one.

    Raises:
        CatalogueError: two products share an asin.
    """
    with replacing(folder / "products.bin") as file:
        for part in parts:
            with (part / "products.bin").open("rb") as own:
                shutil.copyfileobj(own, file, 1 << 20)
    offsets = [np.zeros(1, dtype=np.uint64)]
    for part in parts:
        offsets.append(read_array(part / "offsets.npy")[1:] + offsets[-1][-1])
    write_array(folder / "offsets.npy", np.concatenate(offsets))
    _write_asins(folder, np.concatenate([read_array(part / "asins.npy") for part in parts]))
    _write_groups(folder, parts)


def _write_asins(folder: Path, asins: np.ndarray) -> None:
    rows = np.argsort(asins, kind="stable")
    ordered = asins[rows]
    repeated = np.flatnonzero(ordered[1:] == ordered[:-1])
    if repeated.size:
        asin = ordered[repeated[0]].decode()
        raise CatalogueError(f"{folder}: expected each asin once, got {asin!r} twice")
    write_array(folder / "asins.npy", ordered)
    write_array(folder / "rows.npy", rows.astype(np.uint32))
    ranks = np.empty(len(rows), dtype=np.uint32)
    ranks[rows] = np.arange(len(rows), dtype=np.uint32)
    write_array(folder / "ranks.npy", ranks)


def _write_groups(folder: Path, parts: Sequence[Path]) -> None:
    groups: dict[str, dict[str, int]] = {name: {} for name in _GROUPS}
    numbers: dict[str, list[np.ndarray]] = {name: [] for name in _GROUPS}
    for part in parts:
        own = read_json(part / "groups.json")
        for name in _GROUPS:
            known = groups[name]
            merged = [known.setdefault(group, len(known)) for group in own[name]]
            numbers[name].append(np.array(merged, np.uint32)[read_array(part / f"{name}.npy")])
    for name in _GROUPS:
        write_array(folder / f"{name}.npy", np.concatenate(numbers[name]))
    write_json(folder / "groups.json", {name: [*groups[name]] for name in _GROUPS})
