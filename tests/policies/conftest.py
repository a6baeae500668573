"""The small shop and model that tests of several folders share; a reader and a network of the shop
that a module of tests has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tiny import reader_of, tiny_model_folder, tiny_shop

if TYPE_CHECKING:
    from shopwright.policies.choice import ChoiceNetwork
    from shopwright.policies.evidence import Reader
    from shopwright.shop.shop import Shop

__all__ = ["tiny_model_folder", "tiny_shop"]


@pytest.fixture(scope="module")
def reader(shop: Shop, tiny_model_folder: Path) -> Reader:
    return reader_of(shop, tiny_model_folder)


@pytest.fixture(scope="module")
def network() -> ChoiceNetwork:
    """A network with random weights."""
    torch = pytest.importorskip("torch")

    from shopwright.policies.choice import ChoiceConfig, ChoiceNetwork

    torch.manual_seed(0)
    return ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
