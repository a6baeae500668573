"""What the texts of a product say about the words of a request, before any learning.

For every token of the request and every field of a product: the best cosine similarity to a token
of the field, and whether the token itself stands there. For every option value: how well its
tokens are found in the request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shopwright.catalogue.product import Product
from shopwright.policies.encoder import EncodedText, LanguageModel
from shopwright.policies.states import FIELDS, ProductStates, TokenStates
from shopwright.shop.shop import Shop

REQUEST_TOKENS = 128
# Per token of the request and product: similarity and exact match, field by field.
EVIDENCE = 2 * len(FIELDS)
# Per product: reciprocal rank, search score relative to the best, above the price limit, within a
# price limit, has options.
PRODUCT_FEATURES = 5
OPTION_FEATURES = 13

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


@dataclass(frozen=True, slots=True)
class RequestReading:
    """A request as the policies read it.

    Attributes:
        text: the request.
        tokens: int32, (tokens,).
        hidden: float32, (tokens, dimensions): the language model's states.
        states: float32, (tokens, projected dimensions), unit length.
        rarity: float32, (tokens,): the tokens' inverse document frequency in the shop.
        limit_dollars: the price limit that the request names; None without one.
    """

    text: str
    tokens: np.ndarray
    hidden: np.ndarray
    states: np.ndarray
    rarity: np.ndarray
    limit_dollars: float | None


@dataclass(frozen=True, slots=True)
class ProductReading:
    """A product as the policies read it for a request.

    Attributes:
        evidence: float32, (request tokens, :data:`EVIDENCE`).
        features: float32, (:data:`PRODUCT_FEATURES`,).
    """

    evidence: np.ndarray
    features: np.ndarray


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


@dataclass
class Reader:
    """Reads requests and products of a shop; keeps nothing but what the shop's states keep.

    Attributes:
        shop: the shop.
        model: the language model.
        states: the shop's token states of that model.
    """

    shop: Shop
    model: LanguageModel
    states: TokenStates
    _requests: dict[str, RequestReading] = field(default_factory=dict, repr=False)

    REQUESTS_KEPT = 4096

    def requests(self, texts: Sequence[str]) -> list[RequestReading]:
        """Read requests; those read lately are not encoded again."""
        new = [text for text in dict.fromkeys(texts) if text not in self._requests]
        # One text a batch: a text's states must not depend on which others are read with it.
        for text in new:
            (encoded,) = self.model.encode([text], limits=[REQUEST_TOKENS])
            self._requests[text] = self._reading(text, encoded)
        readings = [self._requests[text] for text in texts]
        while len(self._requests) > self.REQUESTS_KEPT:
            del self._requests[next(iter(self._requests))]
        return readings

    def _reading(self, text: str, encoded: EncodedText) -> RequestReading:
        tokens, hidden = encoded.tokens, encoded.states
        if len(tokens) == 0:  # A request without any word: one token that matches nothing.
            tokens = np.full(1, -1, dtype=np.int32)
            hidden = np.zeros((1, self.model.dimensions), dtype=np.float32)
        return RequestReading(
            text=text,
            tokens=tokens,
            hidden=hidden,
            states=self.states.projection.apply(hidden),
            rarity=self.states.inverse_document_frequency[tokens],
            limit_dollars=price_limit(text),
        )

    def products(
        self,
        request: RequestReading,
        rows: Sequence[int],
        places: Sequence[int],
        scores: Sequence[float] | None = None,
    ) -> list[ProductReading]:
        """Read products for a request.

        Args:
            request: the request.
            rows: the products' rows.
            places: their places in the search results, from 0.
            scores: their search scores relative to the best; None on pages, which show none.
        """
        readings = []
        for number, (row, place) in enumerate(zip(rows, places, strict=True)):
            product = self.shop.catalogue[row]
            limit, lowest = request.limit_dollars, product.pricing_dollars[0]
            features = np.array(
                [
                    1.0 / (place + 1),
                    scores[number] if scores else 0.0,
                    limit is not None and lowest > limit,
                    limit is not None and lowest <= limit,
                    bool(product.options),
                ],
                dtype=np.float32,
            )
            readings.append(ProductReading(_evidence(request, self.states.product(row)), features))
        return readings

    def options(self, request: RequestReading, row: int) -> OptionReading:
        """Read a product's options for a request."""
        product = self.shop.catalogue[row]
        groups = tuple(g.lower() for g, values in product.options.items() for _ in values)
        values = tuple(value for values in product.options.values() for value in values)
        features = _option_features(request, product, self.states.product(row), groups, values)
        return OptionReading(groups, values, features)


def _evidence(request: RequestReading, product: ProductStates) -> np.ndarray:
    evidence = np.zeros((len(request.tokens), EVIDENCE), dtype=np.float32)
    similar = request.states @ product.states.T
    same = request.tokens[:, None] == product.tokens
    for number in range(len(FIELDS)):
        start, end = product.starts[number], product.starts[number + 1]
        if end > start:
            evidence[:, 2 * number] = similar[:, start:end].max(axis=1)
            evidence[:, 2 * number + 1] = same[:, start:end].any(axis=1)
    return evidence


def _option_features(
    request: RequestReading,
    product: Product,
    states: ProductStates,
    groups: tuple[str, ...],
    values: tuple[str, ...],
) -> np.ndarray:
    """Per option value: similarity of its tokens to the request's best (mean, least, weighted by
    rarity), share of its tokens that stand in the request (plain, weighted), whether the whole
    value does and its length; the differences to the best of its group; group size, token count,
    whether the group is named."""
    features = np.zeros((len(values), OPTION_FEATURES), dtype=np.float32)
    if not values:
        return features
    text = request.text.lower()
    first = states.starts[len(FIELDS) - 1]
    similar = states.states[first:] @ request.states.T
    best = similar.max(axis=1)
    asked = np.isin(states.tokens[first:], request.tokens).astype(np.float32)
    # Tokens that many products have say little about which value is meant.
    rarity = _rarity_of(states.tokens[first:])
    for number, value in enumerate(values):
        start, end = states.option_starts[number], states.option_starts[number + 1]
        inside = slice(min(start + states.option_skips[number], max(end - 1, start)), end)
        if end <= start:
            continue
        weight = rarity[inside] / rarity[inside].sum()
        stands = bool(value) and value in text
        features[number, :8] = (
            best[inside].mean(),
            best[inside].min(),
            (best[inside] * weight).sum(),
            asked[inside].mean(),
            (asked[inside] * weight).sum(),
            stands,
            len(value) / 20.0 if stands else 0.0,
            np.log(end - inside.start),
        )
    for group, group_values in product.options.items():
        members = [n for n, own in enumerate(groups) if own == group.lower()]
        block = features[members]
        block[:, 8] = block[:, 2] - block[:, 2].max()
        block[:, 9] = block[:, 4] - block[:, 4].max()
        block[:, 10] = block[:, 6] - block[:, 6].max()
        block[:, 11] = np.log(len(group_values)) / 4.0
        block[:, 12] = group.lower() in text
        features[members] = block
    return features


def _rarity_of(tokens: np.ndarray) -> np.ndarray:
    """Weights of option tokens: how rarely each occurs among the product's own options."""
    _, inverse, counts = np.unique(tokens, return_inverse=True, return_counts=True)
    rare: np.ndarray = np.log1p(len(tokens) / counts[inverse])
    return rare.astype(np.float32)
