"""Writing a changed shop folder anew: afterwards it is as if it had just been built."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shopwright.catalogue.attributes import derive_packed
from shopwright.catalogue.import_report import REPORT_NAME
from shopwright.catalogue.layouts.description import SHOPWRIGHT
from shopwright.catalogue.packed import PackedProducts
from shopwright.catalogue.product import Product
from shopwright.errors import ShopError
from shopwright.files import link_or_copy
from shopwright.folders import put_folder
from shopwright.locks import locked
from shopwright.shop.build import Progress, partial_folder, untold, write_shop
from shopwright.shop.changes import LOG_NAME, Log
from shopwright.shop.history import PRODUCTS, write_history
from shopwright.shop.manifest import read_manifest
from shopwright.shop.nouns import NounTagger, WordTagger, tagger_for
from shopwright.shop.shop import Shop
from shopwright.shop.writers import COMPACT, clean_up, identity_of


def compact_shop(
    folder: Path, *, tagger: NounTagger | None = None, progress: Progress | None = None
) -> Shop:
    """Build a shop folder anew of its products as they are now, and open it.

    Changed products stand where they stood, new ones come last, removed ones are gone; attributes
    and requests that were derived are derived again. The files that the manifest lists are then
    those of a fresh build of the same products, byte for byte. The log stays in ``history/``.
    Meanwhile others may change the shop: what they do stays in the new folder's log.

    Args:
        folder: the shop's. Without changes nothing is done.
        tagger: finds the nouns of titles; if None the shop's own, or else the best that is
            installed.
        progress: as of :func:`~shopwright.shop.build.build_shop`.

    Raises:
        MissingFileError, ShopError: there is no shop.
        InputError: another process compacts it, or does not let go of it.
        ShopError: the folder was built anew meanwhile, or its log is damaged.
        CatalogueError: no product is left.
    """
    folder = folder.resolve()
    read_manifest(folder)
    with locked(folder):
        clean_up(folder)
    identity = identity_of(folder)
    shop = Shop.open(folder)
    report = progress or untold
    if not _has_changes(shop):
        return shop
    with partial_folder(folder, COMPACT) as partial:
        source = shop.manifest["source"]
        new = write_shop(
            partial,
            _products(shop, source),
            tagger or _tagger(shop),
            source,
            total=len(shop.catalogue),
            report=report,
        )
        with locked(folder):
            if identity_of(folder) != identity:
                raise ShopError(f"{folder}: expected it to stay as it is, got one built meanwhile")
            _write_logs(folder, new, shop)
            put_folder(new, folder)
        report("merging", 4, 4)
    return Shop.open(folder)


def _has_changes(shop: Shop) -> bool:
    log = Log(shop.folder)
    log.read()
    return log.number > log.after


def _tagger(shop: Shop) -> NounTagger:
    """The tagger that the shop was built with; of a table's, what a build would take."""
    if shop.manifest["nouns"] == WordTagger().name:
        return WordTagger()
    titles = (product.title for product in shop.catalogue) if _is_table(shop) else ()
    return tagger_for(titles)[0]


def _is_table(shop: Shop) -> bool:
    """Whether attributes and requests were derived of all products together."""
    source: dict[str, Any] = shop.manifest["source"]
    is_table: bool = source.get("kind") == "table"
    return is_table and source.get("layout") != SHOPWRIGHT


def _products(shop: Shop, source: dict[str, Any]) -> Iterable[Product]:
    """The products of a shop, as a build would get them."""
    is_table = _is_table(shop)
    if not is_table and not _has_new_texts(shop):
        return iter(shop.catalogue)
    # A table's products were derived all together; of others, those that were changed since.
    derived = PackedProducts(p.given if is_table or _is_open(p) else p for p in shop.catalogue)
    brands = {*filter(None, derived.values("brand"))}
    derive_packed(derived, brands=brands, seed=int(source.get("seed", 0)))
    if is_table:
        return derived
    pairs = zip(shop.catalogue, derived, strict=True)
    return (new if _is_open(old) else old for old, new in pairs)


def _has_new_texts(shop: Shop) -> bool:
    return any(map(_is_open, shop.catalogue))


def _is_open(product: Product) -> bool:
    """Whether a product has provisional attributes, and no request yet."""
    return "attributes" in product.derived and product.instruction is None


def _write_logs(folder: Path, new: Path, shop: Shop) -> None:
    """Write what the manifest does not list: the logs, old and new, and the import's report."""
    log = Log(folder)
    log.read()
    products_sha256 = shop.manifest["files"][PRODUCTS]["sha256"]
    old_log = write_history(folder, new, products_sha256, shop.changes)
    log.copy(old_log, up_to=shop.changes)
    log.copy(new / LOG_NAME, after=shop.changes)
    if (folder / REPORT_NAME).is_file():
        link_or_copy(folder / REPORT_NAME, new / REPORT_NAME)
