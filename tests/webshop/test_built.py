"""Shops built from WebShop's files, once for each content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shopwright.errors import InputError, MissingFileError
from shopwright.shop.nouns import WordTagger
from shopwright.webshop import WebAgentTextEnv, built
from shopwright.webshop.built import beside, cache_folder


def item(asin: str, **fields: Any) -> dict[str, Any]:
    return {
        "asin": asin,
        "name": f"Red mug {asin}",
        "full_description": "A mug.",
        "small_description": ["holds coffee"],
        "pricing": "$12.99",
        "images": ["https://example.test/mug.jpg"],
        "product_category": "Home › Kitchen › Mugs",
        "customization_options": {"Color": [{"value": "Red"}, {"value": "Blue"}]},
        "category": "garden",
        "query": "mugs",
        **fields,
    }


def write_data(folder: Path, *, items: str = "items_shuffle.json") -> Path:
    """A data folder as the original's set-up leaves it: three products, five goals."""
    folder.mkdir(parents=True, exist_ok=True)
    asins = ("B000000001", "B000000002", "B000000003")
    attributes = {
        asin: {
            "attributes": ["lead free"],
            "instruction": f"Find me mug number {number}",
            "instruction_attributes": ["lead free"],
        }
        for number, asin in enumerate(asins)
    }
    human = {
        asin: [
            {
                "instruction": f"i want mug {number}.",
                "instruction_attributes": ["lead free"],
                "instruction_options": ["red"],
            }
        ]
        for number, asin in enumerate(asins)
    }
    (folder / items).write_text(json.dumps([item(asin) for asin in asins]))
    (folder / items.replace("shuffle", "ins_v2")).write_text(json.dumps(attributes))
    (folder / "items_human_ins.json").write_text(json.dumps(human))
    return folder / items


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and a tagger that is made in no time."""
    monkeypatch.setenv("SHOPWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(built, "best_tagger", lambda: (WordTagger(), None))
    built._shop_of.cache_clear()
    return tmp_path / "cache"


def test_a_shop_is_built_once_for_each_content(cache: Path, tmp_path: Path) -> None:
    items = write_data(tmp_path / "data")
    first = WebAgentTextEnv("text", file_path=str(items))
    again = WebAgentTextEnv("text", file_path=str(items))
    assert again.server.shop is first.server.shop
    assert first.server.shop.folder.is_relative_to(cache)
    elsewhere = write_data(tmp_path / "copy")
    assert WebAgentTextEnv(file_path=elsewhere).server.shop.folder == first.server.shop.folder
    fewer = WebAgentTextEnv(file_path=items, num_products=2).server.shop
    assert len(fewer.catalogue) == 2
    items.write_text(items.read_text().replace("12.99", "13.99"))
    changed = WebAgentTextEnv(file_path=items).server.shop
    assert changed.product("B000000001").price_dollars == 13.99
    assert len([path for path in (cache / "shops").iterdir() if path.is_dir()]) == 3


def test_processes_that_start_together_build_one_shop(cache: Path, tmp_path: Path) -> None:
    items = write_data(tmp_path / "data")
    code = (
        "import sys; from pathlib import Path\n"
        "from shopwright.shop.nouns import WordTagger\n"
        "from shopwright.webshop import built\n"
        "built.best_tagger = lambda: (WordTagger(), None)\n"
        "print(built.shop_of_files(Path(sys.argv[1])).folder)"
    )
    command = [sys.executable, "-c", code, str(items)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    folders = {worker.communicate()[0].strip() for worker in workers}
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert len(folders) == 1
    left = {path.name for path in (cache / "shops").iterdir()}
    name = Path(folders.pop()).name
    assert left == {name}  # And no temporary folder, and no lock.


def test_files_are_found_under_webshops_names(cache: Path, tmp_path: Path) -> None:
    items = write_data(tmp_path / "data", items="items_shuffle_1000.json")
    human = WebAgentTextEnv("text", file_path=items, human_goals=True)
    assert "i want mug" in human.reset(session=0)[0]
    assert beside(items, "items_ins_v2") == items.with_name("items_ins_v2_1000.json")
    small = items.parent / "small" / items.name  # A fork's folder for this size.
    small.parent.mkdir()
    items.rename(small)
    assert beside(small, "items_human_ins") == items.with_name("items_human_ins.json")
    other = tmp_path / "attributes.json"
    items.with_name("items_ins_v2_1000.json").rename(other)
    with pytest.raises(MissingFileError, match="items_ins_v2_1000.json, beside"):
        WebAgentTextEnv("text", file_path=small)
    env = WebAgentTextEnv("text", file_path=small, attr_path=other)
    assert len(env.server.goals) == 6
    items.with_name("items_human_ins.json").unlink()
    with pytest.raises(InputError, match="requests that people wrote"):
        WebAgentTextEnv("text", file_path=small, attr_path=other, human_goals=True)
    with pytest.raises(MissingFileError, match="file of products"):
        WebAgentTextEnv("text", file_path=tmp_path / "no.json")


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_CACHE", "here")
    assert cache_folder() == Path("here")
    monkeypatch.delenv("SHOPWRIGHT_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "there")
    assert cache_folder() == Path("there", "shopwright")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "shopwright"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path.home() / "Library" / "Caches" / "shopwright"
    assert os.environ.get("SHOPWRIGHT_CACHE") is None
