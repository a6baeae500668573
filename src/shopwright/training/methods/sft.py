"""Supervised fine-tuning of a causal language model on trajectories, by TRL's SFTTrainer.

The model learns the answers alone, each as it is asked when it shops: what stands in a prompt is
not learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shopwright.errors import InputError
from shopwright.language.export import replayed_decisions
from shopwright.language.prompts import load_prompt
from shopwright.language.supervision import supervised
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop
from shopwright.training.causal import CausalConfig, fit, lora, require_trl
from shopwright.training.inputs import fingerprint
from shopwright.training.loop import Progress


@dataclass(frozen=True, kw_only=True)
class SFTConfig(CausalConfig):
    """How a language model learns from trajectories."""


@one_at_a_time
def train_sft(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    policy: str,
    out: Path,
    config: SFTConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Fine-tune a causal language model on trajectories and write it into a run folder.

    Args:
        policy: the model to begin with, ``hf:FOLDER_OR_NAME``.
    """
    require_trl()
    config = config or SFTConfig()
    if not trajectories:
        raise InputError("trajectories: expected at least one, got none")
    prompt = load_prompt(config.prompt)
    inputs = {**fingerprint(shop, trajectories), "policy": policy, "prompt": asdict(prompt)}
    run = Run.open(out, "sft", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()

    def records(tokenizer: Any) -> list[dict[str, list[int]]]:
        read: list[dict[str, list[int]]] = []
        for trajectory in trajectories:
            read += supervised(replayed_decisions(trajectory, shop), prompt, tokenizer)
        python_rng(config.seed, "sft", "order").shuffle(read)
        return read

    def trainer(model: Any, tokenizer: Any, data: Any, arguments: dict[str, Any]) -> Any:
        from trl import SFTConfig as Arguments
        from trl import SFTTrainer

        return SFTTrainer(
            model=model,
            processing_class=tokenizer,
            train_dataset=data,
            peft_config=lora(config),
            # Records of one length together: less is read that is nothing.
            args=Arguments(train_sampling_strategy="group_by_length", **arguments),
        )

    summary = fit(run, config, policy, records, trainer, progress)
    return run.finish({"operation": "sft", "trajectories": len(trajectories), **summary})
