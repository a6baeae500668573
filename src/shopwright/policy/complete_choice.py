"""What a choice network thinks of products all of whose texts are known, for single answers.

:class:`~shopwright.policy.choice.ChoiceNetwork` learns on padded batches. Of one request the
numbers are so few that torch takes longer to begin each of a hundred operations than to carry it
out: numpy takes a third of the time. The steps are the network's, without dropout and without what
only padding, pages and other products need.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch
from torch import nn
from torch.nn.functional import gelu

from shopwright.encoding.product_states import FIELDS
from shopwright.policy.batch import NEVER
from shopwright.policy.choice import (
    GROUPS,
    GROUPS_OF_STEPS,
    LEAST_LOG_SHARE,
    RELEVANCE_SCALE,
    STEPS_LEFT,
    ChoiceNetwork,
)
from shopwright.policy.decisions import ActionKind, Decision
from shopwright.policy.evidence import ProductReading
from shopwright.policy.features import HISTORY, RARITY_SCALE, TEXT_EVIDENCE
from shopwright.policy.matching import RequestReading


class CompleteRelevance:
    """The relevance of products for a request.

    Args:
        network: as it is from the first question on.
        request: what is to be found.
    """

    def __init__(self, network: ChoiceNetwork, request: RequestReading) -> None:
        self._network, self._request = network.complete_relevance, request
        self._rarity = request.rarity / np.float32(RARITY_SCALE)

    def among(self, products: Sequence[ProductReading]) -> np.ndarray:
        """Return the relevance of products that stand beside each other, at least one, float32,
        (products,)."""
        evidence = _evidence_of(products)
        similar, same = _best_of_fields(evidence)
        share, best = same.mean(axis=0, keepdims=True), similar.max(axis=0, keepdims=True)
        return self._score(evidence, self._word_weights(share, best), products)

    def alone(self, products: Sequence[ProductReading]) -> np.ndarray:
        """Return the relevance of each of several products without the others, at least
        one, float32, (products,)."""
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


@torch.inference_mode()
def option_scores(
    network: ChoiceNetwork, steps: Sequence[Decision], relevance: Sequence[float]
) -> list[list[float]]:
    """Return the log probabilities of the actions of each step.

    Args:
        steps: choices of an option (:func:`~shopwright.policy.decisions.option_decision`).
        relevance: of the one product of each step.
    """
    starts = np.cumsum([0, *(len(step.actions) for step in steps)])
    lengths = np.diff(starts)
    kinds = np.concatenate([step.kinds for step in steps])
    features = np.concatenate([step.features for step in steps]).T
    is_option = kinds == int(ActionKind.OPTION)
    option = _through(network.option, np.concatenate([s.option_features for s in steps]).T)[0]
    option *= is_option
    best_option = np.maximum.reduceat(np.where(is_option, option, NEVER), starts[:-1])
    groups = [float(step.products[0].option_summary[GROUPS]) for step in steps]
    own, best, groups_left = (
        np.repeat(np.array(each, dtype=np.float32), lengths)
        for each in (relevance, best_option, groups)
    )
    spare = features[STEPS_LEFT] - groups_left / GROUPS_OF_STEPS
    own_score, option_score, best_score = (each / RELEVANCE_SCALE for each in (own, option, best))
    none, whole = np.zeros_like(own), np.ones_like(own)
    least = whole * (LEAST_LOG_SHARE / RELEVANCE_SCALE)
    # In the order of the network's. The product is the only one, and opened.
    scores = [
        *(own_score, none, own_score),  # its relevance, the best other one's, the difference
        none,  # the logarithm of its share
        *(option_score, best_score),
        *(whole, none, none),  # shares: its own, of the best other opened one, of an unopened one
        *(least, least),  # their logarithms
        *(whole, none),  # whether it is the best opened one, the best unopened one
        *(least, spare, none),  # how things stand
    ]
    is_kind = np.arange(len(ActionKind))[:, None] == kinds
    about = np.concatenate([is_kind, features, np.stack(scores)])
    logits = torch.from_numpy(_through(network.action, about)[0] + option)
    return [each.log_softmax(dim=0).tolist() for each in torch.split(logits, lengths.tolist())]


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
