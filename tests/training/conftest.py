"""The small shop and model that tests of several folders share, and perfect trajectories there."""

from __future__ import annotations

import pytest

from shopwright.agents.oracle import Oracle
from shopwright.rollouts.generate import GenerateConfig, generate_perfect
from shopwright.rollouts.records import Trajectory
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def shop(tiny_shop: Shop) -> Shop:
    return tiny_shop


@pytest.fixture(scope="module")
def trajectories(shop: Shop) -> list[Trajectory]:
    config = GenerateConfig(trajectories=6)
    return generate_perfect(Oracle(), shop, list(shop.goals), config).trajectories
