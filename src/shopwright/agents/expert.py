"""A careful shopper: looks at several products before it buys the one it believes in most.

It acts on the relevance of a choice policy that knows what to want but not yet how to look around.
Its perfect rollouts show that policy how: what to open, when to stop.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from shopwright.agents.buying import groups_of, next_to_buy, pages_to
from shopwright.agents.learned import Perturbation, query_for, relevance_of
from shopwright.agents.rules import NEXT, PREVIOUS, START_AGAIN, certain
from shopwright.config import Configuration, setting
from shopwright.policy.choice import ChoiceNetwork, collate
from shopwright.policy.decisions import Decision
from shopwright.policy.evidence import Reader
from shopwright.policy.tracker import EpisodeTracker
from shopwright.rollouts.rollout import Answer, Choice, Visitor
from shopwright.shop.actions import FEATURES, click, search
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop


@dataclass(frozen=True, kw_only=True)
class ExpertConfig(Configuration):
    """When the careful shopper has seen enough."""

    confidence: float = setting(
        0.99, help="it buys at this share of all belief in known products", minimum=0, maximum=1
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
    session: Session,
    config: ExpertConfig,
    perturb: Perturbation | None = None,
) -> str:
    """Return what the careful shopper does on a page of results or of a product.

    It opens the products that it believes in most, one after the other, until one has enough of
    the belief, or nothing else has any, or the steps run out; where steps are left over, it reads
    the features and descriptions of those between which it is in doubt. Then it buys the best one
    that it opened, with the likeliest value of each group of options.

    Args:
        network: gives relevance and scores of options.
        tracker: what was seen; :meth:`~shopwright.policy.tracker.EpisodeTracker.look` comes before.
        session: shows the page.
        config: see :class:`ExpertConfig`.
        perturb: changes relevance; None leaves it as it is.
    """
    decision = tracker.decision(session)
    relevance = relevance_of(network, collate([decision]), perturb)[0]
    return expert_choice(network, tracker, session, decision, relevance, config)


@torch.inference_mode()
def expert_choice(
    network: ChoiceNetwork,
    tracker: EpisodeTracker,
    session: Session,
    decision: Decision,
    relevance: Tensor,
    config: ExpertConfig,
) -> str:
    """Return :func:`expert_action` where the decision and the relevance, (products,), are known."""
    state = session.state
    known = tracker.rows
    shares = dict(zip(known, relevance[: len(known)].softmax(dim=0).tolist(), strict=True))
    opened = [row for row in tracker.opened if row in shares and row in state.rows]
    best = max(opened, key=shares.__getitem__) if opened else None
    look = _next_look(session, tracker, config, shares, best)
    if look is None:
        assert best is not None
        return next_to_buy(network, tracker, session, decision, best)
    if state.page is PageKind.RESULTS:
        names = {row: name for name, row in session.clickables.items() if isinstance(row, int)}
        if look.row is None:
            return NEXT if names else START_AGAIN
        return click(names[look.row]) if look.row in names else PREVIOUS
    if state.page is PageKind.ITEM and look.reads and look.row == state.row:
        assert look.row is not None
        return click((tracker.unread(look.row) or FEATURES).lower())
    return PREVIOUS


def _next_look(
    session: Session,
    tracker: EpisodeTracker,
    config: ExpertConfig,
    shares: dict[int, float],
    best: int | None,
) -> _Look | None:
    """What is worth its steps; None if nothing is, so that it is time to buy."""
    state = session.state
    shown = [row for row in state.shown_rows if row in shares]
    new = sorted((row for row in shown if row not in tracker.opened), key=lambda row: -shares[row])
    if best is None:
        return _Look(new[0] if new else None)
    if shares[best] >= config.confidence:
        return None
    # What a purchase of the best one takes after a look elsewhere: back from a product's page, to
    # its own page of results, it, its options, buy.
    at_product = state.page is not PageKind.RESULTS
    needed = at_product + pages_to(session, best) + 2 + len(groups_of(tracker, best))
    spare = math.inf if tracker.steps_left is None else tracker.steps_left - needed
    new = [row for row in new if shares[row] >= config.curiosity]
    unread = [
        row
        for row in tracker.opened
        if row in shown and shares[row] >= config.interest and tracker.unread(row)
    ]
    # To open a page or to read one, and back.
    if state.page is PageKind.ITEM and state.row in unread and spare >= 2 * (1 + len(new)):
        return _Look(state.row, reads=True)
    if new and spare >= 2:
        return _Look(new[0])
    if unread and spare >= 4:
        return _Look(max(unread, key=shares.__getitem__), reads=True)
    # A step there, one back, and time for a product.
    further = state.page_number * RESULTS_PER_PAGE < len(state.rows)
    more = further and tracker.on_last_page(session)
    return _Look(None) if more and shares[best] < config.turn_page_below and spare >= 5 else None


class ExpertVisitor:
    """The careful shopper in one episode."""

    def __init__(
        self,
        network: ChoiceNetwork,
        reader: Reader,
        request: str,
        config: ExpertConfig,
        *,
        step_limit: int | None,
        perturb: Perturbation | None = None,
    ) -> None:
        self._network = network
        self._perturb = perturb
        self._config = config
        self._query = query_for(network, reader, request)
        self.tracker = EpisodeTracker(reader, request, step_limit=step_limit)

    def choose(self, session: Session) -> Choice:
        """Return the next action."""
        self.tracker.look(session)
        if session.state.page is PageKind.SEARCH:
            action = search(self._query)
        else:
            action = expert_action(
                self._network, self.tracker, session, self._config, self._perturb
            )
        self.tracker.steps += 1
        return certain(action)


class ExpertAgent:
    """The careful shopper; see the module.

    Args:
        network: a choice policy, in evaluation mode.
        reader: reads the shop's texts.
        config: when it has seen enough.
        perturb: changes relevance; None leaves it as it is.
    """

    name = "careful"
    deterministic = True

    def __init__(
        self,
        network: ChoiceNetwork,
        reader: Reader,
        config: ExpertConfig | None = None,
        *,
        perturb: Perturbation | None = None,
    ) -> None:
        self._perturb = perturb
        self._network = network
        self._reader = reader
        self._config = config or ExpertConfig()

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode."""
        return ExpertVisitor(
            self._network,
            self._reader,
            request,
            self._config,
            step_limit=step_limit,
            perturb=self._perturb,
        )

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """It has no way of its own to answer at once."""
        return None
