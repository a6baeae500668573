"""Relevance: how likely each product is the right one, by late interaction with the request."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from shopwright.encoding.product_states import FIELDS
from shopwright.policy.batch import BULLETS, DESCRIPTION, NEVER, Batch
from shopwright.policy.dropout import Dropout
from shopwright.policy.features import (
    EVIDENCE,
    OPTION_SUMMARY,
    PRODUCT_FEATURES,
    RARITY_SCALE,
)

# What is known of a product: its title; its options too; its bullets or description too.
STAGES = 3


@dataclass(frozen=True, kw_only=True)
class ChoiceConfig:
    """The sizes of a choice policy's network."""

    state_dimensions: int = 384  # of the language model
    aspects: int = 4  # kinds of evidence, weighed side by side
    hidden: int = 32  # units of the evidence network
    word_hidden: int = 8  # units of the word weights; few, or they learn by heart
    state_dropout: float = 0.5  # on the states that weigh the words
    term_weights: bool = True  # whether the words of queries are weighed; else the request is typed


class RelevanceNetwork(nn.Module):
    """How much each product looks like the right one.

    What is known of a product decides which of several small networks scores it; all see the same
    weights of the request's words, and their scores are learned against each other.

    Args:
        stages: how many networks: one for complete texts; else :data:`STAGES`.
    """

    def __init__(self, config: ChoiceConfig, *, stages: int) -> None:
        super().__init__()
        aspects, about = config.aspects, PRODUCT_FEATURES + OPTION_SUMMARY + len(FIELDS)
        self.stages = stages
        self.evidence = nn.ModuleList(
            nn.Sequential(
                nn.Linear(EVIDENCE + 1, config.hidden), nn.GELU(), nn.Linear(config.hidden, aspects)
            )
            for _ in range(stages)
        )
        self.product = nn.ModuleList(
            nn.Sequential(nn.Linear(4 * aspects + about, 32), nn.GELU(), nn.Linear(32, 1))
            for _ in range(stages)
        )
        self.aspect_weights = nn.Parameter(torch.full((stages, aspects), 3.0))
        self.word_meaning = nn.Sequential(
            Dropout(config.state_dropout),
            nn.Linear(config.state_dimensions, config.word_hidden),
            nn.GELU(),
            nn.Linear(config.word_hidden, aspects),
        )
        self.word_rarity = nn.Sequential(nn.Linear(3, 16), nn.GELU(), nn.Linear(16, aspects))

    def forward(self, batch: Batch) -> Tensor:
        """Return the relevance of each product, (B, P); padding is very negative. What changes
        here changes in complete_choice.py."""
        # What was bought is known of every product.
        known = nn.functional.pad(batch.seen, (0, 1), value=1.0)
        evidence = batch.evidence * known.repeat_interleave(2, dim=-1)[:, :, None, :]
        weights = self._word_weights(batch, evidence)
        summary = batch.option_summary * batch.opened[..., None]
        about = torch.cat([batch.product_features, summary, batch.seen], dim=-1)
        read = batch.seen[..., (BULLETS, DESCRIPTION)].amax(dim=-1)
        stage = (batch.opened * (1 + read)).long().clamp(max=self.stages - 1)
        relevance = torch.full(batch.product_mask.shape, NEVER)
        for number in range(self.stages):
            at = torch.nonzero(batch.product_mask & (stage == number), as_tuple=True)
            if len(at[0]):
                # Only the words that count go through the network: requests differ in length.
                mask = batch.token_mask[at[0]]
                rarity = (batch.rarity / RARITY_SCALE)[at[0]]
                inputs = torch.cat([evidence[at][mask], rarity[mask][:, None]], dim=-1)
                found = torch.zeros((*mask.shape, weights.shape[-1]))
                found[mask] = self.evidence[number](inputs)
                scored = self._score(number, found, weights[at[0]], mask, about[at])
                relevance = relevance.index_put(at, scored)
        return relevance

    def _score(
        self, number: int, found: Tensor, weights: Tensor, token_mask: Tensor, about: Tensor
    ) -> Tensor:
        """Sum up the words of N products: found, weights (N, T, aspects) → (N,)."""
        mask = token_mask[..., None]
        mean = (found * weights).sum(dim=1)
        spread = ((found - mean[:, None]) ** 2 * weights).sum(dim=1)
        least = found.masked_fill(~mask, -NEVER).amin(dim=1)
        most = found.masked_fill(~mask, NEVER).amax(dim=1)
        scored = self.product[number](torch.cat([mean, least, most, spread, about], dim=-1))
        total: Tensor = scored.squeeze(-1) + (mean * self.aspect_weights[number]).sum(dim=-1)
        return total

    def _word_weights(self, batch: Batch, evidence: Tensor) -> Tensor:
        """How much each word of the request counts, (B, T, aspects), summing to 1 over words."""
        known = batch.product_mask[:, :, None].float()
        similar, same = evidence[..., 0::2].amax(dim=-1), evidence[..., 1::2].amax(dim=-1)
        share = (same * known).sum(dim=1) / known.sum(dim=1).clamp(min=1.0)
        best = (similar * known).amax(dim=1)
        rarity = batch.rarity / RARITY_SCALE
        weights: Tensor = self.word_rarity(torch.stack([rarity, share, best], dim=-1))
        meaning = torch.zeros_like(weights)
        meaning[batch.token_mask] = self.word_meaning(batch.hidden[batch.token_mask])
        weights = weights + meaning
        return weights.masked_fill(~batch.token_mask[..., None], NEVER).softmax(dim=1)
