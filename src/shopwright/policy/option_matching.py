"""How the values of products' options stand in a request, before any learning.

All values of all products are read at once: there are hundreds beside one request.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.encoding.option_spans import sums_of
from shopwright.encoding.product_states import FIELDS, ProductStates
from shopwright.policy.features import OPTION_FEATURES, OptionFeature, OptionSummary
from shopwright.policy.matching import Matches, OptionReading, RequestReading
from shopwright.understanding.option_words import in_one_writing

OFFERS_KEPT = 2048
_SHARE, _WEIGHTED_SHARE = int(OptionFeature.SHARE_NAMED), int(OptionFeature.WEIGHTED_SHARE_NAMED)
# What is compared with the best of its group, and by how much less it is.
_BELOW_BEST = {
    OptionFeature.WEIGHTED_SIMILARITY: OptionFeature.SIMILARITY_BELOW_BEST,
    OptionFeature.WEIGHTED_SHARE_NAMED: OptionFeature.SHARE_BELOW_BEST,
    OptionFeature.CHARACTERS_NAMED: OptionFeature.CHARACTERS_BELOW_BEST,
    OptionFeature.AFTER_GROUP: OptionFeature.AFTER_GROUP_BELOW_BEST,
}


class _Offer(NamedTuple):
    """The values of a product's options, group by group.

    Attributes:
        groups: each value's group, lower case.
        values: the values.
        names, sizes: each group's name, lower case, and how many values it has, at least one.
        written: each value in one writing, a blank around it.
        words: of each value so written, with a weight: the more, the fewer values of its group
            have it.
        having: word → the numbers of the values that have it.
    """

    groups: tuple[str, ...]
    values: tuple[str, ...]
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    written: tuple[str, ...]
    words: tuple[tuple[tuple[str, float], ...], ...]
    having: Mapping[str, Sequence[int]]


@lru_cache(maxsize=OFFERS_KEPT)
def _offer(options: tuple[tuple[str, tuple[str, ...]], ...]) -> _Offer:
    written: list[str] = []
    words: list[list[tuple[str, float]]] = []
    for _, values in options:
        texts = [in_one_writing(value) for value in values]
        counts = Counter(word for text in texts for word in set(text.split()))
        weight = {word: math.log((1 + len(values)) / count) for word, count in counts.items()}
        written += [f" {text} " for text in texts]
        words += [[(word, weight[word]) for word in text.split()] for text in texts]
    having: dict[str, list[int]] = {}
    for number, own in enumerate(words):
        for word in dict.fromkeys(word for word, _ in own):
            having.setdefault(word, []).append(number)
    filled = [(group.lower(), values) for group, values in options if values]
    return _Offer(
        groups=tuple(group for group, values in filled for _ in values),
        values=tuple(value for _, values in filled for value in values),
        names=tuple(group for group, _ in filled),
        sizes=tuple(len(values) for _, values in filled),
        written=tuple(written),
        words=tuple(map(tuple, words)),
        having=having,
    )


def options_of(
    request: RequestReading,
    products: Sequence[Product],
    states: Sequence[ProductStates],
    found: Matches,
) -> list[OptionReading]:
    """Return the options of products as read for a request.

    Args:
        products, states, found: of the same products, in the same order.
    """
    offers = [_offer(tuple(product.options.items())) for product in products]
    ends = np.cumsum([0, *(len(offer.values) for offer in offers)]).tolist()
    features = np.zeros((ends[-1], OPTION_FEATURES), dtype=np.float32)
    _fill_in_tokens(features, ends[:-1], states, found)
    text = request.text.lower()
    own = [features[begin:end] for begin, end in pairwise(ends)]
    for block, offer in zip(own, offers, strict=True):
        _fill_in_named(block, offer, text)
    _compare(features, offers, text)
    return [
        OptionReading(offer.groups, offer.values, block)
        for offer, block in zip(offers, own, strict=True)
    ]


def _fill_in_tokens(
    features: np.ndarray, firsts: Sequence[int], states: Sequence[ProductStates], found: Matches
) -> None:
    """Fill in how the tokens of the values meet the request's.

    Args:
        firsts: the number of each product's first value.
    """
    spans = [each.option_spans for each in states]
    filled = np.concatenate([f + each.filled for f, each in zip(firsts, spans, strict=True)])
    if not len(filled):
        return
    ends = np.cumsum([0, *(len(each.inside) for each in spans)])
    begins = np.concatenate([e + each.begins for e, each in zip(ends, spans, strict=False)])
    starts = [each.starts[len(FIELDS) - 1] for each in states]
    best = np.concatenate([own[first:] for first, own in zip(starts, found.best, strict=True)])
    asked = np.concatenate([own[first:] for first, own in zip(starts, found.asked, strict=True)])
    inside, rarity, lengths, weights = (
        np.concatenate(arrays)
        for arrays in zip(
            *((each.inside, each.rarity, each.lengths, each.weights) for each in spans), strict=True
        )
    )
    # Tokens that many values have, of little rarity, say little about which value is meant.
    features[filled, OptionFeature.MEAN_SIMILARITY] = sums_of(best, begins, inside) / lengths
    features[filled, OptionFeature.LEAST_SIMILARITY] = np.minimum.reduceat(
        np.where(inside, best, np.float32(np.inf)), begins
    )
    features[filled, OptionFeature.WEIGHTED_SIMILARITY] = (
        sums_of(best * rarity, begins, inside) / weights
    )
    features[filled, OptionFeature.SHARE_NAMED] = sums_of(asked, begins, inside) / lengths
    features[filled, OptionFeature.WEIGHTED_SHARE_NAMED] = (
        sums_of(asked * rarity, begins, inside) / weights
    )
    features[filled, OptionFeature.TOKENS] = np.log(lengths)


def _fill_in_named(features: np.ndarray, offer: _Offer, text: str) -> None:
    """Fill in what of a product's values stands in a request, as it is or in another writing."""
    asked, words = _asked(text)
    met = {number for word in offer.having.keys() & words for number in offer.having[word]}
    for number in met:
        row, own = features[number], offer.words[number]
        weights = [weight for word, weight in own if word in words]
        plain, weighted = len(weights) / len(own), sum(weights) / sum(weight for _, weight in own)
        # One by one: an array of two numbers takes ten times as long.
        row[_SHARE] = max(row[_SHARE], plain)
        row[_WEIGHTED_SHARE] = max(row[_WEIGHTED_SHARE], weighted)
    whole = {number for number in met if offer.written[number] in asked}
    standing = [
        n for n, value in enumerate(offer.values) if value and (value in text or n in whole)
    ]
    for number in standing:
        value, written, group = offer.values[number], offer.written[number], offer.groups[number]
        features[number, OptionFeature.NAMED] = 1.0
        features[number, OptionFeature.CHARACTERS_NAMED] = len(value) / 20.0
        features[number, OptionFeature.WHOLE_WORDS] = number in whole or stands_whole(value, text)
        features[number, OptionFeature.LONGEST] = not any(
            (value in offer.values[other] and value != offer.values[other])
            or (written in offer.written[other] and written != offer.written[other])
            for other in standing
        )
        features[number, OptionFeature.AFTER_GROUP] = stands_after(group, value, text) or (
            number in whole and f" {in_one_writing(group)}{written}" in asked
        )


