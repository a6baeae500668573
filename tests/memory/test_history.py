"""What was bought for which requests, and how much of it counts."""

from __future__ import annotations

import copy
import math
import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.projection import Projection
from shopwright.encoding.token_states import StatesConfig
from shopwright.errors import AgentError
from shopwright.memory.history import (
    COMMON_SHARE,
    FORGOTTEN,
    ONE,
    WORD_DIMENSIONS,
    PastRequest,
    PurchaseHistory,
    Retriever,
    forgotten_share,
    practising,
    sentence_vector,
)
from shopwright.policy.checkpoint import HISTORY, read_agent, write_agent, write_tensors
from shopwright.policy.choice import ChoiceConfig, ChoiceNetwork
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def catalogue(tiny_shop: Shop) -> Catalogue:
    return tiny_shop.catalogue


def drawn_history(catalogue: Catalogue, count: int) -> PurchaseHistory:
    draws = np.random.default_rng(3)
    rows = draws.integers(0, len(catalogue), size=count).tolist()
    asins = [catalogue.asin_of(row) for row in rows]
    asins[1] = "B0NOWHERE"
    return PurchaseHistory.of(asins, [drawn_request(draws) for _ in range(count)], PROJECTION)


# The first four of eight dimensions.
PROJECTION = Projection(np.zeros(8, dtype=np.float32), np.eye(8, 4, dtype=np.float32))


def drawn_request(draws: np.random.Generator) -> PastRequest:
    hidden = draws.standard_normal((5, 8)).astype(np.float32)
    tokens = draws.integers(0, 30, size=5).astype(np.int32)
    return PastRequest(sentence_vector(hidden), tokens, PROJECTION.apply(hidden))


