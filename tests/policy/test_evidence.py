"""What texts say about a request, before any learning."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from shopwright.catalogue.product import Product, Variant
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_states import FIELDS, ONE
from shopwright.encoding.token_states import open_states
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import PurchaseHistory
from shopwright.policy.evidence import Reader, asked_prices
from shopwright.policy.features import (
    EVIDENCE,
    HISTORY,
    OPTION_SUMMARY,
    TEXT_EVIDENCE,
    ProductFeatures,
)
from shopwright.policy.matching import in_steps
from shopwright.policy.option_matching import stands_after, stands_whole
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.amounts import share_within
from tiny import tiny_products

WHOLE, OUTSIDE_LONGER, AFTER_GROUP = 13, 14, 15


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Reader:
    one, two, three = tiny_products()
    one = replace(one, options={"fit": ("men", "women"), "size": ("small", "x-small", "11")})
    two = replace(two, options={}, description="", bullets=("",))
    folder = tmp_path_factory.mktemp("evidence") / "shop"
    shop = build_shop([one, two, three], folder, source={"kind": "test"}, tagger=WordTagger())
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    return Reader(shop.catalogue, model, open_states(shop, model))


def test_evidence_is_that_of_a_slow_reading(reader: Reader) -> None:
    (request,) = reader.requests(["red lead free mug for hot drinks"])
    rows = [2, 0, 1]
    asked, step = in_steps(request.states)
    asked = asked.astype(np.int32)
    for row, reading in zip(rows, reader.products(request, rows, [0, 1, 2]), strict=True):
        product = reader.states.product(row)
        assert reading.evidence.shape == (len(request.tokens), EVIDENCE)
        for token in range(len(request.tokens)):
            for number in range(len(FIELDS)):
                inside = range(product.starts[number], product.starts[number + 1])
                similar = [float(asked[token] @ product.states[i]) * step / ONE for i in inside]
                same = [product.tokens[i] == request.tokens[token] for i in inside]
                found = reading.evidence[token, 2 * number : 2 * number + 2]
                assert found[0] == pytest.approx(max(similar, default=0.0), abs=1e-3)
                assert found[1] == any(same)


def test_past_requests_are_what_readings_would_give(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.policy.evidence.TOGETHER", 2)
    texts = ["red lead free mug", "a mug", "", "dishwasher safe mug for hot drinks", "red mug"]
    found = list(reader.past_requests(texts))
    assert len(found) == len(texts)
    for text, past in zip(texts, found, strict=True):
        if not text:
            assert len(past.tokens) == len(past.states) == np.count_nonzero(past.vector) == 0
            continue
        (reading,) = reader.requests([text])
        expected = reader.past_request(reading)
        assert past.tokens.tolist() == expected.tokens.tolist()
        np.testing.assert_allclose(past.vector, expected.vector, atol=1e-4)
        np.testing.assert_allclose(past.states, expected.states, atol=1e-4)


def test_requests_read_together_are_not_read_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.policy.evidence.TOGETHER", 2)
    texts = ["red mug", "a mug", "red mug", "", "dishwasher safe mug for hot drinks"]
    alone = replace(reader, _requests={}).requests(texts)
    together = replace(reader, _requests={}, requests_kept=4)
    done: list[tuple[int, int]] = []
    together.read_together(texts, progress=lambda *given: done.append(given))
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
    monkeypatch.setattr(reader.model, "encode", None)
    for expected, reading in zip(alone, together.requests(texts), strict=True):
        assert reading.text == expected.text
        assert reading.tokens.tolist() == expected.tokens.tolist()
        assert reading.word_numbers.tolist() == expected.word_numbers.tolist()
        np.testing.assert_allclose(reading.hidden, expected.hidden, atol=1e-4)
        np.testing.assert_allclose(reading.states, expected.states, atol=1e-4)


def test_the_vector_of_a_requests_beginning_is_the_sum_of_its_states(reader: Reader) -> None:
    text = "a red mug, and price lower than 20 dollars"
    (reading,) = reader.requests([text])
    # The comma behind the third word belongs to it.
    expected = reading.hidden[:4].sum(axis=0)
    np.testing.assert_array_equal(reader.vector(text, words=3), expected)
    np.testing.assert_array_equal(reader.vector(text, words=99), reading.hidden.sum(axis=0))
    assert not reader.vector("", words=0).any()


def test_of_requests_read_together_the_latest_are_kept(reader: Reader) -> None:
    few = replace(reader, _requests={}, requests_kept=2)
    few.read_together(["a", "b", "c"])
    assert list(few._requests) == ["b", "c"]
    few.read_together(["c", "d"])
    assert list(few._requests) == ["c", "d"]


def test_a_request_without_words_meets_nothing(reader: Reader) -> None:
    (request,) = reader.requests([""])
    for reading in reader.products(request, [0, 1, 2], [0, 1, 2]):
        assert not reading.evidence.any()


def test_what_was_bought_is_retrieved_where_it_is_wanted(reader: Reader) -> None:
    (request,) = reader.requests(["red lead free mug"])
    past = list(reader.past_requests(["lead free mug", "hand painted", "black", "white", "green"]))
    asins = [reader.catalogue.asin_of(0), "b", "c", "d", "e"]
    history = PurchaseHistory.of(asins, past, reader.states.projection)
    retrieving = replace(reader, retriever=Retriever(history, reader.catalogue))
    told, not_told = retrieving.products(request, [0, 1], [0, 1])
    assert told.evidence[:, TEXT_EVIDENCE + 1].tolist() == [0, 1, 1, 1]
    assert told.features[HISTORY] == 1
    assert not not_told.evidence[:, TEXT_EVIDENCE:].any()
    plain = reader.products(request, [0, 1], [0, 1])
    silent = retrieving.products(request, [0, 1], [0, 1], history=False)
    for one, other in zip(plain, silent, strict=True):
        assert np.array_equal(one.evidence, other.evidence)
        assert np.array_equal(one.features, other.features)


def test_a_reading_does_not_depend_on_the_others(reader: Reader) -> None:
    (request,) = reader.requests(["dishwasher safe mug"])
    together = reader.products(request, [0, 1, 2], [0, 1, 2])
    alone = [reader.products(request, [row], [row])[0] for row in range(3)]
    for one, two in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.evidence, two.evidence, atol=1e-3)
        np.testing.assert_array_equal(one.option_summary, two.option_summary)


@pytest.mark.parametrize(
    ("limit", "lowest", "highest", "share"),
    [
        (None, 5.0, 500.0, 1.0),
        (30.0, 10.0, 30.0, 1.0),
        (25.0, 10.0, 30.0, 0.75),
        (10.0, 10.0, 30.0, 0.0),
        (5.0, 10.0, 30.0, 0.0),
        (10.0, 10.0, 10.0, 1.0),
        (9.0, 10.0, 10.0, 0.0),
    ],
)
def test_what_part_of_a_price_range_is_within_a_limit(
    limit: float | None, lowest: float, highest: float, share: float
) -> None:
    assert share_within(limit, lowest, highest) == pytest.approx(share)


@pytest.mark.parametrize(
    ("request_text", "value", "whole", "outside_longer", "after_group"),
    [
        ("women's shirt, fit: women", "men", 0, 0, 0),
        ("women's shirt, fit: women", "women", 1, 1, 1),
        ("men's shirt for women", "men", 0, 0, 0),
        ("men's shirt, fit men", "men", 1, 1, 1),
        ("size x-small", "small", 0, 0, 0),
        ("size x-small", "x-small", 1, 1, 1),
        ("small, in size 11", "small", 1, 1, 0),
        ("small, in size 11", "11", 1, 1, 1),
        ("size 115", "11", 0, 1, 0),
        ("shirt in XS", "x-small", 1, 1, 0),
        ("shirt in XS", "small", 0, 0, 0),
        ("shirt, size S", "small", 1, 1, 1),
    ],
)
def test_values_in_the_request(
    reader: Reader,
    request_text: str,
    value: str,
    whole: int,
    outside_longer: int,
    after_group: int,
) -> None:
    (request,) = reader.requests([request_text])
    options = reader.options(request, 0)
    features = options.features[options.values.index(value)]
    assert features[[WHOLE, OUTSIDE_LONGER, AFTER_GROUP]].tolist() == [
        whole,
        outside_longer,
        after_group,
    ]


def test_the_summary_of_options(reader: Reader) -> None:
    (request,) = reader.requests(["mug, size: small"])
    with_options, without = reader.products(request, [0, 1], [0, 1])
    assert without.option_summary.tolist() == [0.0] * OPTION_SUMMARY
    has, groups, share, missing, found = with_options.option_summary[:5]
    assert (has, groups, share) == (1.0, pytest.approx(2 / 3), 0.5)
    assert (missing, found) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


SCRAPS = ("men", "men's", "x-", "small", "size", "size: ", " ", "-", "'", "_", "é", "9", ".", "")


@given(
    st.sampled_from(["men", "small", "9", "x-small", "a.b", "é", " 9 "]),
    st.sampled_from(["size", "fit type", "c++", "é", ""]),
    st.lists(st.sampled_from(SCRAPS) | st.text(max_size=2), max_size=8).map("".join),
)
def test_values_stand_where_patterns_find_them(value: str, group: str, text: str) -> None:
    for request in (text, f"{text}{value}{text}", f"{text}{group}: {value}", f"{group} - {value}s"):
        whole = rf"(?<![\w-]){re.escape(value)}(?![\w'-])"
        after = rf"(?<!\w){re.escape(group)}\W{{1,3}}{re.escape(value)}(?![\w'-])"
        assert stands_whole(value, request) == bool(re.search(whole, request)), request
        assert stands_after(group, value, request) == bool(re.search(after, request)), request


def test_readings_that_are_kept_are_few(reader: Reader) -> None:
    assert reader.requests_kept <= 1_000  # 100 KB each, in a service that never ends
    few = Reader(reader.catalogue, reader.model, reader.states, requests_kept=2)
    first = few.requests(["red mug"])[0]
    assert few.requests(["red mug"])[0] is first
    few.requests(["blue mug", "green mug"])
    assert len(few._requests) == 2
    again = few.requests(["red mug"])[0]
    assert again is not first
    assert again.states.tobytes() == first.states.tobytes()


TEE = Product(
    asin="TEE",
    title="Tee",
    pricing_dollars=(10.0, 40.0),
    price_tag="$10.00 to $40.00",
    options={"color": ("red", "blue"), "size": ("s", "xl")},
    variants=tuple(
        Variant(options={"color": color, "size": size}, price_dollars=price, stock=stock)
        for color, size, price, stock in (
            ("red", "s", 10.0, 1), ("red", "xl", 20.0, 1), ("blue", "xl", 40.0, 1),
            ("blue", "s", 5.0, 0),
        )
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("request_text", "prices"),
    [
        ("a tee under 15 dollars", {10.0, 20.0, 40.0}),
        ("a red tee under 15 dollars", {10.0, 20.0}),
        ("a Red XL tee under 15 dollars", {20.0}),
        ("an xl tee, green", {20.0, 40.0}),
    ],
)
def test_prices_are_those_of_the_variants_that_are_asked_for(
    request_text: str, prices: set[float]
) -> None:
    assert {*asked_prices(TEE, request_text)} == prices


def test_a_limit_meets_the_variant_that_is_asked_for(
    tmp_path: Path, tiny_model_folder: Path
) -> None:
    shop = build_shop([TEE], tmp_path / "shop", source={"kind": "test"}, tagger=WordTagger())
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    reader = Reader(shop.catalogue, model, open_states(shop, model))
    above = ProductFeatures._fields.index("above_limit")
    found = []
    for color in ("red", "blue"):
        (request,) = reader.requests([f"{color} xl tee, price lower than 25.00 dollars"])
        (reading,) = reader.products(request, [0], [0])
        found.append(reading.features[above])
    assert found == [0.0, 1.0]
