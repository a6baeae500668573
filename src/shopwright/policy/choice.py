"""The choice policy: a distribution over the actions of a page, or over the search results.

The request meets each product by late interaction: what the cached token states say about every
word of the request (evidence.py) goes through a small network that weighs fields against each
other, another weighs the words; their sum, its spread and what is known of price, rank and options
make its relevance. Actions are scored by the relevance of their
product, by how well an option's value is found in the request, and by the state of the episode;
where there are only products to choose among and all is known of them, by relevance alone. The
softmax over these scores is the policy.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from shopwright.policy.batch import NEVER, Batch, without_history
from shopwright.policy.decisions import ActionKind
from shopwright.policy.features import (
    ACTION_FEATURES,
    OPTION_FEATURES,
    ActionFeatures,
    OptionSummary,
)
from shopwright.policy.relevance import STAGES, ChoiceConfig, RelevanceNetwork
from shopwright.policy.term_weights import TermWeightNetwork

RELEVANCE_SCALE = 5.0
# The scores that an action's network sees: the relevance of its own product, the best other one's,
# their difference, its share of relevance, its option's score, the best option's score on the page;
# as probabilities: its own product's, the best other opened product's, the best unopened one's, and
# the logarithms of the last two; whether its product is the best opened one, or the best unopened
# one; for all actions: the log probability that the best opened product is wrong, the steps that a
# purchase of it would leave, and how many unopened products are plausible.
_SCORES = 16
LEAST_LOG_SHARE = -10.0
_PLAUSIBLE_LOG_SHARE = -4.6  # of a hundredth
STEPS_LEFT = ActionFeatures._fields.index("steps_left")
# Steps are in parts of 15, option groups in threes.
GROUPS_OF_STEPS = 5.0
GROUPS = OptionSummary._fields.index("groups")


class ChoiceNetwork(nn.Module):
    """Scores the actions of decisions.

    Relevance from what pages have shown so far and from complete texts have a network each:
    trained together, one network did worse at both.

    Attributes:
        term_weights: the search policy; None: the request is typed as it stands.
    """

    def __init__(self, config: ChoiceConfig) -> None:
        super().__init__()
        self.config = config
        self.partial_relevance = RelevanceNetwork(config, stages=STAGES)
        self.complete_relevance = RelevanceNetwork(config, stages=1)
        self.option = nn.Sequential(nn.Linear(OPTION_FEATURES, 32), nn.GELU(), nn.Linear(32, 1))
        self.action = nn.Sequential(
            nn.Linear(len(ActionKind) + ACTION_FEATURES + _SCORES, 64), nn.GELU(), nn.Linear(64, 1)
        )
        self.term_weights = (
            TermWeightNetwork(config.state_dimensions) if config.term_weights else None
        )

    def relevance(self, batch: Batch) -> Tensor:
        """Return the relevance of each product, (B, P); padding is very negative."""
        complete = _complete(batch)
        if complete.all():
            return self.complete_relevance(without_history(batch))  # type: ignore[no-any-return]
        if not complete.any():
            return self.partial_relevance(batch)  # type: ignore[no-any-return]
        # Each network sees only its own decisions: a large batch of one kind costs no time for
        # the other.
        relevance = torch.full(batch.product_mask.shape, NEVER)
        relevance[complete] = self.complete_relevance(without_history(batch.rows(complete)))
        relevance[~complete] = self.partial_relevance(batch.rows(~complete))
        return relevance

    def forward(self, batch: Batch, relevance: Tensor | None = None) -> Tensor:
        """Return the actions' log probabilities, (B, A); padding is very negative. What changes
        here changes in complete_choice.py.

        Args:
            relevance: what :meth:`relevance` gives for them, if it is known already.
        """
        if relevance is None:
            relevance = self.relevance(batch)
        about = batch.product_of.clamp(min=0)
        has_product = (batch.product_of >= 0) & batch.product_mask.any(dim=1, keepdim=True)
        own = relevance.gather(1, about).masked_fill(~has_product, 0.0)
        best_other = _best_other(relevance, about, has_product)
        best_other = best_other.masked_fill(best_other <= NEVER / 2, 0.0)
        log_shares = relevance.log_softmax(dim=1)
        share = log_shares.gather(1, about).masked_fill(~has_product, 0.0)
        opened = log_shares.masked_fill(~batch.opened, NEVER)
        unopened = log_shares.masked_fill(batch.opened | ~batch.product_mask, NEVER)
        is_option = batch.kinds == int(ActionKind.OPTION)
        is_product = batch.kinds == int(ActionKind.PRODUCT)
        option = self.option(batch.option_features).squeeze(-1) * is_option
        best_option = option.masked_fill(~is_option, NEVER).amax(dim=1, keepdim=True)
        best_option = best_option.masked_fill(~is_option.any(dim=1, keepdim=True), 0.0)
        other_opened = _best_other(opened, about, has_product)
        other_unopened = _best_other(unopened, about, has_product)
        scores = torch.stack(
            [
                own / RELEVANCE_SCALE,
                best_other / RELEVANCE_SCALE,
                (own - best_other) / RELEVANCE_SCALE,
                share.clamp(min=LEAST_LOG_SHARE) / RELEVANCE_SCALE,
                option / RELEVANCE_SCALE,
                best_option.expand_as(option) / RELEVANCE_SCALE,
                share.exp() * has_product,
                other_opened.exp(),
                other_unopened.exp(),
                other_opened.clamp(min=LEAST_LOG_SHARE) / RELEVANCE_SCALE,
                other_unopened.clamp(min=LEAST_LOG_SHARE) / RELEVANCE_SCALE,
                _is_best(opened, about, has_product & batch.opened.any(dim=1, keepdim=True)),
                _is_best(unopened, about, has_product & ~batch.opened.gather(1, about)),
                *(s[:, None].expand_as(option) for s in _outlook(batch, log_shares, opened)),
            ],
            dim=-1,
        )
        kinds = nn.functional.one_hot(batch.kinds, len(ActionKind)).float()
        logits: Tensor = self.action(torch.cat([kinds, batch.features, scores], dim=-1)).squeeze(-1)
        logits = logits + own * is_product + option
        # Among products of which everything is known relevance alone decides.
        only_products = (is_product | ~batch.action_mask).all(dim=1)
        logits = torch.where((_complete(batch) & only_products)[:, None], own, logits)
        return logits.masked_fill(~batch.action_mask, NEVER).log_softmax(dim=1)


def _complete(batch: Batch) -> Tensor:
    """Whether every text of all products is known, bool (B,)."""
    shown = batch.seen.amin(dim=2).masked_fill(~batch.product_mask, 1.0)
    return shown.amin(dim=1) > 0


def _outlook(batch: Batch, log_shares: Tensor, opened: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """How things stand with a decision, (B,) each: the log probability that the best opened
    product is wrong, the steps
    that its purchase would leave, and how many unopened products are plausible."""
    best = opened.argmax(dim=1, keepdim=True)
    is_best = torch.zeros_like(batch.opened).scatter_(1, best, True) & batch.opened
    unsure = log_shares.masked_fill(is_best, NEVER).logsumexp(dim=1)
    groups = (batch.option_summary[..., GROUPS] * is_best).sum(dim=1)
    spare = batch.features[:, 0, STEPS_LEFT] - groups / GROUPS_OF_STEPS
    plausible = (log_shares > _PLAUSIBLE_LOG_SHARE) & ~batch.opened & batch.product_mask
    return unsure.clamp(min=LEAST_LOG_SHARE) / RELEVANCE_SCALE, spare, plausible.sum(dim=1) / 5.0


def _is_best(values: Tensor, about: Tensor, has_product: Tensor) -> Tensor:
    """Whether an action's own product has the highest value, (B, A), 0 or 1."""
    return ((about == values.argmax(dim=1, keepdim=True)) & has_product).float()


def _best_other(values: Tensor, about: Tensor, has_product: Tensor) -> Tensor:
    """The highest value of a product other than an action's own, (B, A); very negative if there is
    none."""
    top = values.topk(min(2, values.shape[1]), dim=1)
    best, best_number = top.values[:, :1], top.indices[:, :1]
    second = top.values[:, 1:2] if values.shape[1] > 1 else torch.full_like(best, NEVER)
    is_best = (about == best_number) & has_product
    return torch.where(is_best, second, best)
