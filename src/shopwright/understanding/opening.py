"""A shop's phrases, opened where they are kept beside the shop, else learned from its products."""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path
from typing import Any

from shopwright.catalogue.storage import Catalogue
from shopwright.errors import InputError
from shopwright.files import read_json
from shopwright.folders import replacing_folder
from shopwright.locks import locked
from shopwright.understanding.phrases import (
    FORMAT_VERSION,
    Counts,
    Phrases,
    write_phrases,
)

# Those of fewer products are learned each time: in less than a second.
_KEPT_FROM = 2_000


def open_phrases(catalogue: Catalogue) -> Phrases:
    """Return the phrases of a catalogue as it was written.

    What was changed since counts when the shop is compacted; the words of few products among many
    change little.
    """
    base = catalogue.base
    source = _source(base.folder)
    kept = base.folder.parent / "understanding"
    if _is_of(kept, source):
        return Phrases(kept, len(base))
    counts = Counts()
    counts.add(enumerate(base))
    if len(base) >= _KEPT_FROM:
        try:
            with locked(kept, wait_seconds=math.inf), replacing_folder(kept) as folder:
                write_phrases(counts, folder, source)
            return Phrases(kept, len(base))
        except OSError:  # A folder that cannot be written into.
            pass
    folder = Path(tempfile.mkdtemp(prefix="shopwright-understanding-"))
    try:
        write_phrases(counts, folder, source)
        return Phrases(folder, len(base))
    finally:
        shutil.rmtree(folder)  # What is mapped stays.


def _source(folder: Path) -> dict[str, Any]:
    """What phrases were learned from: another file of products makes others."""
    about = (folder / "products.bin").stat()
    return {"bytes": about.st_size, "changed_ns": about.st_mtime_ns}


def _is_of(kept: Path, source: dict[str, Any]) -> bool:
    try:
        about = read_json(kept / "phrases.json")
    except InputError:
        return False
    return bool(about.get("format") == FORMAT_VERSION and about.get("source") == source)
