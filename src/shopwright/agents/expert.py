"""The expert of imitation: looks at several products before it buys the most relevant one.

It acts on the relevance of a choice policy that knows what to want but not yet how to look around.
Its perfect rollouts show that policy how: what to open, when to stop.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from shopwright.agents.buying import groups_of, next_to_buy, pages_to
from shopwright.agents.learned import Perturbation, query_for, relevance_of
from shopwright.agents.rules import NEXT, PREVIOUS, START_AGAIN
from shopwright.config import Configuration, setting
from shopwright.policy.batch import collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import Decision
from shopwright.policy.evidence import Reader
from shopwright.policy.tracker import EpisodeTracker
from shopwright.rollouts.agent import Choice, Visitor
from shopwright.shop.actions import FEATURES, click, search
from shopwright.shop.page import Page
from shopwright.shop.pages import PageKind


@dataclass(frozen=True, kw_only=True)
class ExpertConfig(Configuration):
    """When the expert has seen enough."""

    confidence: float = setting(
        0.99,
        help="it buys at this share of the relevance of all known products",
        minimum=0,
        maximum=1,
    )
    curiosity: float = setting(
        0.01, help="products with less of a share are not opened", minimum=0, maximum=1
    )
    interest: float = setting(
        0.05, help="of opened products with less, no more is read", minimum=0, maximum=1
    )
    turn_page_below: float = setting(
        0.4,
        help="with less in the best opened one it turns the page",
        minimum=0,
        maximum=1,
        formerly="doubt",
    )


# With many steps, certainty is cheap.
PATIENT = ExpertConfig(confidence=0.9999, curiosity=0.0003, interest=0.001, turn_page_below=0.9)


class _Look(NamedTuple):
    """What to look at next: a row whose page to open, or of which to read more; None: the next page
    of results."""

    row: int | None
    reads: bool = False


@torch.inference_mode()
def expert_action(
    network: ChoiceNetwork,
    tracker: EpisodeTracker,
    page: Page,
    decision: Decision,
    relevance: Tensor,
    config: ExpertConfig,
) -> str:
    """Return what the expert does on a page of results or of a product.

    It opens the most relevant products, one after the other, until one has enough of all
    relevance, or nothing else has any, or the steps run out; where steps are left over, it reads
    the features and descriptions of those that may be right. Then it buys the best one that it
    opened, with the likeliest value of each group of options.

    Args:
        relevance: float32, (products,), of the decision's products, in nats.
    """
    known = tracker.rows
    shares = dict(zip(known, relevance[: len(known)].softmax(dim=0).tolist(), strict=True))
    buyable = [row for row in tracker.opened if tracker.results_page_of(row, page) is not None]
    opened = [row for row in buyable if row in shares]
    best = max(opened, key=shares.__getitem__) if opened else None
    look = _next_look(page, tracker, config, shares, best)
    if look is None:
        assert best is not None
        return next_to_buy(network, tracker, page, decision, best)
    if page.kind is PageKind.RESULTS:
        names = {row: name for name, row in page.links.items()}
        if look.row is None:
            return NEXT if names else START_AGAIN
        return click(names[look.row]) if look.row in names else PREVIOUS
    if page.item is not None and look.reads and look.row == page.item.row:
        return click((tracker.unread(page.item.row) or FEATURES).lower())
    return PREVIOUS


def _next_look(
    page: Page,
    tracker: EpisodeTracker,
    config: ExpertConfig,
    shares: dict[int, float],
    best: int | None,
) -> _Look | None:
    """What is worth its steps; None if nothing is, so that it is time to buy."""
    listed = [row for row in tracker.listed_rows(page) if row in shares]
    new = sorted((row for row in listed if row not in tracker.opened), key=lambda row: -shares[row])
    if best is None:
        return _Look(new[0] if new else None)
    if shares[best] >= config.confidence:
        return None
    # What a purchase of the best one takes after a look elsewhere: back from a product's page, to
    # its own page of results, it, its options, buy.
    at_product = page.kind is not PageKind.RESULTS
    needed = at_product + pages_to(tracker, page, best) + 2 + len(groups_of(tracker, best))
    spare = math.inf if page.steps_left is None else page.steps_left - needed
    new = [row for row in new if shares[row] >= config.curiosity]
    unread = [
        row
        for row in tracker.opened
        if row in listed and shares[row] >= config.interest and tracker.unread(row)
    ]
    # To open a page or to read one, and back.
    here = page.item.row if page.item else None
    if here in unread and spare >= 2 * (1 + len(new)):
        return _Look(here, reads=True)
    if new and spare >= 2:
        return _Look(new[0])
    if unread and spare >= 4:
        return _Look(max(unread, key=shares.__getitem__), reads=True)
    # A step there, one back, and time for a product.
    more = page.has_next_page and tracker.is_on_last_page(page)
    return _Look(None) if more and shares[best] < config.turn_page_below and spare >= 5 else None


@dataclass(slots=True)
class ExpertAgent:
    """The expert; see the module.

    Attributes:
        network: a choice policy, in evaluation mode.
        config: when it has seen enough.
        perturb: changes relevance; None leaves it as it is.
    """

    network: ChoiceNetwork
    reader: Reader
    config: ExpertConfig = field(default_factory=ExpertConfig)
    perturb: Perturbation | None = None
    name: str = "expert"
    deterministic: bool = True

    def __repr__(self) -> str:
        return f"<ExpertAgent {self.name!r}>"

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode."""
        return _Visit(self, request)


class _Visit:
    """The expert in one episode."""

    def __init__(self, agent: ExpertAgent, request: str) -> None:
        self._agent = agent
        self._query = query_for(agent.network, agent.reader, request)
        self._tracker = EpisodeTracker(agent.reader, request)

    def choose(self, page: Page) -> Choice:
        agent, decision = self._agent, self._tracker.observe(page)
        if decision is None:
            return Choice.certain(search(self._query))
        relevance = relevance_of(agent.network, collate([decision]), agent.perturb)[0]
        return Choice.certain(
            expert_action(agent.network, self._tracker, page, decision, relevance, agent.config)
        )
