"""A shop's token states: computed once, kept, opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from shopwright.encoding import token_states as states_module
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_states import FIELDS, ONE
from shopwright.encoding.token_states import (
    StatesConfig,
    TokenStates,
    open_states,
    states_folder,
)
from shopwright.shop.shop import Shop
from tiny import build_tiny_shop


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> LanguageModel:
    return LanguageModel(str(tiny_model_folder), precision="float32")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return build_tiny_shop(tmp_path / "shop")


def arrays(states: TokenStates, shop: Shop) -> list[np.ndarray]:
    found = [states.inverse_document_frequency, states.projection.mean]
    for row in range(len(shop.catalogue)):
        product = states.product(row)
        found += [product.tokens, product.states, product.starts, product.option_starts,
                  product.option_skips]  # fmt: skip
    return found


def same(one: list[np.ndarray], two: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(one, two, strict=True))


def test_states_are_computed_once_and_reopened_as_they_were(
    shop: Shop, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, int]] = []
    first = open_states(shop, model, progress=lambda *call: calls.append(call))
    assert calls
    assert calls[-1][0] == calls[-1][1]
    monkeypatch.setattr(model, "encode", None)
    again = open_states(shop, model)
    assert same(arrays(first, shop), arrays(again, shop))


def test_computing_again_gives_the_same_files(model: LanguageModel, tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        shop = build_tiny_shop(tmp_path / name)
        open_states(shop, model)
        folder = states_folder(shop, model, StatesConfig())
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]


def test_a_killed_computation_leaves_nothing(
    shop: Shop, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states_module, "TEXTS_PER_CHUNK", 4)

    def killed(done: int, total: int) -> None:
        if done > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_states(shop, model, progress=killed)
    assert list((shop.folder / "states").iterdir()) == []
    open_states(shop, model)
    Shop.open(shop.folder, verify=True)  # A shop with states beside it is still the shop.


def test_another_model_or_setting_has_states_of_its_own(
    shop: Shop, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = states_folder(shop, model, StatesConfig())
    short = StatesConfig(title_tokens=2, dimensions=8)
    assert states_folder(shop, model, short) != usual
    open_states(shop, model)
    few = open_states(shop, model, short)
    assert few.product(0).states.shape[1] == 8
    assert few.product(0).starts[1] == 2
    monkeypatch.setitem(model.__dict__, "checksum", "another")
    assert states_folder(shop, model, StatesConfig()) != usual


def fields_of(shop: Shop, row: int) -> Iterator[tuple[str, list[str]]]:
    product = shop.catalogue[row]
    yield "title", [product.title]
    yield "bullets", [" ".join(product.bullets)]
    yield "description", [product.description]
    narrowest = product.product_category.split("›")[-1].strip()
    yield "kind", [" . ".join([product.query, narrowest, *product.attributes])]
    options = [f"{group}: {value}" for group, values in product.options.items() for value in values]
    yield "options", options


def test_a_products_states_are_those_of_its_texts_but_for_rounding(
    shop: Shop, model: LanguageModel
) -> None:
    states = open_states(shop, model)
    for row in range(len(shop.catalogue)):
        product = states.product(row)
        for number, (name, texts) in enumerate(fields_of(shop, row)):
            encoded = list(model.encode(texts, limits=[256] * len(texts)))
            tokens = np.concatenate([text.tokens for text in encoded])
            inside = slice(product.starts[number], product.starts[number + 1])
            np.testing.assert_array_equal(product.tokens[inside], tokens, err_msg=name)
            exact = states.projection.apply(np.concatenate([text.states for text in encoded]))
            kept = product.states[inside] / ONE
            # Half a unit of 127 per number, and a little for the batch that it was read in.
            assert np.abs(kept - exact).max() <= 0.5 / 127 + 1e-4
            assert np.abs((kept * exact).sum(axis=1) - 1.0).max() < 0.01


def test_each_options_tokens_are_found_and_its_group_skipped(
    shop: Shop, model: LanguageModel
) -> None:
    states = open_states(shop, model)
    for row in range(len(shop.catalogue)):
        product = states.product(row)
        tokens = product.tokens[product.starts[FIELDS.index("options")] :]
        texts = [
            (group, value)
            for group, values in shop.catalogue[row].options.items()
            for value in values
        ]
        assert len(product.option_starts) == len(texts) + 1
        for number, (_, value) in enumerate(texts):
            start, end = product.option_starts[number], product.option_starts[number + 1]
            own = tokens[start + product.option_skips[number] : end]
            assert own.tolist() == model.tokens([value], limits=[32])[0]


def test_rare_tokens_weigh_more(shop: Shop, model: LanguageModel) -> None:
    rarity = open_states(shop, model).inverse_document_frequency
    (lead,), (mug,) = model.tokens(["lead", "mug"], limits=[1, 1])
    (unknown,) = model.tokens(["every"], limits=[1])[0:1][0]
    assert len(rarity) == model.vocabulary_size
    assert rarity[lead] == pytest.approx(np.log(4 / 2))
    assert rarity[mug] == pytest.approx(np.log(4 / 4))
    assert rarity[unknown] == pytest.approx(np.log(4 / 1))


def test_products_without_any_text_are_kept(model: LanguageModel, tmp_path: Path) -> None:
    from dataclasses import replace

    from shopwright.shop.nouns import WordTagger
    from shopwright.shop.shop import build_shop
    from tiny import tiny_products

    bare: dict[str, Any] = {"title": "mug", "bullets": ("",), "description": "", "options": {}}
    bare |= {"query": "", "product_category": "", "attributes": ()}
    one, two, three = tiny_products()
    shop = build_shop(
        [one, replace(two, **bare), three], tmp_path / "shop", source={}, tagger=WordTagger()
    )
    product = open_states(shop, model).product(1)
    assert product.starts.tolist() == [0, 1, 1, 1, 1, 1]
    assert product.option_starts.tolist() == [0]
