"""A shop folder's manifest: what it is, where it came from, and its files with their checksums."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopwright.errors import InputError, MissingFileError, ShopError
from shopwright.files import read_json, sha256, write_json
from shopwright.shop.contents import check_names

FORMAT = "shopwright shop"
FORMAT_VERSION = 5
# Larger files are checked by size when a shop is opened, by content when it is verified.
CHECKED_BYTES = 32 << 20
_KINDS: dict[type, str] = {int: "a whole number", str: "a text", dict: "an object"}
_FIELDS: dict[str, type] = {
    "products": int,
    "currency": str,
    "goals": int,
    "human_goals": int,
    "nouns": str,
    "source": dict,
    "files": dict,
}


def write_manifest(folder: Path, **described: Any) -> None:
    """Write the manifest of a folder that has all its files.

    Args:
        folder: the shop's.
        described: what else the manifest says, JSON types.
    """
    manifest = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        **described,
        "files": listed(folder),
    }
    write_json(folder / "manifest.json", manifest)


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the files of a folder, by their paths within, with their sizes and checksums."""
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(path for path in folder.rglob("*") if path.is_file())
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a shop folder.

    Raises:
        MissingFileError: there is no such folder.
        ShopError: it is no shop folder, or of another version.
    """
    if not folder.exists():
        raise MissingFileError(f"{folder}: expected a shop folder, found nothing")
    path = folder / "manifest.json"
    if not path.is_file():
        raise ShopError(f"{folder}: expected a shop folder with a manifest.json, found none")
    try:
        manifest = read_json(path)
    except InputError as error:
        raise ShopError(str(error)) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ShopError(f"{path}, field format: expected {FORMAT!r}")
    if manifest.get("version") != FORMAT_VERSION:
        raise ShopError(
            f"{path}, field version: expected {FORMAT_VERSION}, got {manifest.get('version')!r}; "
            "build the shop again with this version of shopwright"
        )
    for name, kind in _FIELDS.items():
        value = manifest.get(name)
        if type(value) is not kind:
            raise ShopError(f"{path}, field {name}: expected {_KINDS[kind]}, got {value!r:.60}")
    files = manifest["files"]
    if not all(map(_is_entry, files.values())):
        raise ShopError(f"{path}, field files: expected file names with their bytes and sha256")
    check_names(path, files)
    return manifest


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and type(entry.get("bytes")) is int
        and isinstance(entry.get("sha256"), str)
    )


def check_file(path: Path, expected: Mapping[str, Any], *, verify: bool) -> None:
    """Check a file against its entry in the manifest: its size, and its content if it is not large
    or ``verify`` is true.

    Raises:
        ShopError: it is missing or another.
    """
    if path.is_symlink() or not path.is_file():
        raise ShopError(f"{path}: expected a file of the shop, found none, or something else")
    size = path.stat().st_size
    if size != expected["bytes"]:
        raise ShopError(f"{path}: expected {expected['bytes']} bytes as built, got {size}")
    if (verify or size <= CHECKED_BYTES) and sha256(path) != expected["sha256"]:
        raise ShopError(f"{path}: expected the content as built, got another (sha256 differs)")
