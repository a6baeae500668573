"""The choice policy: a distribution over the actions of a page, or over the search results.

The request meets each product by late interaction: what the cached token states say about every
word of the request (evidence.py) goes through a small network that weighs fields against each
other, another weighs the words; their sum, its spread and what is known of price, rank and options
make the belief that the product is the right one. Actions are scored by the belief about their
product, by how well an option's value is found in the request, and by the state of the episode;
where there are only products to choose among and all is known of them, by the belief alone. The
softmax over these scores is the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.config import Configuration, setting
from shopwright.encoding.token_states import FIELDS
from shopwright.policy.decisions import ActionKind, Decision
from shopwright.policy.dropout import Dropout
from shopwright.policy.features import (
    ACTION_FEATURES,
    EVIDENCE,
    HISTORY,
    OPTION_FEATURES,
    OPTION_SUMMARY,
    PRODUCT_FEATURES,
    SEARCH_SCORE,
    TEXT_EVIDENCE,
    ActionFeatures,
    OptionSummary,
)
from shopwright.policy.term_weights import TermWeightNetwork

_NEVER = -1e9
_RELEVANCE_SCALE = 5.0
# The scores that an action's network sees: belief in its own product, the best other belief, their
# difference, its share of belief, its option's score, the best option's score on the page; as
# probabilities: its own product's, the best other opened product's, the best unopened one's, and
# the logarithms of the last two; whether its product is the best opened one, or the best unopened
# one; for all actions: the logarithm of the belief that the best opened product is not the right
# one, the steps that a purchase of it would leave, and how many unopened products have some belief.
_SCORES = 16
_LEAST_LOG_SHARE = -10.0
_PLAUSIBLE_LOG_SHARE = -4.6  # of a hundredth
# What is known of a product: its title; its options too; its bullets or description too.
_STAGES = 3
_STEPS_LEFT = ActionFeatures._fields.index("steps_left")
_GROUPS = OptionSummary._fields.index("groups")
_OPTIONS, _BULLETS, _DESCRIPTION = map(FIELDS.index, ("options", "bullets", "description"))


@dataclass(frozen=True, kw_only=True)
class ChoiceConfig(Configuration):
    """The sizes of a choice policy's network."""

    state_dimensions: int = setting(384, help="width of the language model's states", minimum=1)
    aspects: int = setting(4, help="kinds of evidence weighed side by side", minimum=1)
    hidden: int = setting(32, help="hidden units of the evidence network", minimum=1)
    word_hidden: int = setting(
        8, help="hidden units of the word weights; few, or they learn by heart", minimum=1
    )
    state_dropout: float = setting(
        0.5, help="dropout on the states that weigh the words", minimum=0, below=1
    )
    emphasis: bool = setting(True, help="weigh the words of queries; else type the request")


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
        return (self.seen[..., _OPTIONS] > 0) & self.product_mask


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


