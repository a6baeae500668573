"""The agent loop within verl's own worker, with a scripted server in place of vLLM's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("verl", reason="needs verl (make test-integrations installs it)")

import torch
import verl
from omegaconf import OmegaConf
from tensordict import TensorDict
from verl.experimental.agent_loop import AgentLoopWorker
from verl.protocol import DataProto
from verl.workers.rollout.replica import TokenOutput

from shopwright.integrations.verl import rows
from shopwright.shop.shop import Shop

PROMPT, RESPONSE = 1024, 12_000


class Server:
    """Says what is scripted, in tokens, and keeps what it was asked."""

    def __init__(self, said: list[str]) -> None:
        self.said, self.asked = iter(said), []
        self.tokenizer: Any = None

    async def generate(
        self, *, request_id: str, prompt_ids: list[int], sampling_params: dict[str, Any]
    ) -> TokenOutput:
        self.asked.append(self.tokenizer.decode(prompt_ids))
        tokens = self.tokenizer.encode(next(self.said) + "</s>", add_special_tokens=False)
        return TokenOutput(token_ids=tokens, log_probs=[-0.5] * len(tokens))


def played(
    shop: Shop, policy: str, folder: Path, number: int, said: list[str], **settings: int
) -> tuple[DataProto, Server]:
    """What verl makes of a row's episode."""
    loops = folder / "loops.yaml"
    loop = {
        "name": "shopwright",
        "_target_": "shopwright.integrations.verl.ShopAgentLoop",
        "shop": str(shop.folder),
        "step_limit": settings.get("step_limit", 15),
    }
    OmegaConf.save(OmegaConf.create([loop]), loops)
    config = OmegaConf.load(
        Path(verl.__file__).parent / "trainer" / "config" / "_generated_ppo_trainer.yaml"
    )
    config.actor_rollout_ref.model.path = policy.removeprefix("hf:")
    rollout = config.actor_rollout_ref.rollout
    rollout.name, rollout.prompt_length = "vllm", PROMPT
    rollout.response_length = settings.get("response_length", RESPONSE)
    rollout.agent.agent_loop_config_path = str(loops)
    server = Server(said)
    worker = AgentLoopWorker(config, server)
    server.tokenizer = worker.tokenizer
    row = list(rows(shop, "test"))[number]
    row["raw_prompt"] = row.pop("prompt")
    columns = {}
    for name, value in row.items():
        columns[name] = np.empty(1, dtype=object)
        columns[name][0] = value
    batch = DataProto(TensorDict({"dummy": torch.zeros(1, 1)}, batch_size=1), columns)
    return asyncio.run(worker.generate_sequences(batch)), server


def test_an_episode(demo_shop: Shop, policy: str, tmp_path: Path) -> None:
    goal = demo_shop.goals.split("test")[2]
    title = demo_shop.product(goal.asin).title
    said = [f"search[{title}]", "I do not know.", f"click[{goal.asin}]", "click[buy now]"]
    output, server = played(demo_shop, policy, tmp_path, 2, said)
    assert goal.instruction in server.asked[0]
    assert goal.asin in server.asked[1].removeprefix(server.asked[0])
    for before, after in zip(server.asked, server.asked[1:], strict=False):
        assert after.startswith(before)
    mask = output.batch["response_mask"][0].bool()
    responses = output.batch["responses"][0]
    ours = server.tokenizer.decode(responses[mask])
    assert ours == "".join(f"{each}</s>" for each in said)
    assert (output.batch["rollout_log_probs"][0] != 0).equal(mask)
    expected = demo_shop.reward(goal, goal.asin, {}).total
    assert output.batch["rm_scores"].sum().item() == pytest.approx(expected)
    assert output.non_tensor_batch["invalid_actions"].tolist() == [1]
    assert output.non_tensor_batch["success"].tolist() == [float(expected == 1.0)]
    assert output.non_tensor_batch["__num_turns__"].tolist() == [8]


def test_the_limits_end_an_episode(demo_shop: Shop, policy: str, tmp_path: Path) -> None:
    for settings, asked in ({"step_limit": 2}, 2), ({"response_length": 40}, 1):
        output, server = played(demo_shop, policy, tmp_path, 0, ["search[red mug]"] * 3, **settings)
        assert len(server.asked) == asked
        assert output.batch["rm_scores"].sum().item() == 0.0
        assert output.batch["response_mask"].sum() >= 3
