"""A careful shopper: looks at several products before it buys the one it believes in most.

It acts on the beliefs of a choice policy that knows what to want but not yet how to look around.
Its perfect rollouts show that policy how: what to open, when to stop.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np
import torch

from shopwright.policies.choice import ChoiceNetwork, collate
from shopwright.policies.decisions import ActionKind, Decision, Memory
from shopwright.policies.evidence import Reader
from shopwright.policies.learned import query_for
from shopwright.policies.rules import BUY, NEXT, PREVIOUS, START_AGAIN, certain
from shopwright.shop.actions import click, search
from shopwright.shop.pages import PageKind
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop
from shopwright.trajectories.collect import Answer, Choice, Visitor


@dataclass(frozen=True, kw_only=True)
class CarefulConfig:
    """When the careful shopper has seen enough."""

    confidence: float = field(
        default=0.95, metadata={"help": "it buys at this share of all belief in known products"}
    )
    curiosity: float = field(
        default=0.01, metadata={"help": "products with less of a share are not opened"}
    )
    doubt: float = field(
        default=0.4, metadata={"help": "with less in the best opened one it turns the page"}
    )


def careful_action(
    network: ChoiceNetwork, memory: Memory, session: Session, config: CarefulConfig
) -> str:
    """Return what the careful shopper does on a page of results or of a product.

    It opens the products that it believes in most, one after the other, until one has enough of
    the belief, or nothing else has any, or the steps run out; then it buys the best one that it
    opened, with the likeliest value of each group of options.

    Args:
        network: gives beliefs and scores of options.
        memory: what was seen; :meth:`~shopwright.policies.decisions.Memory.look` comes before.
        session: shows the page.
        config: see :class:`CarefulConfig`.
    """
    state = session.state
    decision = memory.decision(session)
    shares = _shares(network, memory, decision)
    opened = {row: shares[row] for row in memory.opened if row in shares}
    best = max(opened, key=opened.__getitem__) if opened else None
    goes_on = best is None or _goes_on(session, memory, config, shares, best)
    if state.page is PageKind.ITEM:
        if state.row == best and not goes_on:
            return _option(network, session, memory, decision) or BUY
        return PREVIOUS
    if state.page is not PageKind.RESULTS:
        return PREVIOUS
    shown = {row: name for name, row in session.clickables.items() if isinstance(row, int)}
    if best is not None and not goes_on:
        return click(shown[best]) if best in shown else PREVIOUS
    new = [row for row in shown if row in shares and row not in opened]
    first = max(new, key=shares.__getitem__) if new else None
    if first is not None and (best is None or shares[first] >= config.curiosity):
        return click(shown[first])
    return NEXT if shown else START_AGAIN


def _shares(network: ChoiceNetwork, memory: Memory, decision: Decision) -> dict[int, float]:
    """Each known product's share of belief."""
    if not decision.products:
        return {}
    with torch.inference_mode():
        beliefs = network.beliefs(collate([decision]))[0]
        shares = beliefs.softmax(dim=0).tolist()
    return dict(zip(memory.rows, shares, strict=True))


def _goes_on(
    session: Session, memory: Memory, config: CarefulConfig, shares: dict[int, float], best: int
) -> bool:
    """Whether another product is worth its steps."""
    state, left = session.state, memory.steps_left
    groups = len(set(memory.options_of(best).groups))
    # Back if on a product's page; another one, back, the best one again, its options, buy.
    needed = 4 + groups + (state.page is PageKind.ITEM)
    if left is not None and left < needed:
        return False
    if shares[best] >= config.confidence:
        return False
    others = [shares[row] for row in state.shown_rows if row not in memory.opened if row in shares]
    if others and max(others) >= config.curiosity:
        return True
    # Turning the page costs a step there and one back.
    more = len(memory.rows) < len(state.rows) and memory.on_last_page(session)
    return more and shares[best] < config.doubt and (left is None or left >= needed + 3)


def _option(
    network: ChoiceNetwork, session: Session, memory: Memory, decision: Decision
) -> str | None:
    """The likeliest value of the first group without one; None if every group has one."""
    row = session.state.row
    assert row is not None
    scores: np.ndarray | None = None
    for group in dict.fromkeys(memory.options_of(row).groups):
        offered = [
            number
            for number, action in enumerate(decision.actions)
            if decision.kinds[number] == int(ActionKind.OPTION)
            and session.clickables.get(action[len("click[") : -1]) == group
        ]
        if group not in session.state.options and offered:
            if scores is None:
                with torch.inference_mode():
                    features = torch.from_numpy(decision.option_features)
                    scores = network.option(features).squeeze(-1).numpy()
            return decision.actions[max(offered, key=scores.__getitem__)]
    return None


class CarefulVisitor:
    """The careful shopper in one episode."""

    def __init__(
        self,
        network: ChoiceNetwork,
        reader: Reader,
        request: str,
        config: CarefulConfig,
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
            action = careful_action(self._network, self.memory, session, self._config)
        self.memory.steps += 1
        return certain(action)


class CarefulAgent:
    """The careful shopper; see the module.

    Args:
        network: a choice policy, in evaluation mode.
        reader: reads the shop's texts.
        config: when it has seen enough.
    """

    name = "careful"
    deterministic = True

    def __init__(
        self, network: ChoiceNetwork, reader: Reader, config: CarefulConfig | None = None
    ) -> None:
        self._network = network
        self._reader = reader
        self._config = config or CarefulConfig()

    def visit(
        self,
        shop: Shop,
        request: str,
        *,
        step_limit: int | None,
        generator: random.Random | None,
    ) -> Visitor:
        """Begin an episode."""
        return CarefulVisitor(
            self._network, self._reader, request, self._config, step_limit=step_limit
        )

    def answer(self, shop: Shop, request: str, *, generator: random.Random | None) -> Answer | None:
        """It has no way of its own to answer at once."""
        return None
