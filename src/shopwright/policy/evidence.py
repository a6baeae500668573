"""What the texts of a product say about the words of a request, before any learning.

For every token of the request and every field of a product: the best cosine similarity to a token
of the field, and whether the token itself stands there. For every option value: how well its
tokens are found in the request.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.encoding.compute import threads
from shopwright.encoding.language_model import EncodedText, LanguageModel
from shopwright.encoding.token_states import FIELDS, ProductStates, TokenStates, sums_of
from shopwright.memory.retriever import HISTORY_FEATURES, Retriever
from shopwright.memory.store import PastRequest, sentence_vector
from shopwright.search.searchable_catalogue import SearchableCatalogue

REQUEST_TOKENS = 128
# Per token of the request and product: similarity and exact match, field by field; then the same
# for the past requests that the product fulfilled.
TEXT_EVIDENCE = 2 * len(FIELDS)
EVIDENCE = TEXT_EVIDENCE + 2
# Per product: reciprocal rank, log rank, search score relative to the best, above the price limit,
# within a price limit, what part of its price range is within it; then what the purchase history
# says.
HISTORY = 6  # where that begins
PRODUCT_FEATURES = HISTORY + HISTORY_FEATURES
SEARCH_SCORE = 2  # its place among them
# Per product, once its options are known: has options; see _option_summary.
OPTION_SUMMARY = 11
OPTION_FEATURES = 17
# Readings of requests that are kept: an episode asks for its own again and again, a training for
# those of all its trajectories.
SERVED_REQUESTS = 256
TRAINING_REQUESTS = 4096
TOGETHER = 1024  # read at once

_LIMIT_BEFORE = re.compile(
    r"(?:under|below|beneath|lower than|less than|cheaper than|at most|maximum(?: of)?|max(?: of)?|"
    r"up to|no more than|not more than|not over|within|budget(?: is| of)?|<=?)"
    r"\s*(?:about\s+|around\s+)?(?:us)?\$?\s*(\d[\d,]*(?:\.\d+)?)"
)
_AMOUNT = re.compile(
    r"(?:\$|usd)\s*(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)\s*(?:dollars?|bucks|usd)\b"
)


def price_limit(request: str) -> float | None:
    """Return the price limit in dollars that a request names; None if it names none.

    An amount with a currency counts before a bare number after "under" and the like, which may
    be a size.
    """
    text = request.lower()
    amounts = [next(filter(None, groups)) for groups in _AMOUNT.findall(text)]
    amounts = amounts or _LIMIT_BEFORE.findall(text)
    values = [float(amount.replace(",", "")) for amount in amounts]
    return max(values) if values else None


def share_within(limit_dollars: float | None, lowest: float, highest: float) -> float:
    """Return what part of a price range is within a limit, 0 to 1: what is paid for a product whose
    page shows a range lies somewhere in it."""
    if limit_dollars is None or highest <= limit_dollars:
        return 1.0
    return max(0.0, limit_dollars - lowest) / (highest - lowest) if highest > lowest else 0.0


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
class ProductReading:
    """A product as the policies read it for a request.

    Attributes:
        evidence: float16, (request tokens, :data:`EVIDENCE`).
        features: float32, (:data:`PRODUCT_FEATURES`,).
        option_summary: float32, (:data:`OPTION_SUMMARY`,).
    """

    evidence: np.ndarray
    features: np.ndarray
    option_summary: np.ndarray


@dataclass(frozen=True, slots=True)
class OptionReading:
    """A product's options as the policies read them for a request, in the page's order.

    Attributes:
        groups: each option's group, lower case.
        values: each option's value.
        features: float32, (options, :data:`OPTION_FEATURES`).
    """

    groups: tuple[str, ...]
    values: tuple[str, ...]
    features: np.ndarray


@dataclass(frozen=True)
class Reader:
    """Reads requests and products of a shop; keeps nothing but what the shop's states keep.

    Attributes:
        catalogue: the shop's products and their search.
        model: the language model.
        states: the shop's token states of that model.
        retriever: finds what was bought for other requests; None for an agent without history.
        requests_kept: how many readings of requests are kept, some 100 KB each.
    """

    catalogue: SearchableCatalogue
    model: LanguageModel
    states: TokenStates
    retriever: Retriever | None = None
    requests_kept: int = SERVED_REQUESTS
    _requests: dict[str, RequestReading] = field(default_factory=dict, repr=False)

    def requests(self, texts: Sequence[str]) -> list[RequestReading]:
        """Read requests; those read lately are not encoded again."""
        new = [text for text in dict.fromkeys(texts) if text not in self._requests]
        # One text a batch: a text's states must not depend on which others are asked for with it.
        for text in new:
            # With one thread, as in every process that reads a part: others round otherwise.
            with threads(1):
                (encoded,) = self.model.encode([text], limits=[REQUEST_TOKENS])
            self._requests[text] = self._reading(text, encoded)
        readings = [self._requests[text] for text in texts]
        self._forget()
        return readings

    def read_together(
        self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Read requests that will be wanted, many at once: in a third of the time, and with other
        rounding than one by one. No more than ``requests_kept`` should be wanted in all: those that
        are forgotten are read again, alone."""
        new = [text for text in dict.fromkeys(texts) if text not in self._requests]
        for done, (text, encoded) in enumerate(zip(new, self._encoded(new), strict=True), start=1):
            self._requests[text] = self._reading(text, encoded)
            if progress:
                progress(done, len(new))
        self._forget()

    def past_requests(self, texts: Sequence[str]) -> Iterator[PastRequest]:
        """Yield what a purchase history takes in of requests, read together; their readings are
        not kept."""
        for encoded in self._encoded(texts):
            states = self.states.projection.apply(encoded.states)
            yield PastRequest(sentence_vector(encoded.states), encoded.tokens, states)

    def past_request(self, request: RequestReading) -> PastRequest:
        """Return what a purchase history takes in of a request."""
        return PastRequest(sentence_vector(request.hidden), request.tokens, request.states)

    def _encoded(self, texts: Sequence[str]) -> Iterator[EncodedText]:
        for start in range(0, len(texts), TOGETHER):
            chunk = texts[start : start + TOGETHER]
            yield from self.model.encode(chunk, limits=[REQUEST_TOKENS] * len(chunk))

    def _forget(self) -> None:
        while len(self._requests) > self.requests_kept:
            del self._requests[next(iter(self._requests))]

    def _reading(self, text: str, encoded: EncodedText) -> RequestReading:
        tokens, hidden = encoded.tokens, encoded.states
        if len(tokens) == 0:  # A request without any word: one token that matches nothing.
            tokens = np.full(1, -1, dtype=np.int32)
            hidden = np.zeros((1, self.model.dimensions), dtype=np.float32)
        numbers = self.model.word_numbers(text, REQUEST_TOKENS) or [0]
        states = self.states.projection.apply(hidden)
        states[tokens < 0] = 0.0
        return RequestReading(
            text=text,
            tokens=tokens,
            word_numbers=np.array(numbers, dtype=np.int64),
            hidden=hidden,
            states=states,
            rarity=self.states.inverse_document_frequency[tokens],
            limit_dollars=price_limit(text),
        )

    def retrieved(self, request: RequestReading, count: int) -> list[int]:
        """Return the rows of products, at most ``count``, that were bought for the requests most
        like this one, nearest first; none without a purchase history."""
        if self.retriever is None:
            return []
        return self.retriever.nearest(request.text, sentence_vector(request.hidden), count)

    def products(
        self,
        request: RequestReading,
        rows: Sequence[int],
        places: Sequence[int],
        scores: Sequence[float] | None = None,
        *,
        history: bool = True,
    ) -> list[ProductReading]:
        """Read products for a request.

        Args:
            request: the request.
            rows: the products' rows.
            places: their places in the search results, from 0.
            scores: their search scores relative to the best; None on pages, which show none.
            history: whether to retrieve what was bought.
        """
        if not rows:
            return []
        known = [self.states.product(row) for row in rows]
        found = _matches(request, known)
        bought = np.zeros((len(rows), HISTORY_FEATURES), dtype=np.float32)
        asked_before = np.zeros((len(request.tokens), len(rows), 2), dtype=np.float16)
        if self.retriever is not None and history:
            asked = self.retriever.asked(request.tokens, request.hidden)
            bought = self.retriever.features(request.text, asked.vector, rows)
            asked_before = self.retriever.evidence(request.text, asked, rows)
        readings = []
        for number, (row, place) in enumerate(zip(rows, places, strict=True)):
            product = self.catalogue[row]
            limit = request.limit_dollars
            lowest, highest = min(product.pricing_dollars), max(product.pricing_dollars)
            features = np.array(
                [
                    1.0 / (place + 1),
                    np.log(place + 1) / 4.0,
                    scores[number] if scores else 0.0,
                    limit is not None and lowest > limit,
                    limit is not None and lowest <= limit,
                    share_within(limit, lowest, highest),
                    *bought[number],
                ],
                dtype=np.float32,
            )
            summary = np.zeros(OPTION_SUMMARY, dtype=np.float32)
            match = found[number]
            if product.options:
                summary = _option_summary(_options(request, product, known[number], match))
            evidence = np.concatenate([match.evidence, asked_before[:, number]], axis=1)
            readings.append(ProductReading(evidence, features, summary))
        return readings

    def options(self, request: RequestReading, row: int) -> OptionReading:
        """Read a product's options for a request."""
        states = self.states.product(row)
        (match,) = _matches(request, [states])
        return _options(request, self.catalogue[row], states, match)


