"""Folders of language models from strangers: each fault is one line, soon and in little memory."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from causal_models import tiny_causal_model
from shopwright.encoding import model_folder
from shopwright.encoding.pretrained import load_pretrained
from shopwright.errors import UnavailableError


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model as it should be."""
    folder = tmp_path_factory.mktemp("causal") / "whole"
    tokenizer, network = tiny_causal_model()
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "model"))


def opened(folder: Path) -> Any:
    return load_pretrained("AutoModelForCausalLM", str(folder))[1]


def edit(folder: Path, name: str = "config.json", **changes: Any) -> None:
    record = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**record, **changes}))


def hold_code(folder: Path) -> None:
    (folder / "evil.py").write_text("raise SystemExit('executed')\n")
    edit(folder, model_type="evil", auto_map={"AutoConfig": "evil.E", "AutoModel": "evil.E"})


def pickle_weights(folder: Path) -> None:
    import torch

    weights = folder / "model.safetensors"
    torch.save({"a": torch.zeros(2)}, folder / "pytorch_model.bin")
    weights.unlink()


def replace_by_link(folder: Path, name: str, target: str) -> None:
    (folder / name).unlink()
    (folder / name).symlink_to(target)


def replace_by_pipe(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)


def drop_weights(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    save_file(dict(sorted(weights.items())[:-2]), folder / "model.safetensors", {"format": "pt"})


def add_tokens(folder: Path) -> None:
    edit(folder, "tokenizer_config.json", extra_special_tokens=[f"<{n}>" for n in range(9)])


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "code of its own": (hold_code, "contains custom code"),
    "pickled weights": (pickle_weights, r"expected weights in \*.safetensors"),
    "a pipe": (lambda f: replace_by_pipe(f, "config.json"), "config.json: expected a regular file"),
    "a pipe that nobody reads": (lambda f: replace_by_pipe(f, "x"), "x: expected a regular file"),
    "an endless file": (
        lambda f: replace_by_link(f, "tokenizer.json", "/dev/zero"),
        "tokenizer.json: expected a regular file",
    ),
    "a link to nothing": (
        lambda f: replace_by_link(f, "config.json", "nowhere"),
        "cannot be loaded: .*No such file",
    ),
    "no tokenizer": (
        lambda f: [path.unlink() for path in f.glob("tokenizer*")],
        "cannot be loaded: ",
    ),
    "no configuration": (lambda f: (f / "config.json").unlink(), "config.json: expected a file"),
    "a list as configuration": (
        lambda f: (f / "config.json").write_text("[1, 2]"),
        "cannot be loaded: ",
    ),
    "deep nesting": (
        lambda f: (f / "config.json").write_text("[" * 100_000),
        "config.json, line 1, .*expected JSON",
    ),
    "many layers": (
        lambda f: edit(f, num_hidden_layers=10**9),
        "num_hidden_layers: expected at most 10,000, got 1,000,000,000",
    ),
    "wide layers": (lambda f: edit(f, hidden_size=10**6), r"config.json: expected a model of "),
    "wider than numbers go": (lambda f: edit(f, hidden_size=10**12), "cannot be loaded: "),
    "a large vocabulary": (lambda f: edit(f, vocab_size=10**8), "config.json: expected a model of"),
    "other dimensions": (lambda f: edit(f, hidden_size=64), "cannot be loaded: "),
    "dimensions of none": (lambda f: edit(f, hidden_size=-4), "cannot be loaded: "),
    "words as dimensions": (lambda f: edit(f, hidden_size="many"), "cannot be loaded: "),
    "an unknown type": (lambda f: edit(f, model_type="unknown"), "cannot be loaded: "),
    "an unknown activation": (lambda f: edit(f, hidden_act="unknown"), "cannot be loaded: "),
    "weights cut off": (
        lambda f: os.truncate(f / "model.safetensors", 500),
        "cannot be loaded: ",
    ),
    "weights left out": (drop_weights, "it has no weights for "),
    "tokens without weights": (add_tokens, "its tokenizer has [0-9]+ tokens, the model [0-9]+"),
    "changes to another model": (
        lambda f: (f / "adapter_config.json").write_text("{}"),
        "expected a whole model, got changes to another",
    ),
    "a broken tokenizer": (
        lambda f: (f / "tokenizer.json").write_text('{"version": "1.0", "model": {}}'),
        "cannot be loaded: ",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line(folder: Path, fault: str) -> None:
    spoil, expected = FAULTS[fault]
    spoil(folder)
    with pytest.raises(UnavailableError, match=expected) as raised:
        opened(folder)
    assert "\n" not in str(raised.value)
    assert str(folder) in str(raised.value)


def test_too_many_or_too_large_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folder, "MOST_TEXT_BYTES", 1000)
    (folder / "README.txt").write_text("a" * 1001)
    with pytest.raises(UnavailableError, match=r"README.txt: expected at most 1,000 bytes"):
        opened(folder)
    monkeypatch.setattr(model_folder, "MOST_FILES", 3)
    with pytest.raises(UnavailableError, match="expected at most 3 files"):
        opened(folder)


def test_a_folder_of_links_as_caches_have_it_is_opened(folder: Path, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    for path in folder.iterdir():
        (links / path.name).symlink_to(path)
    (links / "pytorch_model.bin").write_bytes(b"nobody reads this")
    assert opened(links).config.hidden_size == opened(folder).config.hidden_size
