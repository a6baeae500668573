"""The folder of a language model, looked at before transformers reads it: it may be a stranger's.

What is named in ``config.json`` is made before the weights are compared with it, so that a few
digits could take all memory. Weights that are pickled could run anything, and are never read.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from shopwright.errors import InputError
from shopwright.files import read_json

WEIGHTS = ".safetensors"
MOST_FILES = 1_000
# Of the files that are read besides the weights; the largest vocabularies take some 30 MB.
TEXTS, MOST_TEXT_BYTES = (".jinja", ".json", ".model", ".txt"), 128 << 20
# More layers or experts than any model has: they are made one by one.
MOST_PARTS = 10_000
# How many numbers a model may have for each that is in its files, those aside that any may make.
MOST_GROWTH, ALWAYS_ALLOWED = 2, 50_000_000


def check_files(folder: Path) -> None:
    """Make sure that a folder has regular files only, none of them too large to be read.

    Raises:
        InputError: it has others, too many, or changes to a model that lies elsewhere.
    """
    names = sorted(path for path in folder.iterdir() if not path.is_dir())
    if len(names) > MOST_FILES:
        raise InputError(f"{folder}: expected at most {MOST_FILES:,} files, got {len(names):,}")
    for path in names:
        # Of a link, what it leads to: the cache of huggingface.co is made of links.
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path}: expected a regular file, got a device or a pipe")
        if path.suffix in TEXTS and found.st_size > MOST_TEXT_BYTES:
            raise InputError(
                f"{path}: expected at most {MOST_TEXT_BYTES:,} bytes, got {found.st_size:,}"
            )
    if (folder / "adapter_config.json").exists():
        raise InputError(
            f"{folder}: expected a whole model, got changes to another (adapter_config.json); "
            "merge them into it and save that"
        )


def check_sizes(folder: Path, kind: str) -> None:
    """Make sure that a model is no larger than its weights are.

    Args:
        kind: the class of transformers that opens it.

    Raises:
        InputError: it has no weights that can be read, or ``config.json`` names a larger model.
        Exception: anything that transformers raises at such a configuration.
    """
    import transformers

    path = folder / "config.json"
    named = read_json(path)
    for name, value in _numbers(named, ""):
        if value > MOST_PARTS and ("layer" in name or "expert" in name):
            raise InputError(f"{path}, {name}: expected at most {MOST_PARTS:,}, got {value:,}")
    stored = sum(map(_stored, sorted(folder.glob(f"*{WEIGHTS}"))))
    if not stored:
        raise InputError(f"{folder}: expected weights in *{WEIGHTS} (pickled ones are not read)")
    config = transformers.AutoConfig.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    with torch.device("meta"):
        network = getattr(transformers, kind).from_config(config, trust_remote_code=False)
    needed = sum(each.numel() for each in (*network.parameters(), *network.buffers()))
    if needed > MOST_GROWTH * stored + ALWAYS_ALLOWED:
        raise InputError(f"{path}: expected a model of {stored:,} numbers, got {needed:,}")


def check_whole(tokenizer: Any, network: Any, missing: Iterable[str]) -> None:
    """Make sure that an opened model has its weights, which would else be drawn by chance, and one
    for each token. What encoders pool with is used by nobody here.

    Args:
        missing: the names of the weights that were in no file.

    Raises:
        InputError: it has not.
    """
    without = sorted(name for name in missing if "pooler" not in name)
    if without:
        raise InputError(f"it has no weights for {without[0]}, nor for {len(without) - 1} others")
    tokens, rows = len(tokenizer), network.get_input_embeddings().weight.shape[0]
    if tokens > rows:
        raise InputError(f"its tokenizer has {tokens:,} tokens, the model {rows:,}")


def _stored(path: Path) -> int:
    """How many numbers a file of weights has, by its head."""
    total = 0
    with safe_open(path, framework="pt") as weights:
        for name in weights.keys():  # noqa: SIM118 (it is no mapping)
            count = 1
            for size in weights.get_slice(name).get_shape():
                count *= size
            total += count
    return total


def _numbers(value: Any, name: str) -> Iterator[tuple[str, int]]:
    """The whole numbers of a JSON value, with the names that they stand under."""
    if isinstance(value, dict):
        for each, within in value.items():
            yield from _numbers(within, each)
    elif isinstance(value, list):
        for within in value:
            yield from _numbers(within, name)
    elif isinstance(value, int):
        yield name, value
