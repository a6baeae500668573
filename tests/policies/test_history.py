"""What was bought for which requests, and how much of it counts."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from shopwright.catalogue.storage import Catalogue
from shopwright.errors import AgentError
from shopwright.policies.checkpoints import read_agent, write_agent
from shopwright.policies.choice import ChoiceConfig, ChoiceNetwork
from shopwright.policies.encoder import LanguageModel
from shopwright.policies.history import (
    FORGOTTEN,
    PurchaseHistory,
    Recall,
    practising,
    sentence_vector,
)
from shopwright.policies.states import StatesConfig
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def catalogue(tiny_shop: Shop) -> Catalogue:
    return tiny_shop.catalogue


def drawn_history(catalogue: Catalogue, count: int) -> PurchaseHistory:
    draws = np.random.default_rng(3)
    vectors = draws.standard_normal((count, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = draws.integers(0, len(catalogue), size=count).tolist()
    asins = [catalogue.asin_of(row) for row in rows]
    asins[1] = "B0NOWHERE"
    return PurchaseHistory(tuple(asins), vectors.astype(np.float16))


def slow_features(
    history: PurchaseHistory, catalogue: Catalogue, vector: np.ndarray, row: int, left_out: set[int]
) -> list[float]:
    """Purchase by purchase."""
    nearness: dict[str, float] = {}
    for number, asin in enumerate(history.asins):
        if number in left_out or catalogue.row_of(asin) is None:
            continue
        cosine = float(history.vectors[number].astype(np.float32) @ vector)
        near = -math.log(max(0.0, 1.0 - cosine) + 0.01)
        nearness[asin] = max(near, nearness.get(asin, -math.inf))
    asin = catalogue.asin_of(row)
    if asin not in nearness:
        return [0.0, 0.0, 0.0]
    return [1.0, nearness[asin], nearness[asin] - max(nearness.values())]


def test_features_are_those_of_a_slow_reading(catalogue: Catalogue) -> None:
    history = drawn_history(catalogue, 12)
    left_out = {"a": np.array([0, 3]), "all": np.arange(12)}
    recall = Recall(history, catalogue, left_out)
    rows = list(range(len(catalogue)))
    random.Random(0).shuffle(rows)
    for seed, request in enumerate(["plain", "a", "all", "plain"]):
        vector = sentence_vector(np.random.default_rng(seed % 3).standard_normal((2, 8)))
        found = recall.features(request, vector.astype(np.float32), rows)
        out = set(left_out.get(request, np.array([], dtype=int)).tolist())
        expected = [slow_features(history, catalogue, vector, row, out) for row in rows]
        assert found.dtype == np.float32
        assert found == pytest.approx(np.array(expected), abs=1e-4)
    assert len({row for row in rows if catalogue.asin_of(row) in history.asins}) > 1


def test_the_same_request_does_not_count_where_it_must_not(catalogue: Catalogue) -> None:
    vectors = np.eye(2, 8).astype(np.float16)
    history = PurchaseHistory((catalogue.asin_of(0), catalogue.asin_of(1)), vectors)
    same = vectors[0].astype(np.float32)
    told = Recall(history, catalogue).features("x", same, [0, 1])
    assert told[0, 1] == pytest.approx(-math.log(0.01))
    strict = Recall(history, catalogue, leave_out_same=True).features("x", same, [0, 1])
    assert strict[0].tolist() == [0.0, 0.0, 0.0]
    assert strict[1].tolist() == pytest.approx([1.0, -math.log(1.01), 0.0])


def test_some_requests_forget_the_product_that_is_nearest(catalogue: Catalogue) -> None:
    vectors = np.eye(2, 8).astype(np.float16)
    history = PurchaseHistory((catalogue.asin_of(0), catalogue.asin_of(1)), vectors)
    vector = sentence_vector(np.array([[2.0, 1, 0, 0, 0, 0, 0, 0]], dtype=np.float32))
    assert practising(None, catalogue) is None
    recall = practising(history, catalogue)
    assert recall is not None
    assert recall.leave_out_same
    known = [recall.features(f"request {n}", vector, [0, 1])[:, 0].tolist() for n in range(400)]
    assert all(row in ([1.0, 1.0], [0.0, 1.0]) for row in known)
    forgotten = sum(row == [0.0, 1.0] for row in known)
    assert 400 * FORGOTTEN - 40 < forgotten < 400 * FORGOTTEN + 40
    again = [recall.features(f"request {n}", vector, [0, 1])[:, 0].tolist() for n in range(400)]
    assert again == known


def test_a_request_without_words_has_no_direction(catalogue: Catalogue) -> None:
    assert sentence_vector(np.zeros((1, 8), dtype=np.float32)).tolist() == [0.0] * 8
    assert np.linalg.norm(sentence_vector(np.ones((3, 8), dtype=np.float32))) == pytest.approx(1)


def test_an_empty_history_tells_nothing(catalogue: Catalogue) -> None:
    history = PurchaseHistory(("B0NOWHERE",), np.ones((1, 8), dtype=np.float16))
    vector = np.ones(8, dtype=np.float32)
    assert not Recall(history, catalogue).features("x", vector, [0, 1]).any()


def test_it_is_kept_with_the_weights(
    catalogue: Catalogue, tiny_model_folder: Path, tmp_path: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=model.dimensions))
    write_agent(tmp_path, network, model, StatesConfig(), name="x", training={})
    assert read_agent(tmp_path)[0].history is None
    network.history = drawn_history(catalogue, 12)
    write_agent(tmp_path, network, model, StatesConfig(), name="x", training={})
    read = read_agent(tmp_path)[0].history
    assert read is not None
    assert read.asins == network.history.asins
    assert read.vectors.tobytes() == network.history.vectors.tobytes()
    assert read.vectors.dtype == np.float16


@pytest.mark.parametrize("missing", ["asins", "vectors"])
def test_a_damaged_one_is_refused(missing: str, catalogue: Catalogue) -> None:
    tensors = drawn_history(catalogue, 3).tensors()
    del tensors[missing]
    with pytest.raises(AgentError, match=missing):
        PurchaseHistory.of_tensors(tensors)


def test_as_many_vectors_as_purchases_are_expected(catalogue: Catalogue) -> None:
    tensors = drawn_history(catalogue, 3).tensors()
    tensors["vectors"] = tensors["vectors"][:2]
    with pytest.raises(AgentError, match="each of 3"):
        PurchaseHistory.of_tensors(tensors)
