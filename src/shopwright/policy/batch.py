"""Decisions as padded tensors, and what training hides of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from shopwright.encoding.token_states import FIELDS
from shopwright.policy.decisions import ActionKind, Decision
from shopwright.policy.features import (
    ACTION_FEATURES,
    EVIDENCE,
    HISTORY,
    OPTION_FEATURES,
    OPTION_SUMMARY,
    PRODUCT_FEATURES,
    SEARCH_SCORE,
    TEXT_EVIDENCE,
)

NEVER = -1e9  # the score of what is only padding
OPTIONS, BULLETS, DESCRIPTION = map(FIELDS.index, ("options", "bullets", "description"))


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions, padded: B decisions, T request tokens, P products, A actions.

    Attributes:
        hidden: float32, (B, T, state dimensions). rarity: float32, (B, T). token_mask: bool,
            (B, T).
        evidence: float32, (B, P, T, EVIDENCE). seen: float32, (B, P, fields).
        product_features: float32, (B, P, PRODUCT_FEATURES). option_summary: float32, (B, P,
            OPTION_SUMMARY). product_mask: bool, (B, P).
        kinds: int64, (B, A). product_of: int64, (B, A), −1 for none. action_mask: bool, (B, A).
        option_features: float32, (B, A, OPTION_FEATURES). features: float32, (B, A,
        ACTION_FEATURES).
    """

    hidden: Tensor
    rarity: Tensor
    token_mask: Tensor
    evidence: Tensor
    seen: Tensor
    product_features: Tensor
    option_summary: Tensor
    product_mask: Tensor
    kinds: Tensor
    product_of: Tensor
    action_mask: Tensor
    option_features: Tensor
    features: Tensor

    def rows(self, chosen: Tensor) -> Batch:
        """Return the decisions that ``chosen``, bool (B,), marks."""
        return Batch(*(getattr(self, name)[chosen] for name in self.__slots__))

    def replaced(self, **tensors: Tensor) -> Batch:
        """Return the batch with other tensors in the place of some."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return Batch(**(fields | tensors))

    @property
    def opened(self) -> Tensor:
        """Which products' options are known, bool (B, P)."""
        return (self.seen[..., OPTIONS] > 0) & self.product_mask


def collate(decisions: Sequence[Decision], *, texts: bool = True) -> Batch:
    """Return decisions as one padded batch.

    Args:
        decisions: at least one.
        texts: whether to include what relevance are made from; without, requests have one empty
            token.
    """
    count = len(decisions)
    tokens = max(len(d.request.tokens) for d in decisions) if texts else 1
    products = max(1, *(len(d.products) for d in decisions))
    actions = max(len(d.actions) for d in decisions)
    width = decisions[0].request.hidden.shape[1]
    hidden = np.zeros((count, tokens, width), dtype=np.float32)
    rarity = np.zeros((count, tokens), dtype=np.float32)
    token_mask = np.zeros((count, tokens), dtype=bool)
    evidence = np.zeros((count, products, tokens, EVIDENCE), dtype=np.float32)
    seen = np.zeros((count, products, len(FIELDS)), dtype=np.float32)
    product_features = np.zeros((count, products, PRODUCT_FEATURES), dtype=np.float32)
    option_summary = np.zeros((count, products, OPTION_SUMMARY), dtype=np.float32)
    product_mask = np.zeros((count, products), dtype=bool)
    kinds = np.full((count, actions), int(ActionKind.OTHER), dtype=np.int64)
    product_of = np.full((count, actions), -1, dtype=np.int64)
    action_mask = np.zeros((count, actions), dtype=bool)
    option_features = np.zeros((count, actions, OPTION_FEATURES), dtype=np.float32)
    features = np.zeros((count, actions, ACTION_FEATURES), dtype=np.float32)
    for row, decision in enumerate(decisions):
        length, known, offered = (
            len(decision.request.tokens),
            len(decision.products),
            len(decision.actions),
        )
        if texts:
            hidden[row, :length] = decision.request.hidden
            rarity[row, :length] = decision.request.rarity
        token_mask[row, : length if texts else 1] = True
        for number, product in enumerate(decision.products):
            if texts:
                evidence[row, number, :length] = product.evidence
            product_features[row, number] = product.features
            option_summary[row, number] = product.option_summary
        seen[row, :known] = decision.seen
        product_mask[row, :known] = True
        kinds[row, :offered] = decision.kinds
        product_of[row, :offered] = decision.product_of
        action_mask[row, :offered] = True
        option_features[row, :offered] = decision.option_features
        features[row, :offered] = decision.features
    return Batch(
        *map(
            torch.from_numpy,
            (
                *(hidden, rarity, token_mask, evidence, seen, product_features, option_summary),
                *(product_mask, kinds, product_of, action_mask, option_features, features),
            ),
        )
    )


def padded(rows: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Return arrays of several lengths, (length, ...), as one tensor, zeros where they end, and its
    mask, bool (rows, most)."""
    masks = [torch.ones(len(row), dtype=torch.bool) for row in rows]
    values = pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)
    return values, pad_sequence(masks, batch_first=True)


def without_history(batch: Batch) -> Batch:
    """Complete texts say more of a product than what was bought before: with history beside them,
    relevance leaned on it and lost up to two points on other goals."""
    features, evidence = batch.product_features.clone(), batch.evidence.clone()
    features[..., HISTORY:] = 0.0
    evidence[..., TEXT_EVIDENCE:] = 0.0
    return batch.replaced(product_features=features, evidence=evidence)


def partly_seen(
    batch: Batch, shown: Tensor, opened: Tensor, features_read: Tensor, described: Tensor
) -> Batch:
    """Return choices among results as pages would have let them be known so far.

    Args:
        batch: decisions with complete texts.
        shown: bool, (B, P): whose titles are known. opened: whose options are too; shown ones.
        features_read: whose bullets are too; opened ones. described: whose descriptions are too;
            opened ones.
    """
    seen = torch.zeros_like(batch.seen)
    seen[..., FIELDS.index("title")] = shown.float()
    seen[..., OPTIONS] = (shown & opened).float()
    seen[..., BULLETS] = (shown & opened & features_read).float()
    seen[..., DESCRIPTION] = (shown & opened & described).float()
    features = batch.product_features.clone()
    features[..., SEARCH_SCORE] = 0.0  # Pages do not show it.
    return batch.replaced(
        seen=seen, product_mask=batch.product_mask & shown, product_features=features
    )


def drop_words(batch: Batch, most: float, generator: torch.Generator) -> Batch:
    """Return a batch in which each request lost a random share of its words, up to ``most``: the
    network must not lean on any single one. The first word stays."""
    count, tokens = batch.token_mask.shape
    share = most * torch.rand((count, 1), generator=generator)
    kept = torch.rand((count, tokens), generator=generator) >= share
    kept[:, 0] = True
    return batch.replaced(token_mask=batch.token_mask & kept)
