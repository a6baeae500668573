"""The relevance of products all of whose texts are known, for answers that are given one by one.

:class:`~shopwright.policy.relevance.RelevanceNetwork` learns on padded batches. Of one request its
numbers are so few that torch spends more time on each of a hundred operations than these compute:
numpy takes a third of it. The steps are the network's, without what only padding needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from torch import nn
from torch.nn.functional import gelu

from shopwright.encoding.product_states import FIELDS
from shopwright.policy.evidence import ProductReading
from shopwright.policy.features import HISTORY, TEXT_EVIDENCE
from shopwright.policy.matching import RequestReading
from shopwright.policy.relevance import RelevanceNetwork


class CompleteRelevance:
    """What a network thinks of products for a request.

    Args:
        network: of complete texts; its parameters are read when it is asked.
        request: what is to be found.
    """

    def __init__(self, network: RelevanceNetwork, request: RequestReading) -> None:
        self._network, self._request = network, request
        self._rarity = request.rarity / np.float32(8.0)

    def among(self, products: Sequence[ProductReading]) -> np.ndarray:
        """Return the relevance of products that stand beside each other, float32, (products,)."""
        evidence = _evidence_of(products)
        similar, same = _best_of_fields(evidence)
        share, best = same.mean(axis=0, keepdims=True), similar.max(axis=0, keepdims=True)
        return self._score(evidence, self._word_weights(share, best), products)

    def alone(self, products: Sequence[ProductReading]) -> np.ndarray:
        """Return the relevance of each of several products without the others, float32,
        (products,)."""
        evidence = _evidence_of(products)
        similar, same = _best_of_fields(evidence)
        return self._score(evidence, self._word_weights(same, similar), products)

    @cached_property
    def _meaning(self) -> np.ndarray:
        return _through(self._network.word_meaning, self._request.hidden.T)

    def _word_weights(self, share: np.ndarray, best: np.ndarray) -> np.ndarray:
        """How much each word counts, (aspects, choices, T); of arguments (choices, T)."""
        rarity = np.broadcast_to(self._rarity, share.shape)
        weights = _through(self._network.word_rarity, np.stack([rarity, share, best]))
        weights += self._meaning[:, None]
        np.exp(weights - weights.max(axis=2, keepdims=True), out=weights)
        weights /= weights.sum(axis=2, keepdims=True)
        return weights

    def _score(
        self, evidence: np.ndarray, weights: np.ndarray, products: Sequence[ProductReading]
    ) -> np.ndarray:
        network = self._network
        rarity = np.broadcast_to(self._rarity, (1, *evidence.shape[1:]))
        found = _through(network.evidence[0], np.concatenate([evidence, rarity]))
        mean = (found * weights).sum(axis=2)
        spread = (np.square(found - mean[:, :, None]) * weights).sum(axis=2)
        about = [mean, found.min(axis=2), found.max(axis=2), spread, *_about(products)]
        relevance: np.ndarray = _through(network.product[0], np.concatenate(about))[0]
        relevance += network.aspect_weights.detach()[0].numpy() @ mean
        return relevance


def _evidence_of(products: Sequence[ProductReading]) -> np.ndarray:
    """What texts say of the words, float32, (EVIDENCE, products, T), without purchases."""
    evidence = np.stack([product.evidence.T for product in products], axis=1).astype(np.float32)
    evidence[TEXT_EVIDENCE:] = 0.0
    return evidence


def _best_of_fields(evidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best similarity of any field, and whether any has the word itself, (products, T)."""
    return evidence[0::2].max(axis=0), evidence[1::2].max(axis=0)


def _about(products: Sequence[ProductReading]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What else is known of products, (features, products) each."""
    features = np.stack([product.features for product in products], axis=1)
    features[HISTORY:] = 0.0
    summaries = np.stack([product.option_summary for product in products], axis=1)
    return features, summaries, np.ones((len(FIELDS), len(products)), dtype=np.float32)


def _through(layers: nn.Module, values: np.ndarray) -> np.ndarray:
    """What two linear layers with a GELU between them give, (outputs, ...); of (inputs, ...):
    numpy reads along the last axis best, which should be the longest."""
    first, second = (layer for layer in layers.children() if isinstance(layer, nn.Linear))
    hidden = _linear(first, values.reshape(len(values), -1))
    found = _linear(second, gelu(torch.from_numpy(hidden)).numpy())
    return found.reshape(-1, *values.shape[1:])


def _linear(layer: nn.Linear, values: np.ndarray) -> np.ndarray:
    """A linear layer: (inputs, columns) → (outputs, columns)."""
    product: np.ndarray = layer.weight.detach().numpy() @ values
    product += layer.bias.detach().numpy()[:, None]
    return product
