"""Decisions as padded tensors, and what training hides of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from shopwright.encoding.product_states import FIELDS
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
    tokens = max(len(d.request.tokens) for d in decisions) if texts else 1
    products = max(1, *(len(d.products) for d in decisions))
    actions = max(len(d.actions) for d in decisions)

    def zeros(*shape: int, dtype: Any = np.float32) -> np.ndarray:
        return np.zeros((len(decisions), *shape), dtype=dtype)

    arrays = {
        "hidden": zeros(tokens, decisions[0].request.hidden.shape[1]),
        "rarity": zeros(tokens),
        "token_mask": zeros(tokens, dtype=bool),
        "evidence": zeros(products, tokens, EVIDENCE),
        "seen": zeros(products, len(FIELDS)),
        "product_features": zeros(products, PRODUCT_FEATURES),
        "option_summary": zeros(products, OPTION_SUMMARY),
        "product_mask": zeros(products, dtype=bool),
        "kinds": zeros(actions, dtype=np.int64) + int(ActionKind.OTHER),
        "product_of": zeros(actions, dtype=np.int64) - 1,
        "action_mask": zeros(actions, dtype=bool),
        "option_features": zeros(actions, OPTION_FEATURES),
        "features": zeros(actions, ACTION_FEATURES),
    }
    for row, decision in enumerate(decisions):
        length = len(decision.request.tokens) if texts else 1
        if texts:
            arrays["hidden"][row, :length] = decision.request.hidden
            arrays["rarity"][row, :length] = decision.request.rarity
        arrays["token_mask"][row, :length] = True
        for number, product in enumerate(decision.products):
            if texts:
                arrays["evidence"][row, number, :length] = product.evidence
            arrays["product_features"][row, number] = product.features
            arrays["option_summary"][row, number] = product.option_summary
        arrays["seen"][row, : len(decision.products)] = decision.seen
        arrays["product_mask"][row, : len(decision.products)] = True
        offered = len(decision.actions)
        for name in ("kinds", "product_of", "option_features", "features"):
            arrays[name][row, :offered] = getattr(decision, name)
        arrays["action_mask"][row, :offered] = True
    return Batch(**{name: torch.from_numpy(array) for name, array in arrays.items()})


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
    return replace(batch, product_features=features, evidence=evidence)


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
    return replace(
        batch, seen=seen, product_mask=batch.product_mask & shown, product_features=features
    )


def drop_words(batch: Batch, most: float, generator: torch.Generator) -> Batch:
    """Return a batch in which each request lost a random share of its words, up to ``most``: the
    network must not lean on any single one. The first word stays."""
    count, tokens = batch.token_mask.shape
    share = most * torch.rand((count, 1), generator=generator)
    kept = torch.rand((count, tokens), generator=generator) >= share
    kept[:, 0] = True
    return replace(batch, token_mask=batch.token_mask & kept)
