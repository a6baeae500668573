"""How the words of a request and those of products and options meet, before any learning."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.encoding.option_spans import sums_of
from shopwright.encoding.product_states import FIELDS, ProductStates
from shopwright.policy.features import OPTION_FEATURES, TEXT_EVIDENCE, OptionFeature, OptionSummary
from shopwright.understanding.option_words import in_one_writing


@dataclass(frozen=True, slots=True)
class RequestReading:
    """A request as the policies read it.

    Attributes:
        text: the request.
        tokens: int32, (tokens,).
        word_numbers: int64, (tokens,): the word of the text (split at white space) of each token.
        hidden: float32, (tokens, dimensions): the language model's states.
        states: float32, (tokens, projected dimensions), unit length.
        rarity: float32, (tokens,): the tokens' inverse document frequency in the shop.
        limit_dollars: the price limit that the request names; None without one.
    """

    text: str
    tokens: np.ndarray
    word_numbers: np.ndarray
    hidden: np.ndarray
    states: np.ndarray
    rarity: np.ndarray
    limit_dollars: float | None


@dataclass(frozen=True, slots=True)
class OptionReading:
    """A product's options as the policies read them for a request, in the page's order."""

    groups: tuple[str, ...]  # each option's group, lower case
    values: tuple[str, ...]  # each option's value
    features: np.ndarray  # float32, (options, :data:`OPTION_FEATURES`)


class Match(NamedTuple):
    """How a product's tokens and a request's meet.

    Attributes:
        evidence: float16, (request tokens, TEXT_EVIDENCE).
        best: float32, (product tokens,): each one's highest similarity to a token of the request.
        asked: float32, (product tokens,): 1 for those that stand in the request.
    """

    evidence: np.ndarray
    best: np.ndarray
    asked: np.ndarray


def matches(request: RequestReading, products: Sequence[ProductStates]) -> list[Match]:
    """Return how the tokens of several products meet a request's."""
    counts = np.array([len(product.tokens) for product in products])
    begins = np.cumsum([0, *counts])
    starts = np.concatenate([b + p.starts[:-1] for b, p in zip(begins, products, strict=False)])
    lengths = np.concatenate([np.diff(product.starts) for product in products])
    filled = np.flatnonzero(lengths)
    shape = (len(request.tokens), len(products) * len(FIELDS))
    best = np.zeros(shape, dtype=np.float32)
    same = np.zeros(shape, dtype=np.float32)
    tokens = np.concatenate([product.tokens for product in products])
    similar = request.states @ np.concatenate([product.states for product in products]).T
    equal = request.tokens[:, None] == tokens
    if len(filled):
        best[:, filled] = np.maximum.reduceat(similar, starts[filled], axis=1)
        same[:, filled] = np.logical_or.reduceat(equal, starts[filled], axis=1)
    evidence = np.stack([best, same], axis=-1).astype(np.float16)
    evidence = evidence.reshape(len(request.tokens), len(products), TEXT_EVIDENCE)
    nearest, asked = similar.max(axis=0), equal.any(axis=0).astype(np.float32)
    return [
        Match(np.ascontiguousarray(evidence[:, number]), nearest[begin:end], asked[begin:end])
        for number, (begin, end) in enumerate(itertools.pairwise(begins))
    ]


def options_of(
    request: RequestReading, product: Product, states: ProductStates, match: Match
) -> OptionReading:
    """Return the options of a product as read for a request."""
    groups = tuple(g.lower() for g, values in product.options.items() for _ in values)
    values = tuple(value for values in product.options.values() for value in values)
    features = _option_features(request, product, states, match, values)
    return OptionReading(groups, values, features)


def _option_features(
    request: RequestReading,
    product: Product,
    states: ProductStates,
    match: Match,
    values: tuple[str, ...],
) -> np.ndarray:
    """What an :class:`OptionFeature` each says of the values."""
    features = np.zeros((len(values), OPTION_FEATURES), dtype=np.float32)
    if not values:
        return features
    text = request.text.lower()
    first, spans = states.starts[len(FIELDS) - 1], states.option_spans
    filled = spans.filled
    if len(filled):
        best, asked = match.best[first:], match.asked[first:]
        sums = partial(sums_of, begins=spans.begins, inside=spans.inside)
        within = np.where(spans.inside, best, np.float32(np.inf))
        # Tokens that many values have, of little rarity, say little about which value is meant.
        of_tokens = {
            OptionFeature.MEAN_SIMILARITY: sums(best) / spans.lengths,
            OptionFeature.LEAST_SIMILARITY: np.minimum.reduceat(within, spans.begins),
            OptionFeature.WEIGHTED_SIMILARITY: sums(best * spans.rarity) / spans.weights,
            OptionFeature.SHARE_NAMED: sums(asked) / spans.lengths,
            OptionFeature.WEIGHTED_SHARE_NAMED: sums(asked * spans.rarity) / spans.weights,
            OptionFeature.TOKENS: np.log(spans.lengths),
        }
        for feature, found in of_tokens.items():
            features[filled, feature] = found
    _fill_in_named(features, product, values, text)
    compared = [
        OptionFeature.WEIGHTED_SIMILARITY,
        OptionFeature.WEIGHTED_SHARE_NAMED,
        OptionFeature.CHARACTERS_NAMED,
    ]
    below = [
        OptionFeature.SIMILARITY_BELOW_BEST,
        OptionFeature.SHARE_BELOW_BEST,
        OptionFeature.CHARACTERS_BELOW_BEST,
    ]
    start = 0
    for group, group_values in product.options.items():
        if not group_values:
            continue
        block = features[start : start + len(group_values)]
        block[:, below] = block[:, compared] - block[:, compared].max(axis=0)
        block[:, OptionFeature.GROUP_SIZE] = np.log(len(group_values)) / 4.0
        block[:, OptionFeature.GROUP_NAMED] = group.lower() in text
        block[:, OptionFeature.AFTER_GROUP_BELOW_BEST] = (
            block[:, OptionFeature.AFTER_GROUP] - block[:, OptionFeature.AFTER_GROUP].max()
        )
        start += len(group_values)
    return features


