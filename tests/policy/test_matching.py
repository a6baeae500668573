"""How words of requests and products meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.encoding.byte_products import row_products
from shopwright.encoding.option_spans import OptionSpans
from shopwright.encoding.product_states import FIELDS, ONE, ProductStates
from shopwright.policy.matching import RequestReading, matches

NO_OPTIONS = np.zeros(1, dtype=np.int64)


def unit(rng: np.random.Generator, count: int, dimensions: int) -> np.ndarray:
    states = rng.normal(size=(count, dimensions)).astype(np.float32)
    return states / np.linalg.norm(states, axis=1, keepdims=True)


def request(rng: np.random.Generator, tokens: int, states: np.ndarray) -> RequestReading:
    return RequestReading(
        text="",
        tokens=rng.integers(0, 9, tokens).astype(np.int32),
        word_numbers=np.arange(tokens),
        hidden=states,
        states=states,
        rarity=np.ones(tokens, dtype=np.float32),
        limit_dollars=None,
    )


def product(rng: np.random.Generator, lengths: list[int], states: np.ndarray) -> ProductStates:
    tokens = rng.integers(0, 9, sum(lengths)).astype(np.int32)
    spans = OptionSpans.of(tokens[:0], NO_OPTIONS, NO_OPTIONS[:0])
    starts = np.cumsum([0, *lengths])
    return ProductStates(tokens, states, starts, NO_OPTIONS, NO_OPTIONS[:0], spans)


@given(
    st.integers(0, 2**32),
    st.integers(1, 40),
    st.lists(st.lists(st.integers(0, 9), min_size=5, max_size=5), min_size=1, max_size=6),
    st.sampled_from([1, 20, 2048]),
)
@settings(max_examples=60)
def test_each_token_meets_the_likest_of_each_field(seed, asked, products, together):
    rng, dimensions = np.random.default_rng(seed), 32
    reading = request(rng, asked, unit(rng, asked, dimensions))
    kept = [np.rint(unit(rng, sum(each), dimensions) * ONE).astype(np.int8) for each in products]
    read = [product(rng, each, own) for each, own in zip(products, kept, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shopwright.policy.matching.BLOCK_TOKENS", together)
        found = matches(reading, read)
    assert found.evidence.shape == (len(products), asked, 2 * len(FIELDS))
    for number, own in enumerate(read):
        similar = reading.states @ own.states.T.astype(np.float32) / ONE
        equal = reading.tokens[:, None] == own.tokens
        for field, (begin, end) in enumerate(zip(own.starts, own.starts[1:], strict=False)):
            evidence = found.evidence[number, :, 2 * field : 2 * field + 2]
            if begin == end:
                assert not evidence.any()
                continue
            likest = similar[:, begin:end].max(axis=1)
            np.testing.assert_allclose(evidence[:, 0], likest, atol=0.02)
            np.testing.assert_array_equal(evidence[:, 1], equal[:, begin:end].any(axis=1))
        np.testing.assert_allclose(found.best[number], similar.max(axis=0, initial=-1.0), atol=0.02)
        np.testing.assert_array_equal(found.asked[number], equal.any(axis=0))


def test_a_request_without_words_meets_nothing():
    rng = np.random.default_rng(0)
    reading = request(rng, 1, np.zeros((1, 4), dtype=np.float32))
    own = product(rng, [2, 0, 0, 0, 1], np.full((3, 4), ONE, dtype=np.int8))
    assert not matches(reading, [own]).evidence[..., 0].any()


@pytest.mark.parametrize(
    ("most", "expected"), [(360, [512, 512]), (1, [256, 0, 256, 512]), (2048, [768])]
)
def test_products_that_are_multiplied_apart_meet_the_same_to_the_last_bit(
    monkeypatch, most, expected
):
    rng = np.random.default_rng(0)
    reading = request(rng, 7, unit(rng, 7, 32))
    lengths = [[3, 0, 200, 1, 4], [0, 0, 0, 0, 0], [150, 2, 0, 0, 0], [1, 1, 1, 1, 300]]
    kept = [np.rint(unit(rng, sum(each), 32) * ONE).astype(np.int8) for each in lengths]
    read = [product(rng, each, own) for each, own in zip(lengths, kept, strict=True)]
    sizes: list[int] = []

    def noted(few, many):
        sizes.append(len(many))
        return row_products(few, many)

    together = matches(reading, read)
    monkeypatch.setattr("shopwright.policy.matching.row_products", noted)
    monkeypatch.setattr("shopwright.policy.matching.BLOCK_TOKENS", most)
    apart = matches(reading, read)
    # Products of 208, 0, 152 and 304 tokens, padded to multiples of 256.
    assert sizes == expected
    np.testing.assert_array_equal(apart.evidence, together.evidence)
    for one, other in zip(apart.best, together.best, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == np.float64
