"""The policy of conversations: a small network that scores each act, and its value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.conversations.acts import Act
from shopwright.conversations.conversation import Conversation
from shopwright.conversations.features import ACT, MOST_ACTS, STATE, Situation, situation_of
from shopwright.policy.checkpoint import NetworkFiles

_HIDDEN = 64  # units

FILES = NetworkFiles(
    "a policy of conversations",
    "shopwright conversation policy",
    1,
    "conversation.safetensors",
    "conversation.json",
)


class Batch(NamedTuple):
    """Decisions.

    Attributes:
        states: float, (B, STATE).
        features: float, (B, A, ACT).
        offered: bool, (B, A): which columns hold an act.
    """

    states: Tensor
    features: Tensor
    offered: Tensor

    def rows(self, rows: Tensor) -> Batch:
        """Return the decisions with these numbers."""
        return Batch(*(part[rows] for part in self))


def collate(situations: Sequence[Situation]) -> Batch:
    """Return decisions as one batch."""
    features = np.zeros((len(situations), MOST_ACTS, len(ACT)), dtype=np.float32)
    offered = np.zeros((len(situations), MOST_ACTS), dtype=bool)
    for row, situation in enumerate(situations):
        features[row, : len(situation.acts)] = situation.features
        offered[row, : len(situation.acts)] = True
    states = np.stack([situation.state for situation in situations])
    return Batch(*map(torch.from_numpy, (states, features, offered)))


class ConversationPolicy(nn.Module):
    """The probability of each act, from the state and the act's own features."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(len(STATE) + len(ACT), _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, 1),
        )

    def forward(self, batch: Batch) -> Tensor:
        """Return log probabilities, float, (B, A); padding very negative."""
        states = batch.states[:, None].expand(-1, batch.features.shape[1], -1)
        scores = self.score(torch.cat([states, batch.features], dim=-1))[..., 0]
        found: Tensor = scores.masked_fill(~batch.offered, -1e9).log_softmax(dim=1)
        return found


class ConversationValue(nn.Module):
    """The return that is still to come, from the state and the acts' features together."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Sequential(
            nn.Linear(len(STATE) + 2 * len(ACT), _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.Tanh(),
            nn.Linear(_HIDDEN, 1),
        )

    def forward(self, batch: Batch) -> Tensor:
        """Return values, float, (B,)."""
        offered = batch.offered[..., None]
        mean = (batch.features * offered).sum(dim=1) / offered.sum(dim=1).clamp(min=1)
        highest = batch.features.masked_fill(~offered, 0.0).amax(dim=1)
        found: Tensor = self.value(torch.cat([batch.states, mean, highest], dim=-1))[..., 0]
        return found


class LearnedConverser:
    """Does what a policy finds best.

    Args:
        policy: in evaluation mode.
        name: what tables call it.
        eagerness: is added to the log odds of questions.
    """

    def __init__(
        self, policy: ConversationPolicy, name: str = "learned", eagerness: float = 0.0
    ) -> None:
        self.policy, self.name, self._eagerness = policy, name, eagerness

    def choose(self, conversation: Conversation) -> Act:
        """Return what to do next."""
        return self._ranked(conversation)[0]

    def question(self, conversation: Conversation) -> Act | None:
        """Return the question that it would ask now; None if there is none."""
        return next((act for act in self._ranked(conversation) if act.asks), None)

    def _ranked(self, conversation: Conversation) -> list[Act]:
        """What can be done, the best first."""
        situation = situation_of(conversation)
        with torch.no_grad():
            (scores,) = self.policy(collate([situation]))
        if self._eagerness:
            asks = torch.tensor([act.asks for act in situation.acts])
            scores = scores[: len(asks)] + self._eagerness * asks
        best = scores[: len(situation.acts)].argsort(descending=True)
        return [situation.acts[place] for place in best.tolist()]


def write_policy(folder: Path, policy: ConversationPolicy, training: dict[str, Any]) -> None:
    """Write a policy into a run folder."""
    said = {"state": list(STATE), "act": list(map(str, ACT)), "training": training}
    FILES.write(folder, policy, **said)


def open_policy(folder: Path) -> ConversationPolicy:
    """Return the policy of a run folder.

    Raises:
        AgentError: there is none, or one of other features.
    """
    return FILES.fill(folder, FILES.read(folder), ConversationPolicy)
