"""A purchase history, and its tensors."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from histories import PROJECTION, drawn_history
from shopwright.catalogue.storage import Catalogue
from shopwright.errors import AgentError
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


TENSORS = ["asins", "vectors", "tokens", "states", "offsets", "mean", "components"]


@pytest.mark.parametrize("missing", TENSORS)
def test_a_damaged_one_is_refused(missing: str, catalogue: Catalogue) -> None:
    tensors = drawn_history(catalogue, 3).tensors()
    del tensors[missing]
    with pytest.raises(AgentError, match=missing):
        PurchaseHistory.of_tensors(tensors)


@pytest.mark.parametrize("short", TENSORS[1:])
def test_as_much_of_each_as_there_are_purchases_is_expected(
    short: str, catalogue: Catalogue
) -> None:
    tensors = drawn_history(catalogue, 3).tensors()
    tensors[short] = tensors[short][:-1]
    with pytest.raises(AgentError, match="each of 3"):
        PurchaseHistory.of_tensors(tensors)


@pytest.mark.parametrize("other", TENSORS[1:])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.uint8])
def test_tensors_of_another_type_are_refused(
    other: str, dtype: torch.dtype, catalogue: Catalogue
) -> None:
    tensors = drawn_history(catalogue, 3).tensors()
    tensors[other] = tensors[other].to(dtype)
    with pytest.raises(AgentError, match="history"):
        PurchaseHistory.of_tensors(tensors)


@pytest.mark.parametrize("asins", [b"5", b"null", b"[1, 2, 3]", b"[[1], [2], [3]]", b"{}", b"["])
def test_what_is_no_list_of_asins_is_refused(asins: bytes, catalogue: Catalogue) -> None:
    tensors = drawn_history(catalogue, 3).tensors()
    tensors["asins"] = torch.frombuffer(bytearray(asins), dtype=torch.uint8)
    with pytest.raises(AgentError, match="asins"):
        PurchaseHistory.of_tensors(tensors)


def test_offsets_that_decrease_are_refused(catalogue: Catalogue) -> None:
    tensors = drawn_history(catalogue, 3).tensors()
    tensors["offsets"][1], tensors["offsets"][2] = tensors["offsets"][2], 1
    with pytest.raises(AgentError, match="each of 3"):
        PurchaseHistory.of_tensors(tensors)
