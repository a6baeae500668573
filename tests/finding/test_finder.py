"""The candidates for a request, by words and by meaning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import open_states
from shopwright.finding.finder import DENSE_WEIGHT, Candidates, Finder, dense_weight, open_finder
from shopwright.shop.changes import Change
from shopwright.shop.compact import compact_shop
from shopwright.shop.living import LivingShop
from shopwright.shop.shop import Shop
from shopwright.understanding.request import ParsedRequest
from tiny import build_tiny_shop, tiny_products


@pytest.fixture
def living(tmp_path: Path) -> LivingShop:
    build_tiny_shop(tmp_path / "shop")
    return LivingShop.open(tmp_path / "shop")


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> LanguageModel:
    return LanguageModel(str(tiny_model_folder), precision="float32")


def finder_of(shop: Shop, model: LanguageModel) -> Finder:
    return open_finder(shop, states=open_states(shop, model), model=model)


def same(one: Candidates, other: Candidates) -> bool:
    pairs = [(one.rows, other.rows), (one.scores, other.scores)]
    pairs += [(one.parts[name], other.parts[name]) for name in one.parts]
    return all(np.array_equal(a, b) for a, b in pairs)


def test_all_retrievers_judge_every_candidate(living: LivingShop, model: LanguageModel) -> None:
    finder = finder_of(living.shop, model)
    found = finder.candidates("dishwasher safe mug")
    assert found.rows[0] == 1
    assert sorted(found.rows.tolist()) == [0, 1, 2]
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    assert {*found.parts} == {"fields", "dense", "memory"}
    assert all(part.dtype == np.float32 and len(part) == 3 for part in found.parts.values())
    assert found.parts["fields"].argmax() == 0
    assert same(found, finder.candidates("dishwasher safe mug"))
    assert finder.candidates("dishwasher safe mug", limit=1).rows.tolist() == [1]


def test_vectors_count_less_for_the_shortest_requests() -> None:
    assert 0 < dense_weight(1) < dense_weight(2) < dense_weight(9) == DENSE_WEIGHT


def test_how_like_products_are_to_others(living: LivingShop, model: LanguageModel) -> None:
    finder = finder_of(living.shop, model)
    found = finder.likeness([0, 1], [1])
    assert found is not None
    assert found[1] == pytest.approx(1.0, abs=1e-5)
    assert found[0] < found[1]
    assert open_finder(living.shop).likeness([0], [1]) is None


def test_misspelt_words_find_and_unknown_ones_do_not_end_in_nothing(
    living: LivingShop, model: LanguageModel
) -> None:
    finder = finder_of(living.shop, model)
    assert finder.candidates("dishwaser saffe").rows[0] == 1
    assert finder.candidates("dish washer").rows[0] == 1
    assert len(finder.candidates("xylophone").rows) == 3


def test_what_was_bought_for_such_requests_is_a_candidate(
    living: LivingShop, model: LanguageModel
) -> None:
    found = finder_of(living.shop, model).candidates("lead free mug", 2, remembered=[2, 1])
    assert sorted(found.rows.tolist()) == [1, 2]
    assert dict(zip(found.rows.tolist(), found.parts["memory"].tolist(), strict=True)) == {
        2: 1.0, 1: 0.5,
    }  # fmt: skip


def test_of_a_parsed_request_its_search_text_counts(
    living: LivingShop, model: LanguageModel
) -> None:
    finder = finder_of(living.shop, model)
    parsed = ParsedRequest(text="mug, not lead free, hand painted", search_text="mug hand painted")
    assert same(finder.candidates(parsed), finder.candidates("mug hand painted"))


def test_changed_products_are_found_and_removed_ones_are_not(
    living: LivingShop, model: LanguageModel
) -> None:
    finder = finder_of(living.shop, model)
    first, second, third = tiny_products()
    kettle = replace(third, asin="NEW", title="Steel Kettle", attributes=("steel kettle",))
    changed = replace(second, title="Glass Bowl", query="bowls", attributes=("glass bowl",))
    shop = living.apply([Change.put(kettle), Change.put(changed), Change(first.asin)], by="x")
    moved = finder.at(shop.catalogue)
    removed, before = 0, 1
    for request in ("steel kettle", "glass bowl", "lead free coffee mug", "mug"):
        rows = moved.candidates(request).rows.tolist()
        assert not {removed, before} & {*rows}
    assert moved.candidates("steel kettle").rows[0] == shop.catalogue.row_of("NEW")
    assert moved.candidates("glass bowl").rows[0] == shop.catalogue.row_of(second.asin)
    # Once the model has read them, the vectors find them too.
    row = shop.catalogue.row_of("NEW")
    assert row is not None
    parts = moved.candidates("kettle").parts
    assert parts["dense"][0] == parts["fields"][0]
    open_states(shop, model)
    moved._states.product(row)  # type: ignore[union-attr]
    assert moved.candidates("kettle").parts["dense"][0] > -1.0
    # The finder of before is as it was.
    assert {*finder.candidates("mug").rows.tolist()} == {0, 1, 2}


def test_a_compacted_shop_finds_as_one_that_was_built_of_the_same(
    living: LivingShop, model: LanguageModel, tmp_path: Path
) -> None:
    finder_of(living.shop, model)
    folder = living.shop.folder
    third = tiny_products()[2]
    living.apply([Change.put(replace(third, title="Steel Kettle"))], by="x")
    compacted = compact_shop(folder)
    found = finder_of(compacted, model).candidates("steel kettle")
    for name in ("fields", "words"):
        (kept,) = (folder / name).iterdir()
        assert kept.is_dir()
    assert compacted.catalogue[int(found.rows[0])].title == "Steel Kettle"


def test_of_a_large_shop_the_vectors_of_what_has_the_words_are_compared(
    living: LivingShop, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.finding.dense.FLOAT_PRODUCTS", 1)
    monkeypatch.setattr("shopwright.finding.finder.COMPARED", 1)
    finder = finder_of(living.shop, model)
    found = finder.candidates("dishwasher safe mug")
    by_row = dict(zip(found.rows.tolist(), found.parts["dense"].tolist(), strict=True))
    assert by_row.pop(1) > -1.0
    assert {*by_row.values()} == {-1.0}
