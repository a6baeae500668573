"""A learned reward in the place of the shop's, and how far the two agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shopwright.errors import AgentError
from shopwright.policy.evidence import Reader
from shopwright.policy.reward_model import read_reward_model
from shopwright.shop.page import Page
from shopwright.training.experience import Experience, RewardFunction
from shopwright.training.methods.reward_model import rank_correlation


def model_checksum(folder: Path) -> str:
    """Return the checksum of a reward model's weights.

    Raises:
        AgentError: the folder holds no reward model.
    """
    checksum: str = read_reward_model(folder)[1]["weights_sha256"]
    return checksum


def model_reward(folder: Path, reader: Reader) -> RewardFunction:
    """Return what gives a purchase the reward model's score.

    Raises:
        AgentError: the folder holds no reward model, or one that reads with another language model.
    """
    model, description = read_reward_model(folder)
    if description["language_model"]["checksum"] != reader.model.checksum:
        raise AgentError(
            f"{folder}: expected a reward model that reads with {reader.model.name}, got one that "
            f"reads with {description['language_model']['name']}"
        )

    def reward(page: Page) -> float:
        assert page.product is not None  # A purchase is of a product.
        return model.judge(reader, page.request, page.product.row, page.chosen)

    return reward


def reward_agreement(experience: Experience) -> dict[str, float]:
    """Return the mean learned reward of purchases and its rank correlation with the true one; the
    correlation falls when a policy finds what the model overrates."""
    bought = experience.terminated
    if not bought.any():
        return {}
    learned = experience.rewards[bought].numpy()
    ends = (experience.terminated | experience.truncated).nonzero()[:, 0].tolist()
    true = [
        reward
        for reward, end in zip(experience.true_rewards, ends, strict=True)
        if experience.terminated[end]
    ]
    return {
        "learned_reward": float(learned.mean()),
        "learned_reward_correlation": rank_correlation(learned, np.array(true)),
    }
