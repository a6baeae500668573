"""A purchase history, and its tensors."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from histories import PROJECTION, drawn_history
from shopwright.catalogue.storage import Catalogue
from shopwright.memory.store import (
    COMMON_SHARE,
    ONE,
    PastRequest,
    PurchaseHistory,
    sentence_vector,
)
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def catalogue(tiny_shop: Shop) -> Catalogue:
    return tiny_shop.catalogue


def test_common_words_and_repetitions_are_not_kept() -> None:
    states = np.eye(3, dtype=np.float32)
    requests = [
        PastRequest(np.zeros(2, np.float32), np.array([7, number, number], np.int32), states)
        for number in (1, 2, 3, 1)
    ]
    history = PurchaseHistory.of(["a", "b", "c", "a"], requests, PROJECTION)
    assert COMMON_SHARE == 0.25  # One in four requests is not too many, two are.
    assert history.tokens.tolist() == [2, 3]
    assert history.offsets.tolist() == [0, 0, 1, 2, 2]
    assert history.states.tolist() == [[0, ONE, 0], [0, ONE, 0]]


def test_a_request_without_words_has_no_direction(catalogue: Catalogue) -> None:
    assert sentence_vector(np.zeros((1, 8), dtype=np.float32)).tolist() == [0.0] * 8
    assert np.linalg.norm(sentence_vector(np.ones((3, 8), dtype=np.float32))) == pytest.approx(1)


def test_its_tensors_are_it(catalogue: Catalogue) -> None:
    history = drawn_history(catalogue, 3)
    tensors = history.tensors()
    again = PurchaseHistory.of_tensors(tensors)
    assert again.asins == history.asins
    for name, tensor in again.tensors().items():
        assert torch.equal(tensor, tensors[name])
