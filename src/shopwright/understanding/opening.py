"""A shop's vocabulary, opened where it is kept beside the shop, else learned from its products."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from shopwright.catalogue.storage import Catalogue
from shopwright.errors import InputError
from shopwright.files import read_json, replacing_folder
from shopwright.understanding.vocabulary import (
    FORMAT_VERSION,
    Counts,
    Vocabulary,
    write_vocabulary,
)

# Vocabularies of fewer products are learned each time: in less than a second.
_KEPT_FROM = 2_000


def open_vocabulary(catalogue: Catalogue) -> Vocabulary:
    """Return the vocabulary of a catalogue as it was written.

    What was changed since counts when the shop is compacted; the words of few products among many
    change little.
    """
    base = catalogue.base
    source = _source(base.folder)
    kept = base.folder.parent / "understanding"
    if _is_of(kept, source):
        return Vocabulary(kept, len(base))
    counts = Counts()
    counts.add(enumerate(base))
    if len(base) >= _KEPT_FROM:
        try:
            with replacing_folder(kept) as folder:
                write_vocabulary(counts, folder, source)
            return Vocabulary(kept, len(base))
        except OSError:  # A folder that cannot be written into.
            pass
    folder = Path(tempfile.mkdtemp(prefix="shopwright-understanding-"))
    try:
        write_vocabulary(counts, folder, source)
        return Vocabulary(folder, len(base))
    finally:
        shutil.rmtree(folder)  # What is mapped stays.


def _source(folder: Path) -> dict[str, Any]:
    """What a vocabulary was made from: another file of products makes another."""
    about = (folder / "products.bin").stat()
    return {"bytes": about.st_size, "changed_ns": about.st_mtime_ns}


def _is_of(kept: Path, source: dict[str, Any]) -> bool:
    try:
        about = read_json(kept / "vocabulary.json")
    except InputError:
        return False
    return bool(about.get("format") == FORMAT_VERSION and about.get("source") == source)