def _fill_in_named(
    features: np.ndarray, product: Product, values: tuple[str, ...], text: str
) -> None:
    """Fill in what of the values stands in a request, as it is or in another writing."""
    asked, words = _asked(text)
    groups: list[str] = []
    written: list[str] = []
    for group, own in product.options.items():
        block = features[len(groups) : len(groups) + len(own)]
        of_group = _written(tuple(own))
        named = [OptionFeature.SHARE_NAMED, OptionFeature.WEIGHTED_SHARE_NAMED]
        block[:, named] = np.maximum(block[:, named], _shares_named(of_group, words))
        groups += [group.lower()] * len(own)
        written += [f" {value.text} " for value in of_group]
    whole = [bool(own.strip()) and own in asked for own in written]
    standing = [n for n, value in enumerate(values) if value and (whole[n] or value in text)]
    for number in standing:
        value, own_text, group = values[number], written[number], groups[number]
        features[number, OptionFeature.NAMED] = 1.0
        features[number, OptionFeature.CHARACTERS_NAMED] = len(value) / 20.0
        features[number, OptionFeature.WHOLE_WORDS] = whole[number] or stands_whole(value, text)
        features[number, OptionFeature.LONGEST] = not any(
            (value in values[other] and value != values[other])
            or (own_text in written[other] and own_text != written[other])
            for other in standing
        )
        features[number, OptionFeature.AFTER_GROUP] = stands_after(group, value, text) or (
            whole[number] and f" {in_one_writing(group)}{own_text}" in asked
        )


@lru_cache(maxsize=1)
def _asked(text: str) -> tuple[str, frozenset[str]]:
    """A request in one writing, and its words: one is read beside many products."""
    asked = f" {in_one_writing(text)} "
    return asked, frozenset(asked.split())


class _Written(NamedTuple):
    """A value in one writing.

    Attributes:
        text: the value.
        words: its words, each with a weight: the more, the fewer values of its group have it.
    """

    text: str
    words: tuple[tuple[str, float], ...]


@lru_cache(maxsize=1 << 11)
def _written(values: tuple[str, ...]) -> tuple[_Written, ...]:
    """The values of a group in one writing."""
    texts = [in_one_writing(value) for value in values]
    counts = Counter(word for text in texts for word in set(text.split()))
    weight_of = {word: math.log((1 + len(values)) / count) for word, count in counts.items()}
    return tuple(
        _Written(text, tuple((word, weight_of[word]) for word in text.split())) for text in texts
    )


def _shares_named(values: Sequence[_Written], asked: Set[str]) -> np.ndarray:
    """Which share of the words of each value a request has: float32, (values, 2), plain and
    weighted."""
    shares = np.zeros((len(values), 2), dtype=np.float32)
    for number, (_, words) in enumerate(values):
        found = [weight for word, weight in words if word in asked]
        if found:
            shares[number] = len(found) / len(words), sum(found) / sum(w for _, w in words)
    return shares


def stands_whole(value: str, text: str) -> bool:
    """Whether a value stands in a text as whole words: "small" is not in "x-small", "men" not in
    "men's"."""
    return any(not (start and _joins(text[start - 1], "-")) for start in _ending_whole(value, text))


def stands_after(group: str, value: str, text: str) -> bool:
    """Whether a value stands in a text as whole words right after its group's name, with one to
    three characters between that belong to no word."""
    for start in _ending_whole(value, text):
        for begin in range(start - 1, max(start - 4, -1), -1):
            if _joins(text[begin], ""):
                break
            named = begin - len(group)
            if text.endswith(group, 0, begin) and not (named > 0 and _joins(text[named - 1], "")):
                return True
    return False


def _ending_whole(value: str, text: str) -> Iterator[int]:
    """Where a value stands in a text with no word going on after it."""
    start = text.find(value)
    while start >= 0:
        end = start + len(value)
        if end == len(text) or not _joins(text[end], "'-"):
            yield start
        start = text.find(value, start + 1)


def _joins(character: str, others: str) -> bool:
    return character.isalnum() or character == "_" or character in others


def summary_of(options: OptionReading) -> OptionSummary:
    """Return what the best value of each group says; at least one group."""
    places = list(dict.fromkeys(options.groups))
    starts = [options.groups.index(group) for group in places]
    best = np.maximum.reduceat(options.features, starts, axis=0)
    named, similarity = best[:, OptionFeature.LONGEST], best[:, OptionFeature.WEIGHTED_SIMILARITY]
    share = best[:, OptionFeature.WEIGHTED_SHARE_NAMED]
    return OptionSummary(
        has_options=1.0,
        groups=len(places) / 3.0,
        share_named=named.mean(),
        unnamed=(1.0 - named).sum() / 3.0,
        named=named.sum() / 3.0,
        characters_named=best[:, OptionFeature.CHARACTERS_NAMED].sum(),
        mean_similarity=similarity.mean(),
        least_similarity=similarity.min(),
        mean_share=share.mean(),
        least_share=share.min(),
        least_minimum=best[:, OptionFeature.LEAST_SIMILARITY].min(),
    )
