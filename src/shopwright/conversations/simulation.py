"""An episode: an agent talks with a shopper until something is bought or the patience ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopwright.conversations.acts import Act, Item, Kind
from shopwright.conversations.conversation import Conversation, Openings, sentence_of
from shopwright.conversations.manners import DIVERSE, EVEN, Manner, manners_of
from shopwright.conversations.posterior import Assumptions
from shopwright.conversations.shopper import (
    TEMPERS,
    RuleShopper,
    Speaker,
    Temper,
    temper_of,
)
from shopwright.seeding import python_rng
from shopwright.shop.goals import Goal
from shopwright.shop.reward import Reward
from shopwright.shop.shop import Shop

STEP_LIMIT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A shopper to talk with.

    Attributes:
        goal: what is wanted, before the temper changes it.
        temper: how the shopper talks.
        manner: what the shopper minds.
        seed: of the shopper.
    """

    goal: Goal
    temper: Temper
    manner: Manner = EVEN
    seed: int = 0

    def shopper(self, shop: Shop) -> RuleShopper:
        """Return the shopper, who has not said anything yet."""
        rng = python_rng(self.seed, "shopper", self.temper.name, self.goal.instruction)
        words = python_rng(self.seed, "words", self.manner.name, self.goal.instruction)
        return RuleShopper(shop, self.goal, self.temper, rng, self.manner, words)


def tasks_of(
    goals: Sequence[Goal], seed: int = 0, tempers: Sequence[str] = (), world: str = DIVERSE
) -> list[Task]:
    """Return a task for each goal; tempers take turns, and so do the manners of the world.

    Args:
        tempers: names of :data:`~shopwright.conversations.shopper.TEMPERS`; all if empty.
        world: one of :data:`~shopwright.conversations.manners.WORLDS`.

    Raises:
        InputError: there is no such temper or world.
    """
    chosen, manners = [temper_of(name) for name in tempers or TEMPERS], manners_of(world)
    return [
        Task(
            goal=goal,
            temper=chosen[number % len(chosen)],
            manner=manners[number % len(manners)],
            seed=seed,
        )
        for number, goal in enumerate(goals)
    ]


class Episode:
    """A conversation with a shopper, and what it earns.

    Args:
        openings: finds candidates for what the shopper says first.
        shopper: who is talked with.
        step_limit: after so many acts the episode is cut off.

    Attributes:
        conversation: as the agent has it.
        bought: the purchase; None if there is none yet.
        reward: of the purchase, the shop's own.
        cost: of the turns until now.
        left: whether the shopper went without a purchase.
        wasted: how many turns passed without an act.
    """

    def __init__(
        self,
        openings: Openings,
        shopper: Speaker,
        *,
        step_limit: int = STEP_LIMIT,
        posterior: Assumptions | None = None,
    ) -> None:
        self._shop, self.shopper, self._step_limit = openings.shop, shopper, step_limit
        opening = shopper.open()
        candidates = openings.candidates(opening)
        self.conversation = Conversation.begin(candidates, opening, posterior)
        self.bought: Item | None = None
        self.reward: Reward | None = None
        self.cost = 0.0
        self.left = False
        self.wasted = 0

    @property
    def steps(self) -> int:
        """How many acts there were, and what was none."""
        return len(self.conversation.turns) - 1 + self.wasted

    @property
    def terminated(self) -> bool:
        """Whether something was bought or the shopper left."""
        return self.bought is not None or self.left

    @property
    def truncated(self) -> bool:
        """Whether the step limit cut the episode off."""
        return not self.terminated and self.steps >= self._step_limit

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be done."""
        return self.terminated or self.truncated

    @property
    def success(self) -> bool:
        """Whether all that was wanted was bought."""
        return self.reward is not None and self.reward.success

    @property
    def total(self) -> float:
        """The return: the reward of the purchase less the cost of the turns."""
        return (self.reward.total if self.reward else 0.0) - self.cost

    def act(self, act: Act) -> float:
        """Do something and return what it earns: the cost of the turn, below 0, unless it is a
        recommendation, and the reward of a purchase."""
        before = self.total
        if act.kind is Kind.RECOMMEND:
            self._buy(act, act.items[0], "")
            return self.total - before
        self.cost += self._cost(act)
        if act.asks:
            said = sentence_of(act, self.conversation.posterior.candidates)
            self.conversation.go_on(act, self.shopper.answer(act, said))
        else:
            item, heard = self.shopper.look_at(act.items)
            if item is None:
                self.conversation.go_on(act, heard)
            else:
                self._buy(act, item, heard)
        self.left = self.bought is None and self.steps >= self.shopper.temper.patience
        return self.total - before

    def waste(self) -> float:
        """Let a turn pass with something that is no act, and return what it costs."""
        self.cost += self._cost(None)
        self.wasted += 1
        self.left = self.steps >= self.shopper.temper.patience
        return -self._cost(None)

    def _cost(self, act: Act | None) -> float:
        return self.shopper.manner.cost(act, self.shopper.temper.cost)

    def _buy(self, act: Act, item: Item, heard: str) -> None:
        self.bought = item
        self.reward = self._shop.reward_of_row(self.shopper.goal, item.row, item.options)
        self.conversation.go_on(act, heard, bought=True)