def history_of(asins: list[str], vectors: np.ndarray) -> PurchaseHistory:
    """One whose requests have a word each, of their own."""
    return PurchaseHistory.of(
        asins,
        [
            PastRequest(vector, np.array([number], dtype=np.int32), np.ones((1, 1), np.float32))
            for number, vector in enumerate(vectors.astype(np.float32))
        ],
        PROJECTION,
    )


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
def test_recall_is_that_of_a_slow_reading(
    request_text: str, seed: int, catalogue: Catalogue
) -> None:
    history = drawn_history(catalogue, 12)
    left_out = {"a": np.array([0, 3]), "all": np.arange(12)}
    recall = Retriever(history, catalogue, left_out)
    # Another request comes before: what it brought to mind must not stay.
    recall.features("earlier", drawn_request(np.random.default_rng(9)).vector, [0, 1, 2])
    rows = list(range(len(catalogue)))
    random.Random(0).shuffle(rows)
    asked = drawn_request(np.random.default_rng(seed))
    out = set(left_out.get(request_text, np.array([], dtype=int)).tolist())
    features = recall.features(request_text, asked.vector, rows)
    evidence = recall.evidence(request_text, asked, rows)
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
    recall = Retriever(history, catalogue, left_out)
    vector = drawn_request(np.random.default_rng(4)).vector
    nearness = {
        row: slow_features(history, catalogue, vector, row, {0, 3})[1]
        for row in range(len(catalogue))
        if slow_features(history, catalogue, vector, row, {0, 3})[0]
    }
    expected = sorted(nearness, key=lambda row: -nearness[row])[:count]
    assert recall.nearest("x", vector, count) == expected
    assert recall.nearest("all", vector, count) == []
    nothing = Retriever(history_of(["B0NOWHERE"], np.ones((1, 8))), catalogue)
    assert nothing.nearest("x", vector, count) == []


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
    recall = Retriever(history, catalogue)
    assert recall.features("x", vector, [0, 1])[:, 0].tolist() == [1.0, 1.0]
    found = recall.evidence("x", rare, [0, 1, 2])
    assert found[..., 1].tolist() == [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def test_a_request_without_words_hides_nothing(catalogue: Catalogue) -> None:
    nothing = PastRequest(
        sentence_vector(np.zeros((0, 8), dtype=np.float32)),
        np.zeros(0, dtype=np.int32),
        np.zeros((0, 4), dtype=np.float32),
    )
    asked = drawn_request(np.random.default_rng(1))
    asins = [catalogue.asin_of(0), catalogue.asin_of(1)]
    recall = Retriever(PurchaseHistory.of(asins, [nothing, asked], PROJECTION), catalogue)
    found = recall.features("x", asked.vector, [0, 1])
    assert np.isfinite(found).all()
    assert found[1].tolist() == pytest.approx([1.0, -math.log(0.01), 0.0], abs=0.1)
    assert not recall.evidence("x", asked, [0]).any()


def test_words_are_compared_by_the_projection_that_made_them(catalogue: Catalogue) -> None:
    hidden = np.random.default_rng(2).standard_normal((5, 8)).astype(np.float32)
    past = PastRequest(sentence_vector(hidden), np.arange(5), PROJECTION.apply(hidden))
    others = [drawn_request(np.random.default_rng(seed)) for seed in range(3)]
    asins = [catalogue.asin_of(0), "b", "c", "d"]
    recall = Retriever(PurchaseHistory.of(asins, [past, *others], PROJECTION), catalogue)
    found = recall.evidence("x", recall.asked(np.arange(5, dtype=np.int32), hidden), [0])
    kept = np.isin(np.arange(5), recall.history.tokens[: recall.history.offsets[1]])
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
    recall = Retriever(history, catalogue)
    # A direction in 8 bits is the request's own, and far from counting as another's.
    told = recall.features("x", requests[0].vector, [0, 1])
    assert told[0, 1] == pytest.approx(-math.log(0.01), abs=0.03)
    assert told[1, 1] < 1.0
    narrow = Projection(wide.mean, wide.components[:, :WORD_DIMENSIONS]).apply(hidden[0])
    found = recall.evidence("x", recall.asked(np.arange(6, dtype=np.int32), hidden[0]), [0, 1])
    assert found[:, 0, 0] == pytest.approx(1.0, abs=0.02)
    others = Projection(wide.mean, wide.components[:, :WORD_DIMENSIONS]).apply(hidden[1])
    assert found[:, 1, 0] == pytest.approx((narrow @ others.T).max(axis=1), abs=0.02)


def test_the_same_request_does_not_count_where_it_must_not(catalogue: Catalogue) -> None:
    vectors = np.eye(2, 8)
    history = history_of([catalogue.asin_of(0), catalogue.asin_of(1)], vectors)
    same = vectors[0].astype(np.float32)
    told = Retriever(history, catalogue).features("x", same, [0, 1])
    assert told[0, 1] == pytest.approx(-math.log(0.01))
    strict = Retriever(history, catalogue, leave_out_same=True).features("x", same, [0, 1])
    assert strict[0].tolist() == [0.0, 0.0, 0.0]
    assert strict[1].tolist() == pytest.approx([1.0, -math.log(1.01), 0.0])
    asked = PastRequest(same, np.arange(2, dtype=np.int32), np.ones((2, 1), np.float32))
    told = Retriever(history, catalogue).evidence("x", asked, [0, 1])
    assert told[..., 1].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    strict = Retriever(history, catalogue, leave_out_same=True).evidence("x", asked, [0, 1])
    assert strict[..., 1].tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_as_many_are_forgotten_as_have_no_history(catalogue: Catalogue) -> None:
    one, two, three = (catalogue.asin_of(row) for row in range(3))
    assert len(catalogue) == 3
    assert forgotten_share([one, one, "B0NOWHERE"], catalogue) == pytest.approx(2 / 3)
    assert forgotten_share([one, two, three], catalogue) == FORGOTTEN
    assert forgotten_share([one, two, three], catalogue, least=0.0) == 0.0
    assert forgotten_share([], catalogue) == 1.0
    recall = practising(history_of([one], np.eye(1, 8)), catalogue)
    assert recall is not None
    assert recall.forgotten == pytest.approx(2 / 3)


def test_some_requests_forget_the_product_that_is_nearest(catalogue: Catalogue) -> None:
    vectors = np.eye(2, 8)
    asins = [catalogue.asin_of(0), catalogue.asin_of(1)]
    # Of the third product, so that none lacks a history, there is nothing near.
    vectors = np.concatenate([vectors, -vectors[:1]])
    history = history_of([*asins, catalogue.asin_of(2)], vectors)
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
    asked = PastRequest(vector, np.arange(2, dtype=np.int32), np.ones((2, 1), np.float32))
    for number, row in enumerate(known):
        words = recall.evidence(f"request {number}", asked, [0, 1])[..., 1]
        assert words.sum(axis=0).tolist() == row


def test_a_request_without_words_has_no_direction(catalogue: Catalogue) -> None:
    assert sentence_vector(np.zeros((1, 8), dtype=np.float32)).tolist() == [0.0] * 8
    assert np.linalg.norm(sentence_vector(np.ones((3, 8), dtype=np.float32))) == pytest.approx(1)


def test_an_empty_history_tells_nothing(catalogue: Catalogue) -> None:
    history = history_of(["B0NOWHERE"], np.ones((1, 8)))
    vector = np.ones(8, dtype=np.float32)
    assert not Retriever(history, catalogue).features("x", vector, [0, 1]).any()


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
    kept, given = read.tensors(), network.history.tensors()
    assert kept.keys() == given.keys()
    for name, tensor in given.items():
        assert torch.equal(kept[name], tensor)
        assert kept[name].dtype == tensor.dtype


def test_the_disk_holds_it_once_for_agents_of_one_start(
    catalogue: Catalogue, tiny_model_folder: Path, tmp_path: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=model.dimensions))
    network.history = drawn_history(catalogue, 12)
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    write_agent(first, network, model, StatesConfig(), name="x", training={})
    write_agent(second, network, model, StatesConfig(), name="x", training={}, start=first)
    assert (first / HISTORY).samefile(second / HISTORY)
    # The start may be gone by the end of a training.
    write_agent(third, network, model, StatesConfig(), name="x", training={}, start=tmp_path)
    assert (first / HISTORY).read_bytes() == (third / HISTORY).read_bytes()
    network.history = drawn_history(catalogue, 11)
    write_agent(first, network, model, StatesConfig(), name="x", training={})
    write_tensors(second / HISTORY, network.history.tensors())
    with pytest.raises(AgentError, match="the history as trained"):
        read_agent(second)
    assert read_agent(third)[0].history is not None


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


def test_a_copied_policy_shares_it(catalogue: Catalogue) -> None:
    history = drawn_history(catalogue, 3)
    assert copy.deepcopy({"history": history})["history"] is history
