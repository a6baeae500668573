"""Shops built from WebShop's own files: once for each content of the files, then kept."""

from __future__ import annotations

import hashlib
import math
import os
import sys
from functools import lru_cache
from pathlib import Path

from shopwright.catalogue.webshop import read_webshop
from shopwright.errors import MissingFileError
from shopwright.files import sha256
from shopwright.locks import locked
from shopwright.shop.manifest import FORMAT_VERSION
from shopwright.shop.nouns import best_tagger
from shopwright.shop.shop import Shop, build_shop

# Names the folder of what is kept, where the platform's own is not wanted.
CACHE_VARIABLE = "SHOPWRIGHT_CACHE"


def cache_folder() -> Path:
    """Return the folder in which built shops are kept: the one that ``SHOPWRIGHT_CACHE`` names, or
    ``shopwright`` in the platform's folder for caches."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "shopwright"
    variable, default = "XDG_CACHE_HOME", Path.home() / ".cache"
    if sys.platform == "win32":
        variable, default = "LOCALAPPDATA", Path.home() / "AppData" / "Local"
    return Path(os.environ.get(variable) or default) / "shopwright"


def beside(items: Path, kind: str) -> Path | None:
    """Return the file of attributes ("items_ins_v2") or of people's requests ("items_human_ins")
    that belongs to a file of products; None if there is none.

    Source: WebShop's and its forks' ``data`` folders: a name for all sizes, one with the size of
    the products' file, both beside it or one folder up.
    """
    same_size = items.name.replace("items_shuffle", kind)
    names = [same_size, f"{kind}.json"]
    if kind == "items_human_ins":
        names.reverse()  # The original reads the file for all sizes, whatever the products' size.
    for folder in (items.parent, items.parent.parent):
        for name in names:
            path = folder / name
            if path != items and path.is_file():
                return path
    return None


def shop_of_files(
    items: Path, attributes: Path | None = None, num_products: int | None = None
) -> Shop:
    """Return the shop of WebShop's files, built if it was not yet.

    Processes that ask for the same shop at the same time build it once; the others wait.

    Args:
        items: the file of products, ``items_shuffle*.json``.
        attributes: the file of attributes, ``items_ins_v2*.json``; None for the one beside.
        num_products: how many products to read; None for all.
    """
    if not items.is_file():
        raise MissingFileError(f"{items}: expected WebShop's file of products, found nothing")
    attributes = attributes or beside(items, "items_ins_v2")
    if attributes is None or not attributes.is_file():
        raise MissingFileError(
            f"{attributes or items.parent}: expected WebShop's file of attributes, "
            f"{items.name.replace('items_shuffle', 'items_ins_v2')}, beside {items.name} or as "
            "attr_path=, found none"
        )
    human = beside(items, "items_human_ins")
    paths = [items, attributes, *([human] if human else [])]
    states = [(path.resolve(), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return _shop_of(tuple(states), num_products)


@lru_cache(maxsize=16)
def _shop_of(states: tuple[tuple[Path, int, int], ...], num_products: int | None) -> Shop:
    """The shop of files in these states; within a process, environments share it."""
    items, attributes, *human = (path for path, *_ in states)
    tagger, _ = best_tagger()
    digest = hashlib.sha256(f"{FORMAT_VERSION} {tagger.name} {num_products}".encode())
    for path in (items, attributes, *human):
        digest.update(sha256(path).encode())
    folder = cache_folder() / "shops" / digest.hexdigest()[:32]
    if not (folder / "manifest.json").is_file():
        with locked(folder, to="make", wait_seconds=math.inf):
            if not (folder / "manifest.json").is_file():
                products = read_webshop(items, attributes, *human, limit=num_products)
                source = {"kind": "webshop", "items": items.name, "attributes": attributes.name}
                build_shop(products, folder, source=source, tagger=tagger)
    return Shop.open(folder)


def shop_of_folder(folder: Path) -> Shop:
    """Return the shop of a folder; within a process, environments share it."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return Shop.open(folder)  # Which says what is wrong.
    return _opened(folder.resolve(), manifest.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _opened(folder: Path, manifest_mtime_ns: int) -> Shop:
    del manifest_mtime_ns  # Tells a shop from one that has taken its place.
    return Shop.open(folder)
