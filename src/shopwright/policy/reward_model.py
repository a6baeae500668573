"""A learned reward: how good a purchase looks for a request.

It reads the product's complete texts against every word of the request, and the options chosen; it
never sees the goal's attributes, its options or the true reward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import StatesConfig
from shopwright.errors import AgentError
from shopwright.files import read_json, sha256, write_json
from shopwright.policy.checkpoint import read_tensors, write_tensors
from shopwright.policy.evidence import Reader
from shopwright.policy.features import HISTORY, OPTION_FEATURES, TEXT_EVIDENCE

FORMAT = "shopwright reward model"
FORMAT_VERSION = 2
WEIGHTS, DESCRIPTION = "reward.safetensors", "reward.json"
# Mean and least of the chosen options' features, the share of groups chosen, whether there are any.
_OPTIONS = 2 * OPTION_FEATURES + 2
_NEVER = -1e9


@dataclass(frozen=True, kw_only=True)
class RewardConfig(Configuration):
    """The sizes of a reward model."""

    hidden: int = setting(48, help="hidden units", minimum=1)


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
    """Return a purchase as the reward model reads it.

    Args:
        options: option group → value, as bought.
    """
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
    words = np.concatenate([met, reading.rarity[:, None] / 8.0], axis=1)
    about = np.concatenate([product.features[:HISTORY], summary])
    return Purchase(words.astype(np.float32), about)


class RewardNetwork(nn.Module):
    """Scores purchases; only differences between purchases for one request have a meaning."""

    def __init__(self, config: RewardConfig | None = None) -> None:
        super().__init__()
        self.config = config or RewardConfig()
        hidden = self.config.hidden
        self.word = nn.Sequential(
            nn.Linear(TEXT_EVIDENCE + 1, hidden), nn.GELU(), nn.Linear(hidden, 2)
        )
        self.about = nn.Sequential(
            nn.Linear(HISTORY + _OPTIONS, hidden), nn.GELU(), nn.Linear(hidden, 1)
        )

    def forward(self, purchases: Sequence[Purchase]) -> Tensor:
        """Return each purchase's score, (B,)."""
        width = max(len(purchase.words) for purchase in purchases)
        words = np.zeros((len(purchases), width, TEXT_EVIDENCE + 1), dtype=np.float32)
        mask = np.zeros((len(purchases), width), dtype=bool)
        for row, purchase in enumerate(purchases):
            words[row, : len(purchase.words)] = purchase.words
            mask[row, : len(purchase.words)] = True
        read = self.word(torch.from_numpy(words))
        # How well each word is met, and how much it counts.
        weights = read[..., 1].masked_fill(~torch.from_numpy(mask), _NEVER).softmax(dim=1)
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


def write_reward_model(
    folder: Path, model: RewardModel, encoder: LanguageModel, states: StatesConfig
) -> None:
    """Write a reward model into a run folder."""
    write_tensors(folder / WEIGHTS, model.network.state_dict())
    write_json(
        folder / DESCRIPTION,
        {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "network": asdict(model.network.config),
            "mean": model.mean,
            "deviation": model.deviation,
            "language_model": {"name": encoder.name, "checksum": encoder.checksum},
            "states": asdict(states),
            "weights_sha256": sha256(folder / WEIGHTS),
        },
    )


def read_reward_model(folder: Path) -> tuple[RewardModel, dict[str, Any]]:
    """Return the reward model that :func:`write_reward_model` wrote, and its description.

    Raises:
        AgentError: the folder holds none, or its weights were changed.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise AgentError(f"{folder}: expected a run folder with a reward model, found none")
    description = read_json(path)
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise AgentError(f"{path}, field format: expected {FORMAT!r}")
    if description.get("version") != FORMAT_VERSION:
        raise AgentError(
            f"{path}, field version: expected {FORMAT_VERSION}, got {description.get('version')!r}"
        )
    tensors = read_tensors(folder / WEIGHTS)
    if sha256(folder / WEIGHTS) != description["weights_sha256"]:
        raise AgentError(f"{folder / WEIGHTS}: expected the weights as trained, got others")
    network = RewardNetwork(RewardConfig(**description["network"]))
    network.load_state_dict(tensors)
    model = RewardModel(network.eval(), description["mean"], description["deviation"])
    return model, description