class RelevanceNetwork(nn.Module):
    """How much each product looks like the right one.

    What is known of a product decides which of several small networks judges it; all see the same
    weights of the request's words, and their judgements are learned against each other.

    Args:
        config: the sizes.
        stages: how many networks: one for complete texts; else :data:`_STAGES`.
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
        """Return the belief in each product, (B, P); padding is very negative."""
        # What was bought is known of every product.
        known = nn.functional.pad(batch.seen, (0, 1), value=1.0)
        evidence = batch.evidence * known.repeat_interleave(2, dim=-1)[:, :, None, :]
        weights = self._word_weights(batch, evidence)
        summary = batch.option_summary * batch.opened[..., None]
        about = torch.cat([batch.product_features, summary, batch.seen], dim=-1)
        read = batch.seen[..., (_BULLETS, _DESCRIPTION)].amax(dim=-1)
        stage = (batch.opened * (1 + read)).long().clamp(max=self.stages - 1)
        relevance = torch.full(batch.product_mask.shape, _NEVER)
        for number in range(self.stages):
            at = torch.nonzero(batch.product_mask & (stage == number), as_tuple=True)
            if len(at[0]):
                # Only the words that count go through the network: requests differ in length.
                mask = batch.token_mask[at[0]]
                rarity = (batch.rarity / 8.0)[at[0]]
                inputs = torch.cat([evidence[at][mask], rarity[mask][:, None]], dim=-1)
                found = torch.zeros((*mask.shape, weights.shape[-1]))
                found[mask] = self.evidence[number](inputs)
                judged = self._judge(number, found, weights[at[0]], mask, about[at])
                relevance = relevance.index_put(at, judged)
        return relevance

    def _judge(
        self, number: int, found: Tensor, weights: Tensor, token_mask: Tensor, about: Tensor
    ) -> Tensor:
        """Sum up the words of N products: found, weights (N, T, aspects) → (N,)."""
        mask = token_mask[..., None]
        mean = (found * weights).sum(dim=1)
        spread = ((found - mean[:, None]) ** 2 * weights).sum(dim=1)
        least = found.masked_fill(~mask, -_NEVER).amin(dim=1)
        most = found.masked_fill(~mask, _NEVER).amax(dim=1)
        judged = self.product[number](torch.cat([mean, least, most, spread, about], dim=-1))
        total: Tensor = judged.squeeze(-1) + (mean * self.aspect_weights[number]).sum(dim=-1)
        return total

    def _word_weights(self, batch: Batch, evidence: Tensor) -> Tensor:
        """How much each word of the request counts, (B, T, aspects), summing to 1 over words."""
        known = batch.product_mask[:, :, None].float()
        similar, same = evidence[..., 0::2].amax(dim=-1), evidence[..., 1::2].amax(dim=-1)
        share = (same * known).sum(dim=1) / known.sum(dim=1).clamp(min=1.0)
        best = (similar * known).amax(dim=1)
        weights: Tensor = self.word_rarity(torch.stack([batch.rarity / 8.0, share, best], dim=-1))
        meaning = torch.zeros_like(weights)
        meaning[batch.token_mask] = self.word_meaning(batch.hidden[batch.token_mask])
        weights = weights + meaning
        return weights.masked_fill(~batch.token_mask[..., None], _NEVER).softmax(dim=1)


class ChoiceNetwork(nn.Module):
    """Scores the actions of decisions.

    Relevance from what pages have shown so far and from complete texts have a network each:
    trained together, one network did worse at both.

    Attributes:
        emphasis: the search policy; None: the request is typed as it stands.

    Args:
        config: the sizes.
    """

    def __init__(self, config: ChoiceConfig) -> None:
        super().__init__()
        self.config = config
        self.partial_relevance = RelevanceNetwork(config, stages=_STAGES)
        self.complete_relevance = RelevanceNetwork(config, stages=1)
        self.option = nn.Sequential(nn.Linear(OPTION_FEATURES, 32), nn.GELU(), nn.Linear(32, 1))
        self.action = nn.Sequential(
            nn.Linear(len(ActionKind) + ACTION_FEATURES + _SCORES, 64), nn.GELU(), nn.Linear(64, 1)
        )
        self.emphasis = TermWeightNetwork(config.state_dimensions) if config.emphasis else None

    def relevance(self, batch: Batch) -> Tensor:
        """Return the belief in each product, (B, P); padding is very negative."""
        complete = _complete(batch)
        if complete.all():
            return self.complete_relevance(_without_history(batch))  # type: ignore[no-any-return]
        if not complete.any():
            return self.partial_relevance(batch)  # type: ignore[no-any-return]
        # Each network sees only its own decisions: a large batch of one kind costs no time for
        # the other.
        relevance = torch.full(batch.product_mask.shape, _NEVER)
        relevance[complete] = self.complete_relevance(_without_history(batch.rows(complete)))
        relevance[~complete] = self.partial_relevance(batch.rows(~complete))
        return relevance

    def forward(self, batch: Batch, relevance: Tensor | None = None) -> Tensor:
        """Return the actions' log probabilities, (B, A); padding is very negative.

        Args:
            batch: the decisions.
            relevance: what :meth:`relevance` gives for them, if it is known already.
        """
        if relevance is None:
            relevance = self.relevance(batch)
        about = batch.product_of.clamp(min=0)
        has_product = (batch.product_of >= 0) & batch.product_mask.any(dim=1, keepdim=True)
        own = relevance.gather(1, about).masked_fill(~has_product, 0.0)
        best_other = _best_other(relevance, about, has_product)
        best_other = best_other.masked_fill(best_other <= _NEVER / 2, 0.0)
        log_shares = relevance.log_softmax(dim=1)
        share = log_shares.gather(1, about).masked_fill(~has_product, 0.0)
        opened = log_shares.masked_fill(~batch.opened, _NEVER)
        unopened = log_shares.masked_fill(batch.opened | ~batch.product_mask, _NEVER)
        is_option = batch.kinds == int(ActionKind.OPTION)
        is_product = batch.kinds == int(ActionKind.PRODUCT)
        option = self.option(batch.option_features).squeeze(-1) * is_option
        best_option = option.masked_fill(~is_option, _NEVER).amax(dim=1, keepdim=True)
        best_option = best_option.masked_fill(~is_option.any(dim=1, keepdim=True), 0.0)
        other_opened = _best_other(opened, about, has_product)
        other_unopened = _best_other(unopened, about, has_product)
        scores = torch.stack(
            [
                own / _RELEVANCE_SCALE,
                best_other / _RELEVANCE_SCALE,
                (own - best_other) / _RELEVANCE_SCALE,
                share.clamp(min=_LEAST_LOG_SHARE) / _RELEVANCE_SCALE,
                option / _RELEVANCE_SCALE,
                best_option.expand_as(option) / _RELEVANCE_SCALE,
                share.exp() * has_product,
                other_opened.exp(),
                other_unopened.exp(),
                other_opened.clamp(min=_LEAST_LOG_SHARE) / _RELEVANCE_SCALE,
                other_unopened.clamp(min=_LEAST_LOG_SHARE) / _RELEVANCE_SCALE,
                _is_best(opened, about, has_product & batch.opened.any(dim=1, keepdim=True)),
                _is_best(unopened, about, has_product & ~batch.opened.gather(1, about)),
                *(s[:, None].expand_as(option) for s in _outlook(batch, log_shares, opened)),
            ],
            dim=-1,
        )
        kinds = nn.functional.one_hot(batch.kinds, len(ActionKind)).float()
        logits: Tensor = self.action(torch.cat([kinds, batch.features, scores], dim=-1)).squeeze(-1)
        logits = logits + own * is_product + option
        # Among products of which everything is known there is nothing but to believe in one.
        only_products = (is_product | ~batch.action_mask).all(dim=1)
        logits = torch.where((_complete(batch) & only_products)[:, None], own, logits)
        return logits.masked_fill(~batch.action_mask, _NEVER).log_softmax(dim=1)


def _complete(batch: Batch) -> Tensor:
    """Whether every text of all products is known, bool (B,)."""
    shown = batch.seen.amin(dim=2).masked_fill(~batch.product_mask, 1.0)
    return shown.amin(dim=1) > 0


def _outlook(batch: Batch, log_shares: Tensor, opened: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """How things stand with a decision, (B,) each: the doubt in the best opened product, the steps
    that its purchase would leave, and how many unopened products are plausible."""
    best = opened.argmax(dim=1, keepdim=True)
    is_best = torch.zeros_like(batch.opened).scatter_(1, best, True) & batch.opened
    doubt = log_shares.masked_fill(is_best, _NEVER).logsumexp(dim=1)
    groups = (batch.option_summary[..., _GROUPS] * is_best).sum(dim=1)
    # Both in parts of 15 steps: option groups are counted in threes.
    spare = batch.features[:, 0, _STEPS_LEFT] - groups / 5.0
    plausible = (log_shares > _PLAUSIBLE_LOG_SHARE) & ~batch.opened & batch.product_mask
    return doubt.clamp(min=_LEAST_LOG_SHARE) / _RELEVANCE_SCALE, spare, plausible.sum(dim=1) / 5.0


def _is_best(values: Tensor, about: Tensor, has_product: Tensor) -> Tensor:
    """Whether an action's own product has the highest value, (B, A), 0 or 1."""
    return ((about == values.argmax(dim=1, keepdim=True)) & has_product).float()


def _best_other(values: Tensor, about: Tensor, has_product: Tensor) -> Tensor:
    """The highest value of a product other than an action's own, (B, A); very negative if there is
    none."""
    top = values.topk(min(2, values.shape[1]), dim=1)
    best, best_number = top.values[:, :1], top.indices[:, :1]
    second = top.values[:, 1:2] if values.shape[1] > 1 else torch.full_like(best, _NEVER)
    is_best = (about == best_number) & has_product
    return torch.where(is_best, second, best)


def _without_history(batch: Batch) -> Batch:
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
    seen[..., _OPTIONS] = (shown & opened).float()
    seen[..., _BULLETS] = (shown & opened & features_read).float()
    seen[..., _DESCRIPTION] = (shown & opened & described).float()
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