@lru_cache(maxsize=1)
def _asked(text: str) -> tuple[str, frozenset[str]]:
    """A request in one writing, and its words: one is read beside many products."""
    asked = f" {in_one_writing(text)} "
    return asked, frozenset(asked.split())


def _compare(features: np.ndarray, offers: Sequence[_Offer], text: str) -> None:
    """Fill in how values stand beside those of their group, and what is said of that."""
    sizes = np.array([size for offer in offers for size in offer.sizes], dtype=np.int64)
    if not len(sizes):
        return
    compared = features[:, list(_BELOW_BEST)]
    highest = np.maximum.reduceat(compared, np.cumsum(sizes) - sizes, axis=0)
    features[:, list(_BELOW_BEST.values())] = compared - np.repeat(highest, sizes, axis=0)
    features[:, OptionFeature.GROUP_SIZE] = np.repeat(np.log(sizes) / 4.0, sizes)
    named = [name in text for offer in offers for name in offer.names]
    features[:, OptionFeature.GROUP_NAMED] = np.repeat(named, sizes)


def summaries_of(options: Sequence[OptionReading]) -> np.ndarray:
    """Return what the best value of each group of each product says: float32, (products,
    :class:`~shopwright.policy.features.OptionSummary`); of products with at least one value."""
    starts: list[int] = []
    counts = []
    first = 0
    for reading in options:
        names = dict.fromkeys(reading.groups)
        starts += [first + reading.groups.index(name) for name in names]
        counts.append(len(names))
        first += len(reading.groups)
    best = np.maximum.reduceat(np.concatenate([each.features for each in options]), starts, axis=0)
    groups = np.array(counts)
    begins = np.cumsum(groups) - groups
    sums, least = np.add.reduceat(best, begins, axis=0), np.minimum.reduceat(best, begins, axis=0)
    mean = sums / groups.astype(np.float32)[:, None]
    found = {
        "has_options": np.ones(len(options)),
        "groups": groups / 3.0,
        "share_named": mean[:, OptionFeature.LONGEST],
        "unnamed": (groups - sums[:, OptionFeature.LONGEST]) / 3.0,
        "named": sums[:, OptionFeature.LONGEST] / 3.0,
        "characters_named": sums[:, OptionFeature.CHARACTERS_NAMED],
        "mean_similarity": mean[:, OptionFeature.WEIGHTED_SIMILARITY],
        "least_similarity": least[:, OptionFeature.WEIGHTED_SIMILARITY],
        "mean_share": mean[:, OptionFeature.WEIGHTED_SHARE_NAMED],
        "least_share": least[:, OptionFeature.WEIGHTED_SHARE_NAMED],
        "least_minimum": least[:, OptionFeature.LEAST_SIMILARITY],
    }
    return np.stack([found[name] for name in OptionSummary._fields], axis=1).astype(np.float32)


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
