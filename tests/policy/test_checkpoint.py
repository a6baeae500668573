"""An agent in a run folder, with its purchase history."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from histories import drawn_history
from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import StatesConfig
from shopwright.errors import AgentError
from shopwright.policy.checkpoint import HISTORY, read_agent, write_agent, write_tensors
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.relevance import ChoiceConfig
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def catalogue(tiny_shop: Shop) -> Catalogue:
    return tiny_shop.catalogue


def test_it_is_kept_with_the_weights(
    catalogue: Catalogue, tiny_model_folder: Path, tmp_path: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=model.dimensions))
    write_agent(tmp_path, network, None, model, StatesConfig(), name="x", training={})
    assert read_agent(tmp_path).memory is None
    memory = drawn_history(catalogue, 12)
    write_agent(tmp_path, network, memory, model, StatesConfig(), name="x", training={})
    read = read_agent(tmp_path).memory
    assert read is not None
    assert read.asins == memory.asins
    kept, given = read.tensors(), memory.tensors()
    assert kept.keys() == given.keys()
    for name, tensor in given.items():
        assert torch.equal(kept[name], tensor)
        assert kept[name].dtype == tensor.dtype


def test_the_disk_holds_it_once_for_agents_of_one_start(
    catalogue: Catalogue, tiny_model_folder: Path, tmp_path: Path
) -> None:
    model = LanguageModel(str(tiny_model_folder), bfloat16=False)
    network = ChoiceNetwork(ChoiceConfig(state_dimensions=model.dimensions))
    memory = drawn_history(catalogue, 12)
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    write_agent(first, network, memory, model, StatesConfig(), name="x", training={})
    write_agent(second, network, memory, model, StatesConfig(), name="x", training={}, start=first)
    assert (first / HISTORY).samefile(second / HISTORY)
    # The start may be gone by the end of a training.
    write_agent(
        third, network, memory, model, StatesConfig(), name="x", training={}, start=tmp_path
    )
    assert (first / HISTORY).read_bytes() == (third / HISTORY).read_bytes()
    memory = drawn_history(catalogue, 11)
    write_agent(first, network, memory, model, StatesConfig(), name="x", training={})
    write_tensors(second / HISTORY, memory.tensors())
    with pytest.raises(AgentError, match="the history as trained"):
        read_agent(second)
    assert read_agent(third).memory is not None
