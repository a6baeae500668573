"""What is typed into the search box: each word as often as it weighs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import open_states
from shopwright.policy.evidence import Reader
from shopwright.policy.term_weights import (
    REPEATS_AT_MOST,
    TermWeightNetwork,
    weighted_query,
    with_title,
    words_of,
)
from shopwright.shop.shop import Shop
from shopwright.training.methods.term_weights import TermWeightConfig, train_term_weights
from tiny import build_tiny_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return build_tiny_shop(tmp_path_factory.mktemp("term_weights") / "shop")


@pytest.fixture(scope="module")
def reader(shop: Shop, tiny_model_folder: Path) -> Reader:
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    return Reader(shop.catalogue, model, open_states(shop, model))


class Given(torch.nn.Module):
    """Weights as they are given."""

    def __init__(self, *weights: float) -> None:
        super().__init__()
        self.weights = torch.tensor(weights)

    def forward(self, hidden: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        return self.weights


def test_words_are_those_between_white_space(reader: Reader) -> None:
    (request,) = reader.requests(["Find  me lead-free\tMUGS, 12"])
    words = words_of(request)
    assert words.texts == ("find", "me", "lead-free", "mugs,", "12")
    own = request.word_numbers == 2
    assert own.sum() == 3  # lead, -, free
    np.testing.assert_allclose(words.hidden[2], request.hidden[own].mean(axis=0), rtol=1e-6)
    assert words.features[:, 3].tolist() == [0, 0, 0, 0, 1]
    np.testing.assert_allclose(words.features[2, 0], request.rarity[own].max() / 8, rtol=1e-6)


@pytest.mark.parametrize(
    "text", ["lead-free mug, 12 oz", "<b> red mug <r>", "", "  ", "mug " * 80 + "red", "石 mug 9"]
)
def test_words_are_those_of_a_slow_reading(reader: Reader, text: str) -> None:
    (request,) = reader.requests([text])
    words, place = words_of(request), 0
    for number, word in enumerate(text.lower().split()):
        own = [n for n, each in enumerate(request.word_numbers) if each == number]
        if not own or word in ("<b>", "<r>"):
            continue
        assert words.texts[place] == word
        rarity = [request.rarity[n] / 8 for n in own]
        mean = sum(request.hidden[n] for n in own) / len(own)
        np.testing.assert_allclose(words.hidden[place], mean, atol=1e-5)
        digits = any(letter.isdigit() for letter in word)
        expected = [max(rarity), sum(rarity) / len(own), len(word) / 10, digits]
        np.testing.assert_allclose(words.features[place], expected, atol=1e-6)
        place += 1
    assert place == len(words.texts) == len(words.hidden) == len(words.features)


def test_words_are_typed_in_proportion_to_their_weights(reader: Reader) -> None:
    (request,) = reader.requests(["find red mugs"])
    query = weighted_query(Given(0.1, 4.0, 2.0), request)  # type: ignore[arg-type]
    assert query == " ".join(["red"] * REPEATS_AT_MOST + ["mugs"] * (REPEATS_AT_MOST // 2))


def test_requests_cannot_reach_the_shops_special_queries(reader: Reader) -> None:
    (request,) = reader.requests(["<r> red mug"])
    query = weighted_query(TermWeightNetwork(32).eval(), request)
    assert not query.startswith("<")
    for text in ("", "  ", "<r>"):
        (request,) = reader.requests([text])
        assert weighted_query(TermWeightNetwork(32).eval(), request) == text


def test_training_learns_which_words_matter(tmp_path: Path, reader: Reader, shop: Shop) -> None:
    purchases = [
        (f"every day {p.attributes[0]} coffee mug find me", [row])
        for row, p in enumerate(shop.catalogue)
    ]
    config = TermWeightConfig(steps=150, learning_rate=1e-2)
    network = train_term_weights(reader, purchases, tmp_path, config, seed=0)
    for request, _ in purchases:
        words = words_of(reader.requests([request])[0])
        with torch.inference_mode():
            weights = network(torch.from_numpy(words.hidden), torch.from_numpy(words.features))
        by_word = dict(zip(words.texts, weights.tolist(), strict=True))
        own = request.removeprefix("every day ").split()[0]  # the attribute's first word
        # All mugs are coffee mugs; which one it is, only its attribute tells.
        assert by_word[own] > by_word["coffee"]
        assert by_word[own] > by_word["mug"]


def test_training_is_the_same_twice(tmp_path: Path, reader: Reader) -> None:
    config = TermWeightConfig(steps=5)
    one, two = (
        train_term_weights(reader, [("red mug", [0])], tmp_path / name, config, seed=3)
        for name in ("one", "two")
    )
    for first, second in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(first, second)


def test_any_product_that_fulfils_a_request_may_come_first(
    tmp_path: Path, reader: Reader, shop: Shop
) -> None:
    one, other = (shop.catalogue[row].attributes[0].split()[0] for row in (0, 1))
    request = f"{one} {other} mug"
    (reading,) = reader.requests([request])
    words = words_of(reading)
    chosen = []
    for fulfilling in ([0], [0, 1]):
        config = TermWeightConfig(steps=60, learning_rate=1e-2)
        network = train_term_weights(
            reader, [(request, fulfilling)], tmp_path / str(len(fulfilling)), config, seed=0
        )
        with torch.inference_mode():
            weights = network(torch.from_numpy(words.hidden), torch.from_numpy(words.features))
        chosen.append(weights[0] - weights[1])
    # The second product's word only does harm where that product is wrong.
    assert chosen[0] > 5 * chosen[1].abs()


def test_a_title_beside_a_query_names_no_special_one() -> None:
    assert with_title("red mug", "<r> Mug,\n  of <d> clay") == "red mug Mug, of clay"
    assert with_title("red mug", "") == "red mug"
