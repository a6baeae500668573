"""What past requests say of products, against a slow reading."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from histories import PROJECTION, drawn_history, drawn_request, history_of
from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.projection import Projection
from shopwright.memory.mask import Mask
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import (
    ONE,
    WORD_DIMENSIONS,
    PastRequest,
    PurchaseHistory,
    sentence_vector,
)
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def catalogue(tiny_shop: Shop) -> Catalogue:
    return tiny_shop.catalogue


def slow_features(
    history: PurchaseHistory, catalogue: Catalogue, vector: np.ndarray, row: int, left_out: set[int]
) -> list[float]:
    """Purchase by purchase."""
    nearness: dict[str, float] = {}
    for number, asin in enumerate(history.asins):
        if number in left_out or catalogue.row_of(asin) is None:
            continue
        kept = history.vectors[number].astype(np.float32)
        cosine = float(kept @ vector) / max(1e-6, float(np.linalg.norm(kept)))
        near = -math.log(max(0.0, 1.0 - cosine) + 0.01)
        nearness[asin] = max(near, nearness.get(asin, -math.inf))
    asin = catalogue.asin_of(row)
    if asin not in nearness:
        return [0.0, 0.0, 0.0]
    return [1.0, nearness[asin], nearness[asin] - max(nearness.values())]


def slow_evidence(
    history: PurchaseHistory,
    asked: PastRequest,
    token: int,
    asin: str,
    left_out: set[int],
) -> list[float]:
    """Purchase by purchase, word by word."""
    best, same = [], False
    for number in range(len(history.asins)):
        if history.asins[number] != asin or number in left_out:
            continue
        for word in range(history.offsets[number], history.offsets[number + 1]):
            state = history.states[word].astype(np.float32) / ONE
            best.append(float(state @ asked.states[token]))
            same = same or history.tokens[word] == asked.tokens[token]
    return [max(best), float(same)] if best else [0.0, 0.0]


@pytest.mark.parametrize(("request_text", "seed"), [("plain", 0), ("a", 1), ("all", 2)])
def test_features_and_evidence_are_those_of_a_slow_reading(
    request_text: str, seed: int, catalogue: Catalogue
) -> None:
    history = drawn_history(catalogue, 12)
    left_out = {"a": np.array([0, 3]), "all": np.arange(12)}
    retriever = Retriever(history, catalogue, Mask(left_out))
    # Another request comes before: what it retrieved must not stay.
    retriever.features("earlier", drawn_request(np.random.default_rng(9)).vector, [0, 1, 2])
    rows = list(range(len(catalogue)))
    random.Random(0).shuffle(rows)
    asked = drawn_request(np.random.default_rng(seed))
    out = set(left_out.get(request_text, np.array([], dtype=int)).tolist())
    features = retriever.features(request_text, asked.vector, rows)
    evidence = retriever.evidence(request_text, asked, rows)
    assert (features.dtype, evidence.dtype) == (np.float32, np.float16)
    assert evidence.shape == (5, len(rows), 2)
    for place, row in enumerate(rows):
        expected = slow_features(history, catalogue, asked.vector, row, out)
        assert features[place].tolist() == pytest.approx(expected, abs=1e-4)
        asin = catalogue.asin_of(row)
        words = [slow_evidence(history, asked, token, asin, out) for token in range(5)]
        assert evidence[:, place] == pytest.approx(np.array(words), abs=2e-3)
    assert evidence.any() == features.any() == (request_text != "all")
    assert len({row for row in rows if catalogue.asin_of(row) in history.asins}) > 1


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_the_nearest_products_are_those_of_a_slow_reading(count: int, catalogue: Catalogue) -> None:
    history = drawn_history(catalogue, 12)
    left_out = {"x": np.array([0, 3]), "all": np.arange(12)}
    retriever = Retriever(history, catalogue, Mask(left_out))
    vector = drawn_request(np.random.default_rng(4)).vector
    nearness = {
        row: slow_features(history, catalogue, vector, row, {0, 3})[1]
        for row in range(len(catalogue))
        if slow_features(history, catalogue, vector, row, {0, 3})[0]
    }
    expected = sorted(nearness, key=lambda row: -nearness[row])[:count]
    assert retriever.nearest("x", vector, count) == expected
    assert retriever.nearest("all", vector, count) == []
    nothing = Retriever(history_of(["B0NOWHERE"], np.ones((1, 8))), catalogue)
    assert nothing.nearest("x", vector, count) == []


def test_of_a_product_with_common_words_alone_there_is_no_evidence(catalogue: Catalogue) -> None:
    states = np.ones((2, 4), dtype=np.float32)
    vector = np.eye(8, dtype=np.float32)[0]
    common = PastRequest(vector, np.array([1, -1], np.int32), states)
    rare = PastRequest(vector, np.array([1, 2], np.int32), states)
    asins = [catalogue.asin_of(row) for row in (0, 1, 1)]
    history = PurchaseHistory.of(asins, [common, rare, rare], PROJECTION)
    assert history.tokens.tolist() == []
    history = PurchaseHistory.of([*asins, "B0NOWHERE"], [common, rare, common, common], PROJECTION)
    assert history.tokens.tolist() == [2]
    retriever = Retriever(history, catalogue)
    assert retriever.features("x", vector, [0, 1])[:, 0].tolist() == [1.0, 1.0]
    found = retriever.evidence("x", rare, [0, 1, 2])
    assert found[..., 1].tolist() == [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def test_a_request_without_words_hides_nothing(catalogue: Catalogue) -> None:
    nothing = PastRequest(
        sentence_vector(np.zeros((0, 8), dtype=np.float32)),
        np.zeros(0, dtype=np.int32),
        np.zeros((0, 4), dtype=np.float32),
    )
    asked = drawn_request(np.random.default_rng(1))
    asins = [catalogue.asin_of(0), catalogue.asin_of(1)]
    retriever = Retriever(PurchaseHistory.of(asins, [nothing, asked], PROJECTION), catalogue)
    found = retriever.features("x", asked.vector, [0, 1])
    assert np.isfinite(found).all()
    assert found[1].tolist() == pytest.approx([1.0, -math.log(0.01), 0.0], abs=0.1)
    assert not retriever.evidence("x", asked, [0]).any()


def test_words_are_compared_by_the_projection_that_made_them(catalogue: Catalogue) -> None:
    hidden = np.random.default_rng(2).standard_normal((5, 8)).astype(np.float32)
    past = PastRequest(sentence_vector(hidden), np.arange(5), PROJECTION.apply(hidden))
    others = [drawn_request(np.random.default_rng(seed)) for seed in range(3)]
    asins = [catalogue.asin_of(0), "b", "c", "d"]
    retriever = Retriever(PurchaseHistory.of(asins, [past, *others], PROJECTION), catalogue)
    found = retriever.evidence("x", retriever.asked(np.arange(5, dtype=np.int32), hidden), [0])
    kept = np.isin(np.arange(5), retriever.history.tokens[: retriever.history.offsets[1]])
    assert kept.any()
    assert found[kept, 0, 0] == pytest.approx(1.0, abs=0.02)


def test_it_keeps_directions_and_half_of_the_dimensions(catalogue: Catalogue) -> None:
    draws = np.random.default_rng(0)
    wide = Projection(
        draws.standard_normal(384).astype(np.float32),
        np.linalg.qr(draws.standard_normal((384, 128)))[0].astype(np.float32),
    )
    hidden = [draws.standard_normal((6, 384)).astype(np.float32) for _ in range(2)]
    requests = [
        PastRequest(sentence_vector(own), np.arange(6) + 10 * number, wide.apply(own))
        for number, own in enumerate(hidden)
    ]
    asins = [catalogue.asin_of(0), catalogue.asin_of(1)]
    history = PurchaseHistory.of(asins, requests, wide)
    assert history.vectors.dtype == np.int8
    assert np.abs(history.vectors).max(axis=1).tolist() == [ONE, ONE]
    assert history.states.shape == (12, WORD_DIMENSIONS)
    retriever = Retriever(history, catalogue)
    # A direction in 8 bits is the request's own, and far from counting as another's.
    told = retriever.features("x", requests[0].vector, [0, 1])
    assert told[0, 1] == pytest.approx(-math.log(0.01), abs=0.03)
    assert told[1, 1] < 1.0
    narrow = Projection(wide.mean, wide.components[:, :WORD_DIMENSIONS]).apply(hidden[0])
    found = retriever.evidence(
        "x", retriever.asked(np.arange(6, dtype=np.int32), hidden[0]), [0, 1]
    )
    assert found[:, 0, 0] == pytest.approx(1.0, abs=0.02)
    others = Projection(wide.mean, wide.components[:, :WORD_DIMENSIONS]).apply(hidden[1])
    assert found[:, 1, 0] == pytest.approx((narrow @ others.T).max(axis=1), abs=0.02)


def test_an_empty_history_tells_nothing(catalogue: Catalogue) -> None:
    history = history_of(["B0NOWHERE"], np.ones((1, 8)))
    vector = np.ones(8, dtype=np.float32)
    assert not Retriever(history, catalogue).features("x", vector, [0, 1]).any()
