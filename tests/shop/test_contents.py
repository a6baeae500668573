"""Shop folders of strangers: each is opened, or refused in one line that names what is wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.catalogue.generate import generate_products
from shopwright.errors import InputError
from shopwright.files import read_json, write_json
from shopwright.shop.contents import FILES
from shopwright.shop.manifest import listed
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "shop"
    build_shop(generate_products(6), folder, source={}, tagger=WordTagger())
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "shop"))


def seal(folder: Path) -> None:
    """Make the manifest one of what is there, as a stranger would."""
    manifest = read_json(folder / "manifest.json")
    (folder / "manifest.json").unlink()
    write_json(folder / "manifest.json", {**manifest, "files": listed(folder)})


def refused(folder: Path, named: str, *, verify: bool = False) -> None:
    with pytest.raises(InputError) as caught:
        Shop.open(folder, verify=verify)
    assert "\n" not in str(caught.value)
    assert named in str(caught.value)


def array(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        np.save(folder / name, change(np.load(folder / name)))

    return tamper


def text(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def huge(folder: Path) -> None:
    path = folder / "index" / "documents.npy"
    header = {"descr": "<u4", "fortran_order": False, "shape": (1 << 40,)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)


@pytest.mark.parametrize(
    ("named", "tamper"),
    [
        ("documents.npy", huge),
        ("rows.npy", array("catalogue/rows.npy", lambda a: a + 6)),
        ("offsets.npy", array("catalogue/offsets.npy", lambda a: a[::-1])),
        ("offsets.npy", array("catalogue/offsets.npy", lambda a: a * 1_000_000)),
        ("ranks.npy", array("catalogue/ranks.npy", lambda a: a.astype(np.float32))),
        ("ranks.npy", array("catalogue/ranks.npy", lambda a: a.reshape(2, 3))),
        ("asins.npy", array("catalogue/asins.npy", lambda a: a[:-1])),
        ("asins.npy", array("catalogue/asins.npy", lambda a: np.char.add(a, b"\x80"))),
        ("starts.npy", array("index/starts.npy", lambda a: -a)),
        ("piece_terms.npy", array("index/piece_terms.npy", lambda a: a + 4_000_000_000)),
        ("products.npy", array("goals/products.npy", lambda a: a + 100)),
        ("price_limits.npy", array("goals/price_limits.npy", lambda a: a[:3])),
        ("queries.npy", text("catalogue/queries.npy", b"")),
        ("groups.json", text("catalogue/groups.json", b"[]")),
        ("index.json", text("index/index.json", b"{")),
        ("shop", text("index/index.json", b"{}")),
        ("shop", text("goals/splits.json", b'{"other": 1}')),
    ],
)
def test_a_tampered_file_is_refused(
    named: str, tamper: Callable[[Path], None], folder: Path
) -> None:
    tamper(folder)
    seal(folder)
    refused(folder, named)


def test_products_and_goals_that_cannot_be_are_found_by_verifying(folder: Path) -> None:
    path = folder / "catalogue" / "products.bin"
    path.write_bytes(path.read_bytes().replace(b'"title"', b'"tilte"'))
    seal(folder)
    refused(folder, "shop", verify=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: {**m, "files": {}},
        lambda m: {**m, "files": {**m["files"], "../../secret": {"bytes": 1, "sha256": ""}}},
        lambda m: {**m, "files": {name: m["files"][name] for name in [*m["files"]][1:]}},
        lambda m: {**m, "products": -1},
        lambda m: {**m, "products": "6"},
        lambda m: {**m, "products": 2**62},
        lambda m: {**m, "source": None},
        lambda m: {name: m[name] for name in m if name != "currency"},
    ],
)
def test_a_manifest_that_no_build_writes_is_refused(
    change: Callable[[dict[str, Any]], dict[str, Any]], folder: Path
) -> None:
    write_json(folder / "manifest.json", change(read_json(folder / "manifest.json")))
    refused(folder, "shop")


@pytest.mark.parametrize("name", ["manifest.json", "index/terms.bin"])
def test_what_is_no_plain_file_is_not_read(name: str, folder: Path) -> None:
    content = (folder / name).rename(folder.parent / "content")
    os.mkfifo(folder / name)  # Whoever reads it waits for ever.
    refused(folder, name)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    refused(folder, name)
    if name != "manifest.json":
        (folder / name).unlink()
        (folder / name).symlink_to(content)
        refused(folder, name)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(sorted(FILES - {"goals/asked.npy"})), data=st.data())
def test_any_bytes_are_opened_or_refused(built: Path, name: str, data: st.DataObject) -> None:
    content = bytearray((built / name).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1), label="at")
    content[at : at + 8] = data.draw(st.binary(max_size=16), label="bytes")
    folder = built.parent / "fuzzed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(built, folder)
    (folder / name).write_bytes(content)
    seal(folder)
    try:
        shop = Shop.open(folder, verify=True)
    except InputError as error:
        refusal = str(error)
    else:
        shop.search("red shoes")
        refusal = ""
    assert "\n" not in refusal
