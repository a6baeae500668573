"""Token states of changed products: those of new texts, and never those of old ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_states import ONE, ProductStates
from shopwright.encoding.token_states import open_states
from shopwright.memory.retriever import Retriever
from shopwright.policy.evidence import Reader
from shopwright.shop.changes import Change
from shopwright.shop.living import LivingShop
from tiny import build_tiny_shop, tiny_products


@pytest.fixture
def living(tmp_path: Path) -> LivingShop:
    build_tiny_shop(tmp_path / "shop")
    return LivingShop.open(tmp_path / "shop")


def same(one: ProductStates, other: ProductStates) -> bool:
    return np.array_equal(one.tokens, other.tokens) and np.allclose(
        one.states / ONE, other.states / ONE, atol=0.02
    )


def test_changed_texts_have_states_of_their_own(living: LivingShop, tiny_model_folder: Path):
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    states = open_states(living.shop, model)
    first, second, third = tiny_products()
    # The texts of another product: its states are known.
    disguised = replace(third, asin=first.asin)
    cheaper = replace(second, pricing_dollars=(1.0,), price_dollars=1.0)
    new = replace(third, asin="NEW", options={})
    shop = living.apply([Change.put(disguised), Change.put(cheaper), Change.put(new)], by="x")
    changed = states.at(shop.catalogue, model)
    rows = [shop.catalogue.row_of(asin) for asin in (first.asin, second.asin, third.asin, "NEW")]
    assert same(changed.product(rows[0]), states.product(2))
    assert not same(changed.product(rows[0]), states.product(0))
    assert changed.product(rows[1]) is states.product(1)
    assert changed.product(rows[2]) is states.product(2)
    assert len(changed.product(rows[3]).option_skips) == 0
    assert same(changed.product(0), states.product(0))
    # Later changes share them, and so does who opens the shop then.
    later = living.apply([Change(second.asin)], by="x")
    assert changed.at(later.catalogue, model) is changed
    again = open_states(LivingShop.open(shop.folder).shop, model)
    assert same(again.product(rows[0]), changed.product(rows[0]))


def test_patient_states_are_those_of_words_until_texts_are_read(
    living: LivingShop, tiny_model_folder: Path
):
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    states = open_states(living.shop, model)
    first, second, third = tiny_products()
    cheaper = replace(second, pricing_dollars=(1.0,), price_dollars=1.0)
    new = replace(third, asin="NEW", title=f"{first.title} Set")
    shop = living.apply([Change.put(cheaper), Change.put(new)], by="x")
    patient = states.at(shop.catalogue, model, patient=True)
    known, row = (shop.catalogue.row_of(asin) for asin in (second.asin, "NEW"))
    assert patient.product(known) is states.product(1)
    assert patient.added_vectors()[0].tolist() == [known]
    guessed = patient.product(row)
    # One price more: the same texts, of a row that nobody read.
    later = living.apply([Change.put(replace(new, price_dollars=2.0))], by="x").catalogue
    assert patient.at(later, model, patient=True) is patient
    row = later.row_of("NEW")
    steps = sum(1 for _ in patient.reading(row))
    assert steps > 1
    assert sum(1 for _ in patient.reading(row)) == 0
    read = patient.product(row)
    assert np.array_equal(read.tokens, guessed.tokens)
    assert not np.array_equal(read.states, guessed.states)
    # Words mean much the same elsewhere.
    assert np.einsum("td,td->t", read.states / ONE, guessed.states / ONE).mean() > 0.5
    assert same(read, states.at(later, model).product(row))
    rows, vectors = patient.added_vectors()
    assert rows.tolist() == [known, row - 1, row]
    assert np.array_equal(vectors[1], vectors[2])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_reader_goes_along(living: LivingShop, tiny_model_folder: Path):
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    reader = Reader(living.shop.catalogue, model, open_states(living.shop, model))
    first, *_ = tiny_products()
    shop = living.apply([Change.put(replace(first, title="Red Steel Mug", description=""))], by="x")
    moved = reader.at(shop.catalogue)
    (request,) = moved.requests(["red steel mug"])
    row = shop.catalogue.row_of(first.asin)
    (old,) = reader.products(request, [0], [0])
    (now,) = moved.products(request, [row], [0])
    assert not np.array_equal(old.evidence, now.evidence)
    assert moved.requests(["red steel mug"])[0] is reader.requests(["red steel mug"])[0]


def test_what_was_bought_is_known_of_changed_products(living: LivingShop):
    class History:
        asins = tuple(product.asin for product in tiny_products())
        vectors = np.eye(3, 4, dtype=np.float32)

    retriever = Retriever(History(), living.shop.catalogue)  # type: ignore[arg-type]
    vector = np.eye(3, 4, dtype=np.float32)[1]
    assert retriever.nearest("a", vector, 1) == [1]
    _, second, third = tiny_products()
    shop = living.apply([Change.put(replace(second, title="Other")), Change(third.asin)], by="x")
    row = shop.catalogue.row_of(second.asin)
    assert row == 3
    for opened in (retriever.at(shop.catalogue), Retriever(History(), shop.catalogue)):  # type: ignore[arg-type]
        assert opened.nearest("b", vector, 3) == [row, 0]
        features = opened.features("b", vector, [row, 0, 2])
        assert features[0, 0] == 1.0
