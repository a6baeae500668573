"""What pages may have shown of a choice among results, at random: what relevance are trained on."""

from __future__ import annotations

import torch
from torch import Tensor

from shopwright.policy.batch import Batch, partly_seen
from shopwright.policy.choice import ChoiceNetwork
from shopwright.shop.pages import RESULTS_PER_PAGE

# How much pages have shown, in what the relevance are trained on.
PAGES_SHOWN = (1, 1, 2, 3, 5)
OPENED_AT_MOST = 10
FORCED_SHARE = 0.25
READ_SHARE = 0.4
DESCRIBED_SHARE = 0.5


def partly_known(
    batch: Batch, right: Tensor, network: ChoiceNetwork, randomness: torch.Generator
) -> Batch:
    """Return choices among results as they are when pages have shown a part: the first results'
    titles, and the options of products that the policy would open, at random in proportion to its
    belief.

    Args:
        batch: choices with complete texts.
        right: bool, (B, P): the right ones.
    """
    count, most = batch.product_mask.shape
    uniform = torch.rand((3, count, 1), generator=randomness)
    pages = torch.tensor(PAGES_SHOWN)[(uniform[0] * len(PAGES_SHOWN)).long()]
    shown = (torch.arange(most) < pages * RESULTS_PER_PAGE) & batch.product_mask
    nothing = torch.zeros_like(shown)
    with torch.no_grad():
        network.eval()
        relevance = network.relevance(partly_seen(batch, shown, nothing, nothing, nothing))
        network.train()
    # The largest of relevance with Gumbel noise are a draw without replacement.
    noise = torch.rand(relevance.shape, generator=randomness).clamp(min=1e-9)
    order = (relevance / (0.5 + 1.5 * uniform[1]) - (-noise.log()).log()).argsort(descending=True)
    place = order.argsort()
    opened = place < (uniform[2] * (OPENED_AT_MOST + 1)).long()
    # In some of the choices a right one is among them, wherever it stands.
    forced = torch.rand((count, 1), generator=randomness) < FORCED_SHARE
    first_right = right & (right.cumsum(dim=1) == 1)
    opened = opened | (first_right & forced)
    shown = shown | (first_right & forced)
    # In some, features were read, of all that were opened or of some; then descriptions too.
    reads = torch.rand((2, count, 1), generator=randomness)
    share = 2.0 * torch.rand((count, 1), generator=randomness)
    read = (reads[0] < READ_SHARE) & (torch.rand(relevance.shape, generator=randomness) < share)
    return partly_seen(batch, shown, opened, read, read & (reads[1] < DESCRIBED_SHARE))


def fully_known(batch: Batch, randomness: torch.Generator) -> Batch:
    """Return choices among results as they are when everything that pages tell of the first ones
    was read."""
    count, most = batch.product_mask.shape
    pages = 1 + (2 * torch.rand((count, 1), generator=randomness)).long()
    shown = (torch.arange(most) < pages * RESULTS_PER_PAGE) & batch.product_mask
    return partly_seen(batch, shown, shown, shown, shown)
