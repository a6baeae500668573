"""An agent in a run folder, with its purchase history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from histories import drawn_history
from shopwright.errors import AgentError
from shopwright.files import read_json, sha256, write_json
from shopwright.memory.retriever import Retriever
from shopwright.policy.checkpoint import HISTORY, open_policy, write_agent, write_tensors
from shopwright.policy.evidence import Reader
from shopwright.shop.shop import Shop
from shopwright.training.learner import Learner, new_learner

TRAINING = {"operation": "x"}


@pytest.fixture(scope="module")
def learner(tiny_shop: Shop, tiny_model_folder: Path) -> Learner:
    return new_learner(tiny_shop, str(tiny_model_folder), seed=0)


def with_history(learner: Learner, purchases: int) -> Reader:
    catalogue = learner.reader.catalogue
    return replace(
        learner.reader, retriever=Retriever(drawn_history(catalogue, purchases), catalogue)
    )


def test_it_is_kept_with_the_weights(learner: Learner, tiny_shop: Shop, tmp_path: Path) -> None:
    write_agent(tmp_path, learner.policy, learner.reader, TRAINING)
    _, reader, said = open_policy(tmp_path, tiny_shop)
    assert reader.retriever is None
    assert said["name"] == "x"
    before = with_history(learner, 12)
    write_agent(tmp_path, learner.policy, before, TRAINING)
    policy, reader, _ = open_policy(tmp_path, tiny_shop)
    for name, weights in learner.policy.state_dict().items():
        assert torch.equal(policy.state_dict()[name], weights)
    assert reader.retriever is not None
    assert before.retriever is not None
    kept, given = reader.retriever.history.tensors(), before.retriever.history.tensors()
    assert kept.keys() == given.keys()
    for name, tensor in given.items():
        assert torch.equal(kept[name], tensor)
        assert kept[name].dtype == tensor.dtype


def test_an_agent_of_the_version_before_is_read(
    learner: Learner, tiny_shop: Shop, tmp_path: Path
) -> None:
    policy = learner.policy
    assert policy.term_weights is not None
    write_agent(tmp_path, policy, learner.reader, TRAINING)
    now = policy.state_dict()
    before = {name.replace("term_weights.", "emphasis."): each for name, each in now.items()}
    assert before.keys() != now.keys()
    write_tensors(tmp_path / "choice.safetensors", before)
    said = read_json(tmp_path / "agent.json")
    said["network"]["emphasis"] = said["network"].pop("term_weights")
    said |= {"version": 5, "weights_sha256": sha256(tmp_path / "choice.safetensors")}
    write_json(tmp_path / "agent.json", said)
    opened, _, _ = open_policy(tmp_path, tiny_shop)
    assert opened.config == policy.config
    for name, weights in opened.state_dict().items():
        assert torch.equal(now[name], weights), name
    write_json(tmp_path / "agent.json", said | {"version": 4})
    with pytest.raises(AgentError, match="field version: expected 6, got 4"):
        open_policy(tmp_path, tiny_shop)


def test_who_learns_on_does_not_find_its_own_purchases(
    learner: Learner, tiny_shop: Shop, tmp_path: Path
) -> None:
    write_agent(tmp_path, learner.policy, with_history(learner, 12), TRAINING)
    for learns in (False, True):
        _, reader, _ = open_policy(tmp_path, tiny_shop, learns=learns)
        assert reader.retriever is not None
        assert reader.retriever.mask.leave_one_out is learns


def test_the_disk_holds_it_once_for_agents_of_one_start(
    learner: Learner, tiny_shop: Shop, tmp_path: Path
) -> None:
    policy, reader = learner.policy, with_history(learner, 12)
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    write_agent(first, policy, reader, TRAINING)
    write_agent(second, policy, reader, TRAINING, start=first)
    assert (first / HISTORY).samefile(second / HISTORY)
    # The start may be gone by the end of a training.
    write_agent(third, policy, reader, TRAINING, start=tmp_path)
    assert (first / HISTORY).read_bytes() == (third / HISTORY).read_bytes()
    other = with_history(learner, 11)
    write_agent(first, policy, other, TRAINING)
    assert other.retriever is not None
    write_tensors(second / HISTORY, other.retriever.history.tensors())
    with pytest.raises(AgentError, match="the history as trained"):
        open_policy(second, tiny_shop)
    assert open_policy(third, tiny_shop)[1].retriever is not None
