"""What may be known of a choice among results, drawn at random: what beliefs are trained on."""

from __future__ import annotations

import torch
from torch import Tensor

from shopwright.policies.choice import Batch, ChoiceNetwork, partly_seen
from shopwright.shop.pages import RESULTS_PER_PAGE

# How much pages have shown, in what the beliefs are trained on.
PAGES_SHOWN = (1, 1, 2, 3, 5)
REMINDED_SHARE = 0.5
OPENED_AT_MOST = 10
FORCED_SHARE = 0.25
READ_SHARE = 0.4
DESCRIBED_SHARE = 0.5


def are_results(batch: Batch) -> Tensor:
    """Return which products are results of the search, bool (B, P); others came to mind."""
    return batch.product_mask & (batch.seen.amax(dim=2) > 0)


def partly_known(
    batch: Batch, right: Tensor, network: ChoiceNetwork, randomness: torch.Generator
) -> Batch:
    """Return choices among results as they are when pages have shown a part: the first results'
    titles, for some with what they bring to mind, and the options of products that the policy would
    open, at random in proportion to its belief.

    Args:
        batch: choices with complete texts, and what came to mind, of which nothing counts as seen.
        right: bool, (B, P): the right ones.
        network: the policy.
        randomness: draws.
    """
    count = len(batch.product_mask)
    uniform = torch.rand((4, count, 1), generator=randomness)
    pages = torch.tensor(PAGES_SHOWN)[(uniform[0] * len(PAGES_SHOWN)).long()]
    shown = _shown(batch, pages, uniform[3])
    nothing = torch.zeros_like(shown)
    with torch.no_grad():
        network.eval()
        beliefs = network.beliefs(partly_seen(batch, shown, nothing, nothing, nothing))
        network.train()
    # The largest of beliefs with Gumbel noise are a draw without replacement.
    noise = torch.rand(beliefs.shape, generator=randomness).clamp(min=1e-9)
    order = (beliefs / (0.5 + 1.5 * uniform[1]) - (-noise.log()).log()).argsort(descending=True)
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
    read = (reads[0] < READ_SHARE) & (torch.rand(beliefs.shape, generator=randomness) < share)
    return partly_seen(batch, shown, opened, read, read & (reads[1] < DESCRIBED_SHARE))


def fully_known(batch: Batch, randomness: torch.Generator) -> Batch:
    """Return choices among results as they are when everything that pages tell of the first ones
    was read."""
    count = len(batch.product_mask)
    uniform = torch.rand((2, count, 1), generator=randomness)
    shown = _shown(batch, 1 + (2 * uniform[0]).long(), uniform[1])
    return partly_seen(batch, shown, shown, shown, shown)


def _shown(batch: Batch, pages: Tensor, uniform: Tensor) -> Tensor:
    """Which products are known after pages of results, (B, 1), bool (B, P): theirs, and where it is
    one page, for half of the choices, what it brings to mind."""
    results = are_results(batch)
    on_pages = torch.arange(results.shape[1]) < pages * RESULTS_PER_PAGE
    reminded = (pages == 1) & (uniform < REMINDED_SHARE)
    return (results & on_pages) | (batch.product_mask & ~results & reminded)