class _Match(NamedTuple):
    """How a product's tokens and a request's meet.

    Attributes:
        evidence: float16, (request tokens, TEXT_EVIDENCE).
        best: float32, (product tokens,): each one's highest similarity to a token of the request.
        asked: float32, (product tokens,): 1 for those that stand in the request.
    """

    evidence: np.ndarray
    best: np.ndarray
    asked: np.ndarray


def _matches(request: RequestReading, products: Sequence[ProductStates]) -> list[_Match]:
    """How the tokens of several products meet a request's."""
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
        _Match(np.ascontiguousarray(evidence[:, number]), nearest[begin:end], asked[begin:end])
        for number, (begin, end) in enumerate(itertools.pairwise(begins))
    ]


def _options(
    request: RequestReading, product: Product, states: ProductStates, match: _Match
) -> OptionReading:
    groups = tuple(g.lower() for g, values in product.options.items() for _ in values)
    values = tuple(value for values in product.options.values() for value in values)
    features = _option_features(request, product, states, match, values)
    return OptionReading(groups, values, features)


def _option_features(
    request: RequestReading,
    product: Product,
    states: ProductStates,
    match: _Match,
    values: tuple[str, ...],
) -> np.ndarray:
    """Per option value: similarity of its tokens to the request's best (mean, least, weighted by
    rarity), share of its tokens that stand in the request (plain, weighted), whether the whole
    value does and its length; the differences to the best of its group; group size, token count,
    whether the group is named; whether the value stands as whole words, outside of a longer value
    that does, right after its group's name, and the last less the best of its group."""
    features = np.zeros((len(values), OPTION_FEATURES), dtype=np.float32)
    if not values:
        return features
    text = request.text.lower()
    first, spans = states.starts[len(FIELDS) - 1], states.option_spans
    filled = spans.filled
    if len(filled):
        best, asked = match.best[first:], match.asked[first:]
        begins, inside = spans.begins, spans.inside
        # Tokens that many values have say little about which value is meant.
        rarity = spans.rarity
        features[filled, 0] = sums_of(best, begins, inside) / spans.lengths
        features[filled, 1] = np.minimum.reduceat(
            np.where(inside, best, np.float32(np.inf)), begins
        )
        features[filled, 2] = sums_of(best * rarity, begins, inside) / spans.weights
        features[filled, 3] = sums_of(asked, begins, inside) / spans.lengths
        features[filled, 4] = sums_of(asked * rarity, begins, inside) / spans.weights
        features[filled, 7] = np.log(spans.lengths)
    standing = [number for number, value in enumerate(values) if value and value in text]
    longer = [values[number] for number in standing]
    groups = [group.lower() for group, own in product.options.items() for _ in own]
    for number in standing:
        value = values[number]
        features[number, 5] = 1.0
        features[number, 6] = len(value) / 20.0
        features[number, 13] = stands_whole(value, text)
        features[number, 14] = not any(value in other and value != other for other in longer)
        features[number, 15] = stands_after(groups[number], value, text)
    start = 0
    for group, group_values in product.options.items():
        if not group_values:
            continue
        block = features[start : start + len(group_values)]
        block[:, 8:11] = block[:, (2, 4, 6)] - block[:, (2, 4, 6)].max(axis=0)
        block[:, 11] = np.log(len(group_values)) / 4.0
        block[:, 12] = group.lower() in text
        block[:, 16] = block[:, 15] - block[:, 15].max()
        start += len(group_values)
    return features


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


def _option_summary(options: OptionReading) -> np.ndarray:
    """What the best value of each group says: has options; groups; the share of groups with a value
    that stands in the request, how many have none, how many have one, characters that stand; mean
    and least over groups of the best similarity, of the best share of tokens, and of the best least
    similarity."""
    places = list(dict.fromkeys(options.groups))
    starts = [options.groups.index(group) for group in places]
    best = np.maximum.reduceat(options.features, starts, axis=0)
    stands, count = best[:, 14], len(places)
    return np.array(
        [
            1.0,
            count / 3.0,
            stands.mean(),
            (1.0 - stands).sum() / 3.0,
            stands.sum() / 3.0,
            best[:, 6].sum(),
            best[:, 2].mean(),
            best[:, 2].min(),
            best[:, 4].mean(),
            best[:, 4].min(),
            best[:, 1].min(),
        ],
        dtype=np.float32,
    )
