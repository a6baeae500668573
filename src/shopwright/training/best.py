"""The best policy of a training so far, by what it reaches on dev goals."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from shopwright.policy.choice import ChoiceNetwork


class Best:
    """Keeps a copy of the network that did best; without dev goals, of the latest.

    Args:
        network: the network that the training begins with.

    Attributes:
        network: the copy.
        step: the step that it is of.
    """

    def __init__(self, network: ChoiceNetwork) -> None:
        self.network = copy.deepcopy(network).eval()
        self.step = 0
        self._rank = (-1.0, -1.0)

    def consider(self, network: ChoiceNetwork, step: int, measured: Mapping[str, float]) -> None:
        """Keep the network if it is as good as the best so far: success first, then score.

        Args:
            network: the network now.
            step: how many steps are done.
            measured: as :class:`~shopwright.training.monitor.DevMonitor` gives it; may be empty.
        """
        rank = (measured.get("dev_success_rate", -1.0), measured.get("dev_score", -1.0))
        if rank >= self._rank:
            self._rank, self.step = rank, step
            self.network.load_state_dict(network.state_dict())

    def record(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of it beside the network."""
        return {"best_step": self.step, "best_rank": list(self._rank)}

    def restore(self, record: Mapping[str, Any]) -> None:
        """Take up what :meth:`record` gave; the network is restored apart from it."""
        if "best_step" in record:
            self.step = record["best_step"]
            success, score = record["best_rank"]
            self._rank = (success, score)
