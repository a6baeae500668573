"""What training may retrieve."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from histories import history_of
from shopwright.catalogue.storage import Catalogue
from shopwright.memory.mask import LEAST_DROPOUT, Mask, mask_for_further_training, memory_dropout
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import (
    PastRequest,
    sentence_vector,
)
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def catalogue(tiny_shop: Shop) -> Catalogue:
    return tiny_shop.catalogue


def test_the_same_request_does_not_count_where_it_must_not(catalogue: Catalogue) -> None:
    vectors = np.eye(2, 8)
    history = history_of([catalogue.asin_of(0), catalogue.asin_of(1)], vectors)
    same = vectors[0].astype(np.float32)
    told = Retriever(history, catalogue).features("x", same, [0, 1])
    assert told[0, 1] == pytest.approx(-math.log(0.01))
    strict = Retriever(history, catalogue, Mask(leave_one_out=True)).features("x", same, [0, 1])
    assert strict[0].tolist() == [0.0, 0.0, 0.0]
    assert strict[1].tolist() == pytest.approx([1.0, -math.log(1.01), 0.0])
    asked = PastRequest(same, np.arange(2, dtype=np.int32), np.ones((2, 1), np.float32))
    told = Retriever(history, catalogue).evidence("x", asked, [0, 1])
    assert told[..., 1].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    strict = Retriever(history, catalogue, Mask(leave_one_out=True)).evidence("x", asked, [0, 1])
    assert strict[..., 1].tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_dropout_is_as_large_as_the_share_of_products_without_purchases(
    catalogue: Catalogue,
) -> None:
    one, two, three = (catalogue.asin_of(row) for row in range(3))
    assert len(catalogue) == 3
    assert memory_dropout([one, one, "B0NOWHERE"], catalogue) == pytest.approx(2 / 3)
    assert memory_dropout([one, two, three], catalogue) == LEAST_DROPOUT
    assert memory_dropout([one, two, three], catalogue, least=0.0) == 0.0
    assert memory_dropout([], catalogue) == 1.0
    mask = mask_for_further_training(history_of([one], np.eye(1, 8)), catalogue)
    assert mask.dropout == pytest.approx(2 / 3)


def test_dropout_hides_the_product_that_is_nearest(catalogue: Catalogue) -> None:
    vectors = np.eye(2, 8)
    asins = [catalogue.asin_of(0), catalogue.asin_of(1)]
    # Of the third product, so that none lacks a history, there is nothing near.
    vectors = np.concatenate([vectors, -vectors[:1]])
    history = history_of([*asins, catalogue.asin_of(2)], vectors)
    vector = sentence_vector(np.array([[2.0, 1, 0, 0, 0, 0, 0, 0]], dtype=np.float32))
    mask = mask_for_further_training(history, catalogue)
    assert mask.leave_one_out
    retriever = Retriever(history, catalogue, mask)
    known = [retriever.features(f"request {n}", vector, [0, 1])[:, 0].tolist() for n in range(400)]
    assert all(row in ([1.0, 1.0], [0.0, 1.0]) for row in known)
    dropped = sum(row == [0.0, 1.0] for row in known)
    assert 400 * LEAST_DROPOUT - 40 < dropped < 400 * LEAST_DROPOUT + 40
    again = [retriever.features(f"request {n}", vector, [0, 1])[:, 0].tolist() for n in range(400)]
    assert again == known
    asked = PastRequest(vector, np.arange(2, dtype=np.int32), np.ones((2, 1), np.float32))
    for number, row in enumerate(known):
        words = retriever.evidence(f"request {number}", asked, [0, 1])[..., 1]
        assert words.sum(axis=0).tolist() == row
