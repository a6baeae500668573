"""The small shop and model that tests of several folders share, and perfect trajectories there."""

from __future__ import annotations

import pytest

from shopwright.policies.rules import Oracle
from shopwright.shop.shop import Shop
from shopwright.trajectories.generate import GenerateConfig, generate_perfect
from shopwright.trajectories.records import Trajectory
from tiny import tiny_model_folder, tiny_shop

__all__ = ["tiny_model_folder", "tiny_shop"]


@pytest.fixture(scope="module")
def shop(tiny_shop: Shop) -> Shop:
    return tiny_shop


@pytest.fixture(scope="module")
def trajectories(shop: Shop) -> list[Trajectory]:
    config = GenerateConfig(trajectories=6)
    return generate_perfect(Oracle(), shop, list(shop.goals), config).trajectories
