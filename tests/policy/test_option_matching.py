"""The options of many products at once, beside a slow reading of one value after the other."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from shopwright.catalogue.product import Product
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_states import FIELDS, ONE
from shopwright.encoding.token_states import open_states
from shopwright.policy.evidence import Reader
from shopwright.policy.features import OptionFeature, OptionSummary
from shopwright.policy.matching import RequestReading, in_steps, matches
from shopwright.policy.option_matching import options_of, stands_after, stands_whole, summaries_of
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.understanding.option_words import in_one_writing
from tiny import tiny_products

OPTIONS: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {"fit": ("men", "women"), "Size": ("small", "x-small", "xx-large", "11", "red red")},
    {},
    {"colour": ("red", "dark red", "red mug", "石"), "set": (), "pack": ("2 pack", "pack")},
    {"style": ("red",)},
)
REQUESTS = (
    "red mug for hot drinks, colour: red, size 2xl",
    "women's dark red shirt, fit women, size: XS",
    "11",
    "a pack of red red mugs 石 2 pack",
    "",
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Reader:
    known = tiny_products()
    products = [
        replace(known[number % len(known)], asin=f"P{number}", options=options)
        for number, options in enumerate(OPTIONS)
    ]
    folder = tmp_path_factory.mktemp("options") / "shop"
    shop = build_shop(products, folder, source={"kind": "test"}, tagger=WordTagger())
    model = LanguageModel(str(tiny_model_folder), precision="float32")
    return Reader(shop.catalogue, model, open_states(shop, model))


def slow_features(
    reader: Reader, request: RequestReading, row: int, product: Product
) -> list[dict[OptionFeature, float]]:
    """What is known of each value of a product, from the definitions."""
    text, states = request.text.lower(), reader.states.product(row)
    asked = f" {in_one_writing(text)} "
    steps, step = in_steps(request.states)
    begin = int(states.starts[len(FIELDS) - 1])
    counts = Counter(states.tokens[begin:].tolist())
    found: list[dict[OptionFeature, float]] = []
    values = [(g.lower(), v) for g, own in product.options.items() for v in own]
    standing = [
        value for _, value in values
        if value in text or (in_one_writing(value) and f" {in_one_writing(value)} " in asked)
    ]  # fmt: skip
    number = 0
    for group, own in product.options.items():
        block = []
        having = Counter(word for v in own for word in set(in_one_writing(v).split()))
        for value in own:
            first = int(states.option_starts[number])
            end = int(states.option_starts[number + 1])
            first = max(min(first + int(states.option_skips[number]), end - 1), first)
            similar, same, rarity = [], [], []
            for place in range(begin + first, begin + end):
                similar.append(
                    max(float(t @ states.states[place]) for t in steps.astype(int)) * step / ONE
                )
                same.append(float(states.tokens[place] in request.tokens))
                rarity.append(math.log1p(sum(counts.values()) / counts[states.tokens[place]]))
            weight = sum(rarity)
            weighted = [
                sum(x * r for x, r in zip(each, rarity, strict=True)) for each in (similar, same)
            ]
            written = in_one_writing(value)
            words = [(w, math.log((1 + len(own)) / having[w])) for w in written.split()]
            met = [(w, x) for w, x in words if w in asked.split()]
            plain = len(met) / len(words) if words else 0.0
            by_weight = sum(x for _, x in met) / sum(x for _, x in words) if words else 0.0
            whole = bool(written) and f" {written} " in asked
            stands = value in standing
            longer = [
                v for v in standing
                if (value in v and v != value)
                or (f" {written} " in f" {in_one_writing(v)} " and written != in_one_writing(v))
            ]  # fmt: skip
            is_after = stands_after(group.lower(), value, text) or (
                whole and f" {in_one_writing(group.lower())} {written} " in asked
            )
            block.append(
                {
                    OptionFeature.MEAN_SIMILARITY: sum(similar) / len(similar),
                    OptionFeature.LEAST_SIMILARITY: min(similar),
                    OptionFeature.WEIGHTED_SIMILARITY: weighted[0] / weight,
                    OptionFeature.SHARE_NAMED: max(sum(same) / len(same), plain),
                    OptionFeature.WEIGHTED_SHARE_NAMED: max(weighted[1] / weight, by_weight),
                    OptionFeature.NAMED: stands,
                    OptionFeature.CHARACTERS_NAMED: stands * len(value) / 20,
                    OptionFeature.TOKENS: math.log(len(similar)),
                    OptionFeature.GROUP_SIZE: math.log(len(own)) / 4,
                    OptionFeature.GROUP_NAMED: group.lower() in text,
                    OptionFeature.WHOLE_WORDS: stands and (whole or stands_whole(value, text)),
                    OptionFeature.LONGEST: stands and not longer,
                    OptionFeature.AFTER_GROUP: stands and is_after,
                }
            )
            number += 1
        for below, feature in (
            (OptionFeature.SIMILARITY_BELOW_BEST, OptionFeature.WEIGHTED_SIMILARITY),
            (OptionFeature.SHARE_BELOW_BEST, OptionFeature.WEIGHTED_SHARE_NAMED),
            (OptionFeature.CHARACTERS_BELOW_BEST, OptionFeature.CHARACTERS_NAMED),
            (OptionFeature.AFTER_GROUP_BELOW_BEST, OptionFeature.AFTER_GROUP),
        ):
            for each in block:
                each[below] = each[feature] - max(other[feature] for other in block)
        found += block
    return found


@pytest.mark.parametrize("text", REQUESTS)
def test_options_are_those_of_a_slow_reading(reader: Reader, text: str) -> None:
    (request,) = reader.requests([text])
    rows = [2, 0, 1, 3]
    products = [reader.catalogue[row] for row in rows]
    states = [reader.states.product(row) for row in rows]
    together = options_of(request, products, states, matches(request, states))
    for row, product, reading in zip(rows, products, together, strict=True):
        expected = slow_features(reader, request, row, product)
        assert list(zip(reading.groups, reading.values, strict=True)) == [
            (group.lower(), value) for group, own in product.options.items() for value in own
        ]
        assert reading.features.shape == (len(expected), len(OptionFeature))
        for features, each in zip(reading.features, expected, strict=True):
            assert each.keys() == set(OptionFeature)
            for feature in OptionFeature:
                assert features[feature] == pytest.approx(float(each[feature]), abs=1e-5)
        alone = reader.options(request, row)
        np.testing.assert_allclose(alone.features, reading.features, atol=1e-6)


@pytest.mark.parametrize("text", REQUESTS)
def test_summaries_are_those_of_the_best_of_each_group(reader: Reader, text: str) -> None:
    (request,) = reader.requests([text])
    rows = [3, 2, 0]
    options = [reader.options(request, row) for row in rows]
    for reading, summary in zip(options, summaries_of(options), strict=True):
        best = []
        for group in dict.fromkeys(reading.groups):
            numbers = [n for n, each in enumerate(reading.groups) if each == group]
            best.append([max(reading.features[n][f] for n in numbers) for f in OptionFeature])
        named = [each[OptionFeature.LONGEST] for each in best]
        similar = [each[OptionFeature.WEIGHTED_SIMILARITY] for each in best]
        shares = [each[OptionFeature.WEIGHTED_SHARE_NAMED] for each in best]
        expected = OptionSummary(
            has_options=1.0,
            groups=len(best) / 3,
            share_named=sum(named) / len(named),
            unnamed=(len(named) - sum(named)) / 3,
            named=sum(named) / 3,
            characters_named=sum(each[OptionFeature.CHARACTERS_NAMED] for each in best),
            mean_similarity=sum(similar) / len(similar),
            least_similarity=min(similar),
            mean_share=sum(shares) / len(shares),
            least_share=min(shares),
            least_minimum=min(each[OptionFeature.LEAST_SIMILARITY] for each in best),
        )
        np.testing.assert_allclose(summary, expected, atol=1e-5)
