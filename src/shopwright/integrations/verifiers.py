"""The shop for verifiers: a task set, and the shop's tools.

verifiers finds a task set by the name of an installed module, so put this into one, ``shop.py``::

    from shopwright.integrations.verifiers import ShopTaskset

    __all__ = ["ShopTaskset"]

    vf-eval shop --env.taskset.shop shops/webshop --env.taskset.split test

Source: verifiers 0.4, ``verifiers.v1``: a task's ``setup``, ``@vf.reward`` and state, and a task
set's shared tools. One tool server, with one shop, serves all rollouts: a rollout's state holds its
actions, and every call repeats them, which takes less time than to reach the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import verifiers.v1 as vf
from pydantic import Field

from shopwright.errors import InputError
from shopwright.integrations.tasks import shared_shop, tasks_of
from shopwright.integrations.trl import INSTRUCTIONS, ShopTools

STEP_LIMIT = 15


class ShopState(vf.State):
    """A rollout's visit: which goal, what was done, and the score of the purchase."""

    split: str = "train"
    goal: int = 0
    actions: list[tuple[str, str]] = Field(default_factory=list)
    score: float = 0.0


class ShopToolsConfig(vf.SharedToolsetConfig):
    """Where the tools shop."""

    shop: str | None = None
    """A shop's folder; without one that of the environment variable SHOPWRIGHT_SHOP."""
    step_limit: int = STEP_LIMIT
    """The number of actions of a visit at most."""


class ShopToolset(vf.Toolset[ShopToolsConfig, ShopState]):
    """The tools ``search`` and ``click``."""

    TOOL_PREFIX = None

    @vf.tool
    def search(self, query: str) -> str:
        """Searches the shop's products for a few words and shows the results."""
        return self._act("search", query)

    @vf.tool
    def click(self, name: str) -> str:
        """Clicks a product's number, an option or a button of the page, named as it is shown."""
        return self._act("click", name)

    def _act(self, tool: str, argument: str) -> str:
        state = self.state
        visit = ShopTools(shared_shop(self.config.shop), self.config.step_limit)
        visit.reset(state.goal, state.split)
        try:
            for name, given in state.actions:
                getattr(visit, name)(given)
            page: str = getattr(visit, tool)(argument)
        except InputError as over:
            return str(over)
        state.actions.append((tool, argument))
        state.score = visit.get_reward()
        return page


class ShopData(vf.TaskData):
    """A goal's number in its split."""

    split: str
    goal: int


class ShopTask(vf.Task[ShopData, ShopState, vf.TaskConfig]):
    """Buy what is asked for."""

    async def setup(self, trace: Any, runtime: Any) -> None:
        """Tell the tools which goal the rollout is for."""
        trace.state.split, trace.state.goal = self.data.split, self.data.goal

    @vf.reward
    async def purchase(self, trace: Any) -> float:
        """The score of the purchase, from 0 to 1; 0 without one."""
        return float(trace.state.score)


class ShopTasksetConfig(vf.TasksetConfig):
    """Which goals, where."""

    shop: str | None = None
    """A shop's folder; without one that of the environment variable SHOPWRIGHT_SHOP."""
    split: str = "train"
    """train, dev, test, test-unseen, human, or a JSON lines file of goals."""
    step_limit: int = STEP_LIMIT
    """The number of actions of a visit at most."""


class ShopTaskset(vf.Taskset[ShopTask, ShopTasksetConfig]):
    """A task for each goal of a split."""

    def load(self) -> Iterable[ShopTask]:
        """Yield the tasks; a prompt shows the first page."""
        tasks = tasks_of(shared_shop(self.config.shop), self.config.split)
        visit = ShopTools(self.config.shop)
        for number in range(len(tasks)):
            page = visit.reset(number, self.config.split)
            data = ShopData(
                name=f"{self.config.split}#{number}",
                prompt=f"{INSTRUCTIONS}{page}",
                split=self.config.split,
                goal=number,
            )
            yield ShopTask(data, self.config.task)

    @classmethod
    def toolsets(cls, config: ShopTasksetConfig) -> list[vf.Toolset]:
        """Return the tools, which all rollouts share."""
        return [ShopToolset(ShopToolsConfig(shop=config.shop, step_limit=config.step_limit))]


if __name__ == "__main__":  # So verifiers starts the server of the tools.
    ShopToolset.run()
