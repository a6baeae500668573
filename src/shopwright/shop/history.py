"""What a shop folder was before it was compacted.

Files of ``SHOP/history/``, which the manifest does not list:
    lineage.json: for each folder that was compacted, oldest first: the SHA-256 of its manifest.json
        and of its products.bin, and the number of the last transaction of its log.
    N.jsonl: the log up to transaction N, which was compacted into the folder that came after.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from shopwright.errors import ShopError
from shopwright.files import link_or_copy, read_json, sha256, write_json

HISTORY = "history"
PRODUCTS = "catalogue/products.bin"


@dataclass(frozen=True)
class Ancestor:
    """A shop folder that was compacted.

    Attributes:
        manifest_sha256, products_sha256: the checksums of these files.
        changes: the number of the last transaction of its log.
    """

    manifest_sha256: str
    products_sha256: str
    changes: int


def ancestors(folder: Path) -> list[Ancestor]:
    """Return what a shop folder was before, oldest first.

    Raises:
        ShopError: the file does not say it.
    """
    path = folder / HISTORY / "lineage.json"
    if not path.is_file():
        return []
    try:
        return [Ancestor(**entry) for entry in read_json(path)]
    except (TypeError, ValueError) as error:
        raise ShopError(f"{path}: expected a list of shop folders, got: {error}") from None


def is_descendant(folder: Path, manifest_sha256: str) -> bool:
    """Whether a shop folder came from another by compactions."""
    return any(each.manifest_sha256 == manifest_sha256 for each in ancestors(folder))


def was_built_as(folder: Path, manifest_sha256: str) -> bool:
    """Whether a shop folder has a manifest, or had it before it was compacted."""
    if sha256(folder / "manifest.json") == manifest_sha256:
        return True
    return is_descendant(folder, manifest_sha256)


def origin_of(folder: Path, products_sha256: str) -> str:
    """Return what names a shop through all compactions: the checksum of its first products.

    Args:
        folder: the shop's.
        products_sha256: the checksum of those that it has now.
    """
    earlier = ancestors(folder)
    return earlier[0].products_sha256 if earlier else products_sha256


def write_history(old: Path, new: Path, products_sha256: str, changes: int) -> Path:
    """Write the history of a folder that takes the place of another, and return where the log of
    that belongs.

    Args:
        old: the folder that was compacted.
        new: what it became.
        products_sha256: the checksum of the old products.
        changes: the number of the last transaction that is in the new folder.
    """
    target = new / HISTORY
    target.mkdir()
    for log in sorted((old / HISTORY).glob("*.jsonl")):
        link_or_copy(log, target / log.name)
    own = Ancestor(sha256(old / "manifest.json"), products_sha256, changes)
    lineage = [asdict(each) for each in (*ancestors(old), own)]
    write_json(target / "lineage.json", lineage)
    return target / f"{changes}.jsonl"
