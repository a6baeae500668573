"""A careful shopper: looks at several products before it buys the one it believes in most.

It acts on the beliefs of a choice policy that knows what to want but not yet how to look around.
Its perfect rollouts show that policy how: what to open, when to stop.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import torch

from shopwright.policies.choice import ChoiceNetwork, collate
from shopwright.policies.decisions import ActionKind, Decision, Memory
from shopwright.policies.evidence import Reader
from shopwright.policies.learned import log_probabilities, query_for
from shopwright.policies.rules import BUY, NEXT, PREVIOUS, certain
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
        self._decided: int | None = None
        self._refused: set[str] = set()
        self.memory = Memory(reader, request, step_limit=step_limit)

    def choose(self, session: Session) -> Choice:
        """Return the next action."""
        self.memory.look(session)
        if session.state.page is PageKind.SEARCH:
            action = search(self._query)
        else:
            action = self._choose(session)
        self.memory.steps += 1
        return certain(action)

    def _choose(self, session: Session) -> str:
        state = session.state
        decision = self.memory.decision(session)
        shares = self._shares(decision)
        opened = {row: shares[row] for row in self.memory.opened if row in shares}
        best = max(opened, key=opened.__getitem__) if opened else None
        shown = {row: name for name, row in session.clickables.items() if isinstance(row, int)}
        if self._decided is None and best is not None and not self._goes_on(session, shares, best):
            self._decided = best
        if state.page is PageKind.ITEM and state.row is not None:
            if self._decided == state.row:
                return self._option(session, decision) or BUY
            return PREVIOUS
        if state.page is not PageKind.RESULTS:
            return PREVIOUS
        if self._decided is not None:
            return click(shown[self._decided]) if self._decided in shown else PREVIOUS
        new = [row for row in shown if row in shares and row not in opened]
        if new:
            first = max(new, key=shares.__getitem__)
            if best is None or shares[first] >= self._config.curiosity:
                return click(shown[first])
        return NEXT if shown else click("back to search")

    def _shares(self, decision: Decision) -> dict[int, float]:
        with torch.inference_mode():
            beliefs = self._network.beliefs(collate([decision]))[0]
            shares = beliefs.softmax(dim=0).tolist()
        return dict(zip(self.memory.rows, shares, strict=False))

    def _goes_on(self, session: Session, shares: dict[int, float], best: int) -> bool:
        """Whether another product is worth its steps."""
        left = self.memory.steps_left
        groups = len(set(self.memory.options_of(best).groups))
        # Back, another one, back, the best one again, its options, buy.
        if left is not None and left < 5 + groups + (session.state.page is PageKind.ITEM) - 1:
            return False
        if shares[best] >= self._config.confidence:
            return False
        on_page = [row for row in session.state.shown_rows if row in shares]
        others = [shares[row] for row in on_page if row not in self.memory.opened]
        if others and max(others) >= self._config.curiosity:
            return True
        # Turning the page costs a step there and one back.
        more = session.state.page_number * len(session.state.shown_rows) < len(session.state.rows)
        return more and shares[best] < self._config.doubt and (left is None or left >= 8 + groups)

    def _option(self, session: Session, decision: Decision) -> str | None:
        """The likeliest value of the first group that is not settled, or None to go on."""
        scores = log_probabilities(self._network, decision)
        chosen = session.state.options
        groups = list(dict.fromkeys(self.memory.options_of(session.state.row or 0).groups))
        for group in groups:
            if group in chosen or group in self._refused:
                continue
            own = [
                number
                for number, action in enumerate(decision.actions)
                if decision.kinds[number] == int(ActionKind.OPTION)
                and session.clickables.get(action[len("click[") : -1]) == group
            ]
            self._refused.add(group)
            buy = [n for n, kind in enumerate(decision.kinds) if kind == int(ActionKind.BUY)]
            if own:
                best = max(own, key=scores.__getitem__)
                if not buy or scores[best] > scores[buy[0]]:
                    return decision.actions[best]
        return None


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
