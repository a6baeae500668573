"""What the texts of a product say about the words of a request, before any learning.

For every token of the request and every field of a product: the best cosine similarity to a token
of the field, and whether the token itself stands there. For every option value: how well its
tokens are found in the request.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from shopwright.catalogue.product import Product, Variant
from shopwright.encoding.compute import threads
from shopwright.encoding.encoded_text import EncodedText
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import TokenStates
from shopwright.memory.retriever import HISTORY_FEATURES, Retriever
from shopwright.memory.store import PastRequest, sentence_vector
from shopwright.policy.features import (
    EVIDENCE,
    HISTORY,
    OPTION_SUMMARY,
    TEXT_EVIDENCE,
    ProductFeatures,
    feature_rows,
)
from shopwright.policy.matching import OptionReading, RequestReading, matches
from shopwright.policy.option_matching import options_of, stands_whole, summaries_of
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.understanding.amounts import price_limit, share_within

REQUEST_TOKENS = 128
# Readings of requests that are kept: an episode asks for its own again and again, a training for
# those of all its trajectories.
SERVED_REQUESTS = 32
TRAINING_REQUESTS = 4096
TOGETHER = 1024  # read at once
AT_ONCE = 8  # of those whose states must not depend on the others: what waits in a service


@dataclass(frozen=True, slots=True)
class ProductReading:
    """A product as the policies read it for a request."""

    evidence: np.ndarray  # float16, (request tokens, :data:`~shopwright.policy.features.EVIDENCE`)
    features: np.ndarray  # float32, (:class:`~shopwright.policy.features.ProductFeatures`,)
    option_summary: np.ndarray  # float32, (:class:`~shopwright.policy.features.OptionSummary`,)


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

    def at(self, catalogue: SearchableCatalogue, *, patient: bool = False) -> Reader:
        """Return this reader in the same shop after changes; ``patient`` as :meth:`TokenStates.at`
        takes it."""
        return replace(
            self,
            catalogue=catalogue,
            states=self.states.at(catalogue, self.model, patient=patient),
            retriever=None if self.retriever is None else self.retriever.at(catalogue),
        )

    def requests(self, texts: Sequence[str]) -> list[RequestReading]:
        """Read requests; those read lately are not encoded again."""
        new = [text for text in dict.fromkeys(texts) if text not in self._requests]
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            for text, encoded in zip(some, self._each(some), strict=True):
                self._requests[text] = self._reading(text, encoded)
        readings = [self._requests[text] for text in texts]
        self._forget()
        return readings

    def vector(self, text: str, *, words: int) -> np.ndarray:
        """Return the vector of a request's first words, float32, (dimensions of the model,), of any
        length."""
        (reading,) = self.requests([text])
        vector: np.ndarray = reading.hidden[reading.word_numbers < words].sum(axis=0)
        return vector

    def _each(self, texts: Sequence[str]) -> list[EncodedText]:
        # A text's states must not depend on which others are asked for with it. With one thread, as
        # in every process that reads a part: others round otherwise.
        with threads(1):
            return self.model.encode_each(texts, limit=REQUEST_TOKENS)

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
            limit_dollars=price_limit(text, self.catalogue.currency),
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
            places: their places in the search results, from 0.
            scores: their search scores relative to the best; None on pages, which show none.
        """
        return self.read(request, rows, places, scores, history=history)[0]

    def read(
        self,
        request: RequestReading,
        rows: Sequence[int],
        places: Sequence[int],
        scores: Sequence[float] | None = None,
        *,
        history: bool = True,
    ) -> tuple[list[ProductReading], list[OptionReading]]:
        """Read products, as :meth:`products` does, and their options for a request."""
        if not rows:
            return [], []
        products = [self.catalogue[row] for row in rows]
        states = [self.states.product(row) for row in rows]
        found = matches(request, states)
        evidence = np.zeros((len(rows), len(request.tokens), EVIDENCE), dtype=np.float16)
        evidence[..., :TEXT_EVIDENCE] = found.evidence
        bought = np.zeros((len(rows), HISTORY_FEATURES), dtype=np.float32)
        if self.retriever is not None and history:
            asked = self.retriever.asked(request.tokens, request.hidden)
            bought = self.retriever.features(request.text, asked.vector, rows)
            asked_before = self.retriever.evidence(request.text, asked, rows)
            evidence[..., TEXT_EVIDENCE:] = asked_before.swapaxes(0, 1)
        features = feature_rows(
            [
                _features_of(request, product, place, scores[number] if scores else 0.0)
                for number, (product, place) in enumerate(zip(products, places, strict=True))
            ],
            len(ProductFeatures._fields),
        )
        features[:, HISTORY:] = bought
        options = options_of(request, products, states, found)
        summaries = np.zeros((len(rows), OPTION_SUMMARY), dtype=np.float32)
        offering = [number for number, each in enumerate(options) if each.values]
        if offering:
            summaries[offering] = summaries_of([options[number] for number in offering])
        return [*map(ProductReading, evidence, features, summaries)], options

    def options(self, request: RequestReading, row: int) -> OptionReading:
        """Read a product's options for a request."""
        product, states = [self.catalogue[row]], [self.states.product(row)]
        return options_of(request, product, states, matches(request, states))[0]


def _features_of(
    request: RequestReading, product: Product, place: int, score: float
) -> ProductFeatures:
    """What is known of a product but its history."""
    limit = request.limit_dollars
    prices: Sequence[float] = product.pricing_dollars
    if limit is not None and product.variants:
        prices = asked_prices(product, request.text)
    lowest, highest = min(prices), max(prices)
    return ProductFeatures(
        reciprocal_rank=1.0 / (place + 1),
        log_rank=math.log(place + 1) / 4.0,
        search_score=score,
        above_limit=limit is not None and lowest > limit,
        within_limit=limit is not None and lowest <= limit,
        share_within_limit=share_within(limit, lowest, highest),
    )


def asked_prices(product: Product, request: str) -> Sequence[float]:
    """Return the prices of those variants of a product that have most of the option values that
    stand in a request."""
    lower = request.lower()

    def named(variant: Variant) -> int:
        return sum(stands_whole(value, lower) for value in variant.options.values())

    offers = [product.variants[number] for number in product.offers]
    priced = [each for each in offers if each.price_dollars is not None]
    counts = [named(variant) for variant in priced]
    most = max(counts, default=0)
    prices = [each.price_dollars for each, n in zip(priced, counts, strict=True) if n == most]
    return [price for price in prices if price is not None] or product.pricing_dollars
