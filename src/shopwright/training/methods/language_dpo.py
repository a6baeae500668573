"""Direct preference optimisation of a causal language model, by TRL's DPOTrainer.

Source: Rafailov et al., 2023 (arXiv 2305.18290), as TRL implements it; the preferences are Feng &
Feng's (arXiv 2408.16032), both sides of which an agent generated. The model before is the frozen
reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shopwright.config import setting
from shopwright.errors import InputError
from shopwright.language.export import dpo_record
from shopwright.language.prompts import load_prompt
from shopwright.rollouts.preferences import PreferencePair
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop
from shopwright.training.causal import CausalConfig, fit, lora, require_trl
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.loop import Progress


@dataclass(frozen=True, kw_only=True)
class LanguageDPOConfig(CausalConfig):
    """How a language model learns from preferences."""

    beta: float = setting(0.1, help="how near it stays to the reference", above=0)
    imitation_weight: float = setting(
        0.2, help="weight of the chosen answer's log probability", minimum=0
    )
    learning_rate: float = 5e-5


@one_at_a_time
def train_language_dpo(
    shop: Shop,
    preferences: Sequence[PreferencePair],
    policy: str,
    out: Path,
    config: LanguageDPOConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Improve a causal language model by preferences and write it into a run folder.

    Args:
        policy: the model to begin with, the reference too, ``hf:FOLDER_OR_NAME``.
    """
    require_trl()
    config = config or LanguageDPOConfig()
    if not preferences:
        raise InputError("preferences: expected at least one, got none")
    prompt = load_prompt(config.prompt)
    inputs = {
        **fingerprint(shop, ()),
        "preferences_sha256": checksum(map(asdict, preferences)),
        "policy": policy,
        "prompt": asdict(prompt),
    }
    run = Run.open(out, "language-dpo", {"config": asdict(config), "inputs": inputs})
    if run.finished:
        return run.result()
    records = [dpo_record(pair, shop, prompt) for pair in preferences]
    python_rng(config.seed, "dpo", "order").shuffle(records)

    def trainer(model: Any, tokenizer: Any, data: Any, arguments: dict[str, Any]) -> Any:
        from trl import DPOConfig as Arguments
        from trl import DPOTrainer

        losses: dict[str, Any] = {}
        if config.imitation_weight:
            losses = {
                "loss_type": ["sigmoid", "sft"],
                "loss_weights": [1.0, config.imitation_weight],
            }
        return DPOTrainer(
            model=model,
            processing_class=tokenizer,
            train_dataset=data,
            peft_config=lora(config),
            args=Arguments(
                beta=config.beta,
                **arguments,
                **losses,
            ),
        )

    summary = fit(run, config, policy, lambda _: records, trainer, progress)
    return run.finish({"operation": "language-dpo", "preferences": len(preferences), **summary})
