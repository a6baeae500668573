"""The notebooks run from top to bottom, in their quick forms."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tiny_model_folder, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("SHOPWRIGHT_QUICK", "1")
    monkeypatch.setenv("SHOPWRIGHT_LANGUAGE_MODEL", str(tiny_model_folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # spaCy takes seconds to load; without it the fallback finds the nouns.
    monkeypatch.setitem(sys.modules, "spacy", None)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in cells), "commit notebooks without outputs"
    names = {"__name__": "notebook"}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name}, cell {number}", "exec"), names)


def test_there_are_three_notebooks():
    assert len(NOTEBOOKS) == 3
