"""A careful shopper: looks at several products before it buys the one it believes in most.

It acts on the relevance of a choice policy that knows what to want but not yet how to look around.
Its perfect rollouts show that policy how: what to open, when to stop.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.agents.buying import groups_of, next_to_buy, pages_to
from shopwright.agents.learned import query_for
from shopwright.agents.rules import NEXT, PREVIOUS, START_AGAIN, certain
from shopwright.config import Configuration, setting
from shopwright.policy.choice import Batch, ChoiceNetwork, collate
from shopwright.policy.decisions import PRODUCTS_REMEMBERED, Decision, Memory
from shopwright.policy.evidence import Reader
from shopwright.rollouts.rollout import Answer, Choice, Visitor
from shopwright.shop.actions import FEATURES, click, search
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

# The highest temperature of relevance in doubt, and the largest scale of their noise, in nats.
DOUBT_AT_MOST = 6.0
NOISE_AT_MOST = 2.0


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
    doubt: float = setting(
        0.4, help="with less in the best opened one it turns the page", minimum=0, maximum=1
    )


class Doubtful(ChoiceNetwork):
    """A choice policy whose relevance are less sure of themselves.

    For requests that it was trained on, a policy hardly ever doubts. Practice needs doubt: what to
    do then is to be learned, too.

    Args:
        network: the policy, shared.
        temperature: relevance are divided by it.
        noise: float32, (products,): added to the relevance in a decision's products, in order.
    """

    def __init__(self, network: ChoiceNetwork, temperature: float, noise: Tensor) -> None:
        nn.Module.__init__(self)
        self.config = network.config
        self.option, self.action, self.emphasis = network.option, network.action, network.emphasis
        self._sure = network
        self._temperature = temperature
        self._noise = noise

    @classmethod
    def drawn(
        cls, network: ChoiceNetwork, draws: np.random.Generator, *, most: float = 1.0
    ) -> Doubtful:
        """Return one with a doubt of any strength, from none to ``most``, 1 for strong."""
        temperature = float(DOUBT_AT_MOST ** (most * draws.random()))
        scale = NOISE_AT_MOST * most * draws.random()
        noise = scale * draws.standard_normal(PRODUCTS_REMEMBERED)
        return cls(network, temperature, torch.from_numpy(noise.astype(np.float32)))

    def relevance(self, batch: Batch) -> Tensor:
        """Return the belief in each product, (B, P); padding is very negative."""
        sure = self._sure.relevance(batch)
        return torch.where(batch.product_mask, self.doubted(sure), sure)

    def doubted(self, sure: Tensor) -> Tensor:
        """Return relevance, (..., products), with the doubt."""
        return sure / self._temperature + self._noise[: sure.shape[-1]]


# With many steps, certainty is cheap.
PATIENT = ExpertConfig(confidence=0.9999, curiosity=0.0003, interest=0.001, doubt=0.9)


class _Look(NamedTuple):
    """What to look at next: a row whose page to open, or of which to read more; None: the next page
    of results."""

    row: int | None
    reads: bool = False


@torch.inference_mode()
def expert_action(
    network: ChoiceNetwork, memory: Memory, session: Session, config: ExpertConfig
) -> str:
    """Return what the careful shopper does on a page of results or of a product.

    It opens the products that it believes in most, one after the other, until one has enough of
    the belief, or nothing else has any, or the steps run out; where steps are left over, it reads
    the features and descriptions of those between which it is in doubt. Then it buys the best one
    that it opened, with the likeliest value of each group of options.

    Args:
        network: gives relevance and scores of options.
        memory: what was seen; :meth:`~shopwright.policy.decisions.Memory.look` comes before.
        session: shows the page.
        config: see :class:`ExpertConfig`.
    """
    decision = memory.decision(session)
    return expert_choice(
        network, memory, session, decision, network.relevance(collate([decision]))[0], config
    )


@torch.inference_mode()
def expert_choice(
    network: ChoiceNetwork,
    memory: Memory,
    session: Session,
    decision: Decision,
    relevance: Tensor,
    config: ExpertConfig,
) -> str:
    """Return :func:`expert_action` where the decision and the relevance, (products,), are known."""
    state = session.state
    known = memory.rows
    shares = dict(zip(known, relevance[: len(known)].softmax(dim=0).tolist(), strict=True))
    opened = [row for row in memory.opened if row in shares and row in state.rows]
    best = max(opened, key=shares.__getitem__) if opened else None
    look = _next_look(session, memory, config, shares, best)
    if look is None:
        assert best is not None
        return next_to_buy(network, memory, session, decision, best)
    if state.page is PageKind.RESULTS:
        names = {row: name for name, row in session.clickables.items() if isinstance(row, int)}
        if look.row is None:
            return NEXT if names else START_AGAIN
        return click(names[look.row]) if look.row in names else PREVIOUS
    if state.page is PageKind.ITEM and look.reads and look.row == state.row:
        assert look.row is not None
        return click((memory.unread(look.row) or FEATURES).lower())
    return PREVIOUS


def _next_look(
    session: Session,
    memory: Memory,
    config: ExpertConfig,
    shares: dict[int, float],
    best: int | None,
) -> _Look | None:
    """What is worth its steps; None if nothing is, so that it is time to buy."""
    state = session.state
    shown = [row for row in state.shown_rows if row in shares]
    new = sorted((row for row in shown if row not in memory.opened), key=lambda row: -shares[row])
    if best is None:
        return _Look(new[0] if new else None)
    if shares[best] >= config.confidence:
        return None
    # What a purchase of the best one takes after a look elsewhere: back from a product's page, to
    # its own page of results, it, its options, buy.
    at_product = state.page is not PageKind.RESULTS
    needed = at_product + pages_to(session, best) + 2 + len(groups_of(memory, best))
    spare = math.inf if memory.steps_left is None else memory.steps_left - needed
    new = [row for row in new if shares[row] >= config.curiosity]
    unread = [
        row
        for row in memory.opened
        if row in shown and shares[row] >= config.interest and memory.unread(row)
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
    more = further and memory.on_last_page(session)
    return _Look(None) if more and shares[best] < config.doubt and spare >= 5 else None


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
    ) -> None:
        self._network = network
        self._config = config
        self._query = query_for(network, reader, request)
        self.memory = Memory(reader, request, step_limit=step_limit)

    def choose(self, session: Session) -> Choice:
        """Return the next action."""
        self.memory.look(session)
        if session.state.page is PageKind.SEARCH:
            action = search(self._query)
        else:
            action = expert_action(self._network, self.memory, session, self._config)
        self.memory.steps += 1
        return certain(action)


class ExpertAgent:
    """The careful shopper; see the module.

    Args:
        network: a choice policy, in evaluation mode.
        reader: reads the shop's texts.
        config: when it has seen enough.
    """

    name = "careful"
    deterministic = True

    def __init__(
        self, network: ChoiceNetwork, reader: Reader, config: ExpertConfig | None = None
    ) -> None:
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
            self._network, self._reader, request, self._config, step_limit=step_limit
        )

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """It has no way of its own to answer at once."""
        return None
