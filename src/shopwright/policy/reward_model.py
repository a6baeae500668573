"""A learned reward: how good a purchase looks for a request.

It reads the product's complete texts against every word of the request, and the options chosen; it
never sees the goal's attributes, its options or the true reward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.errors import AgentError
from shopwright.policy.batch import NEVER, padded
from shopwright.policy.checkpoint import NetworkFiles, read_with
from shopwright.policy.evidence import Reader
from shopwright.policy.features import HISTORY, OPTION_FEATURES, RARITY_SCALE, TEXT_EVIDENCE
from shopwright.shop.page import Page

REWARD_MODEL = NetworkFiles(
    "a reward model", "shopwright reward model", 2, "reward.safetensors", "reward.json"
)
# Mean and least of the chosen options' features, the share of groups chosen, whether there are any.
_OPTIONS = 2 * OPTION_FEATURES + 2


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the reward model reads of a purchase.

    Attributes:
        words: float32, (request tokens, TEXT_EVIDENCE + 1): evidence and rarity.
        about: float32, (HISTORY + options' features,): what was bought before does not count.
    """

    words: np.ndarray
    about: np.ndarray


def read_purchase(reader: Reader, request: str, row: int, options: Mapping[str, str]) -> Purchase:
    """Return a purchase as the reward model reads it."""
    (reading,) = reader.requests([request])
    (product,) = reader.products(reading, [row], [0], history=False)
    offered = reader.options(reading, row)
    groups = list(dict.fromkeys(offered.groups))
    chosen = [
        offered.features[number]
        for number, (group, value) in enumerate(zip(offered.groups, offered.values, strict=True))
        if options.get(group) == value
    ]
    read = np.array(chosen, dtype=np.float32).reshape(-1, OPTION_FEATURES)
    summary = np.zeros(_OPTIONS, dtype=np.float32)
    if len(read):
        summary[:OPTION_FEATURES] = read.mean(axis=0)
        summary[OPTION_FEATURES : 2 * OPTION_FEATURES] = read.min(axis=0)
    summary[-2] = len(read) / max(1, len(groups))
    summary[-1] = bool(groups)
    met = product.evidence[:, :TEXT_EVIDENCE]
    words = np.concatenate([met, reading.rarity[:, None] / RARITY_SCALE], axis=1)
    about = np.concatenate([product.features[:HISTORY], summary])
    return Purchase(words.astype(np.float32), about)


class RewardNetwork(nn.Module):
    """Scores purchases; only differences between purchases for one request have a meaning."""

    def __init__(self, *, hidden: int = 48) -> None:
        super().__init__()
        self.hidden = hidden
        self.word = nn.Sequential(
            nn.Linear(TEXT_EVIDENCE + 1, hidden), nn.GELU(), nn.Linear(hidden, 2)
        )
        self.about = nn.Sequential(
            nn.Linear(HISTORY + _OPTIONS, hidden), nn.GELU(), nn.Linear(hidden, 1)
        )

    def forward(self, purchases: Sequence[Purchase]) -> Tensor:
        """Return each purchase's score, (B,)."""
        words, mask = padded([purchase.words for purchase in purchases])
        read = self.word(words)
        # How well each word is met, and how much it counts.
        weights = read[..., 1].masked_fill(~mask, NEVER).softmax(dim=1)
        met = (read[..., 0] * weights).sum(dim=1)
        about = torch.from_numpy(np.stack([purchase.about for purchase in purchases]))
        scores: Tensor = 10.0 * met + self.about(about).squeeze(-1)
        return scores


@dataclass(frozen=True, slots=True)
class RewardModel:
    """A trained reward model.

    Attributes:
        network: its network, in evaluation mode.
        mean, deviation: of its scores on the purchases that it was trained on: what it gives is
            measured in deviations from the mean, as a policy's advantages need no other scale.
    """

    network: RewardNetwork
    mean: float
    deviation: float

    @torch.no_grad()
    def judge(self, reader: Reader, request: str, row: int, options: Mapping[str, str]) -> float:
        """Return the score of a purchase, in deviations from the mean."""
        score = float(self.network([read_purchase(reader, request, row, options)])[0])
        return (score - self.mean) / self.deviation


def write_reward_model(folder: Path, model: RewardModel, reader: Reader) -> None:
    """Write a reward model into a run folder."""
    REWARD_MODEL.write(
        folder,
        model.network,
        network={"hidden": model.network.hidden},
        mean=model.mean,
        deviation=model.deviation,
        **read_with(reader),
    )


def read_reward_model(folder: Path) -> tuple[RewardModel, dict[str, Any]]:
    """Return the reward model that :func:`write_reward_model` wrote, and what is said of it.

    Raises:
        AgentError: the folder holds none, or its weights were changed.
    """
    said = REWARD_MODEL.read(folder)
    network = REWARD_MODEL.fill(folder, said, lambda: RewardNetwork(**said["network"]))
    return RewardModel(network, said["mean"], said["deviation"]), said


def page_reward(folder: Path, reader: Reader) -> tuple[Callable[[Page], float], str]:
    """Return what gives the page after a purchase the score of a reward model, and the checksum of
    the model's weights.

    Raises:
        AgentError: the folder holds no reward model, or one that reads with another language model.
    """
    model, said = read_reward_model(folder)
    if said["language_model"]["checksum"] != reader.model.checksum:
        raise AgentError(
            f"{folder}: expected a reward model that reads with {reader.model.name}, got one that "
            f"reads with {said['language_model']['name']}"
        )

    def reward(page: Page) -> float:
        assert page.product is not None  # A purchase is of a product.
        return model.judge(reader, page.request, page.product.row, page.chosen)

    return reward, said["weights_sha256"]
