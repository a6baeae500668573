"""What the trainings of causal language models share: TRL's trainers and peft, the run folder
around them, and the folder that ``--agent hf:RUN/model`` opens.

TRL descends; this module opens the model, sets what has to be set (records are not cut), reports,
goes on from a checkpoint and writes the model whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from shopwright.agents.registry import LOCAL
from shopwright.config import Configuration, setting
from shopwright.encoding.compute import computes_bfloat16, device_of, threads
from shopwright.encoding.pretrained import load_pretrained
from shopwright.errors import InputError
from shopwright.extras import require
from shopwright.files import write_json
from shopwright.folders import replacing_folder
from shopwright.language.prompts import PROMPT_FILE, Prompt, load_prompt
from shopwright.runs import Run
from shopwright.training.loop import Progress

MODEL_FOLDER = "model"


@dataclass(frozen=True, kw_only=True)
class CausalConfig(Configuration):
    """What every training of a causal language model can be told."""

    prompt: str = setting("compact", help="how it is asked: a prompt's name, or a TOML file")
    lora_rank: int = setting(
        16, help="rank of the low-rank updates; 0 trains all weights", minimum=0
    )
    epochs: float = setting(1.0, help="times that every record is read", above=0)
    steps: int = setting(0, help="gradient steps, in place of epochs; 0: as many", minimum=0)
    learning_rate: float = setting(3e-4, help="highest learning rate", above=0)
    batch_size: int = setting(8, help="records of a step", minimum=1)
    records_at_once: int = setting(
        4, help="records that are read at once: more take more memory", minimum=1
    )
    max_length: int = setting(
        0, help="tokens to which records are cut; 0: none is, however long", minimum=0
    )
    log_every: int = setting(10, help="steps between log lines", minimum=1)
    checkpoint_every: int = setting(100, help="steps between checkpoints", minimum=1)
    threads: int = setting(0, help="threads to compute with; 0: all cores", minimum=0)
    device: str = setting("auto", help="where it computes: cpu, cuda, or auto")
    download: bool = setting(False, help="fetch a model of huggingface.co that is not here")
    seed: int = setting(0, help="decides everything random")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size % self.records_at_once:
            raise InputError(
                f"records_at_once: expected a divisor of batch_size, {self.batch_size}, got "
                f"{self.records_at_once}"
            )


def model_name(policy: str) -> str:
    """Return the folder or name of a policy, ``hf:FOLDER_OR_NAME``.

    Raises:
        InputError: it is something else.
    """
    name = policy.removeprefix(LOCAL)
    if name == policy or not name:
        raise InputError(f"policy: expected hf:FOLDER or hf:NAME, got {policy!r}")
    return name


def require_trl() -> None:
    """Raise UnavailableError unless TRL and peft can be imported."""
    for package in ("trl", "peft"):
        require(package, "trl", "training language models")


def fit(
    run: Run,
    config: CausalConfig,
    policy: str,
    records: Callable[[Any], Sequence[Mapping[str, Any]]],
    build: Callable[[Any, Any, Any, dict[str, Any]], Any],
    progress: Progress | None,
) -> dict[str, Any]:
    """Let a trainer of TRL learn from records, and write the model.

    Args:
        run: the run folder; a checkpoint in it is taken up.
        policy: the model to begin with.
        records: makes what to learn from of the tokenizer, in a form that the trainer takes.
        build: makes the trainer of model, tokenizer, data set and the arguments that all trainers
            share; adds those of its own.
        progress: called with (stage, steps done, steps in all).

    Returns:
        The summary: records, the tokens of all if the trainer counts them, steps, the last values
        logged.
    """
    from datasets import Dataset
    from datasets.utils.logging import disable_progress_bar
    from transformers import PrinterCallback, set_seed

    disable_progress_bar()
    device = device_of(config.device)
    with threads(config.threads):
        set_seed(config.seed)
        tokenizer, model = load_pretrained(
            "AutoModelForCausalLM", model_name(policy), download=config.download
        )
        tokenizer.padding_side = "right"
        data = Dataset.from_list([dict(record) for record in records(tokenizer)])
        trainer = build(model.float().train(), tokenizer, data, _arguments(run, config, device))
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(_Reporter(run, progress).callback())
        with _head_of_answers(device):
            trainer.train(resume_from_checkpoint=_latest(run.checkpoint))
        save(trainer.model, tokenizer, run.folder / MODEL_FOLDER, load_prompt(config.prompt))
    shutil.rmtree(run.checkpoint, ignore_errors=True)
    logged = {k: v for line in trainer.state.log_history for k, v in line.items()}
    measured = ("loss", "mean_token_accuracy", "rewards/accuracies", "reward")
    read = trainer.train_dataset
    tokens = sum(map(len, read["input_ids"])) if "input_ids" in read.column_names else None
    return {
        "records": len(data),
        **({"tokens": tokens} if tokens is not None else {}),
        "steps": trainer.state.global_step,
        **{name: float(logged[name]) for name in measured if name in logged},
    }


def _arguments(run: Run, config: CausalConfig, device: torch.device) -> dict[str, Any]:
    """What all trainers are told."""
    return {
        "output_dir": str(run.checkpoint),
        "num_train_epochs": config.epochs,
        "max_steps": config.steps or -1,
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,
        "per_device_train_batch_size": config.records_at_once,
        "gradient_accumulation_steps": config.batch_size // config.records_at_once,
        "max_length": config.max_length or None,
        "logging_steps": config.log_every,
        "save_steps": config.checkpoint_every,
        "save_total_limit": 1,
        "seed": config.seed,
        "use_cpu": device.type == "cpu",
        "bf16": computes_bfloat16(device),
        "gradient_checkpointing": False,
        "dataloader_pin_memory": False,
        "report_to": [],
        "disable_tqdm": True,
    }


def lora(config: CausalConfig) -> Any:
    """Return what peft adapts; None where all weights learn."""
    if not config.lora_rank:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora_rank,
        lora_alpha=2 * config.lora_rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def save(model: Any, tokenizer: Any, folder: Path, prompt: Prompt) -> None:
    """Write a model whole, low-rank updates merged, with its tokenizer and the prompt that it was
    trained with: the folder is there in full or not at all."""
    merged = model.merge_and_unload() if hasattr(model, "merge_and_unload") else model
    with replacing_folder(folder) as partial:
        merged.save_pretrained(partial, safe_serialization=True)
        tokenizer.save_pretrained(partial)
        write_json(partial / PROMPT_FILE, {"prompt": asdict(prompt)})


@contextmanager
def _head_of_answers(device: torch.device) -> Iterator[None]:
    """On a processor, let TRL compute the vocabulary's scores where something is learned alone, as
    it does on a GPU; elsewhere it computes them for every token of a prompt, a third of all."""
    from trl.trainer import utils

    before = utils._use_triton
    if device.type == "cpu":
        utils._use_triton = lambda _: True
    try:
        yield
    finally:
        utils._use_triton = before


def _latest(folder: Path) -> str | None:
    """The last whole checkpoint of a trainer, if there is one."""
    if not folder.is_dir():
        return None
    from transformers.trainer_utils import get_last_checkpoint

    found: str | None = get_last_checkpoint(str(folder))  # type: ignore[no-untyped-call]
    return found


class _Reporter:
    """Passes on what a trainer logs and how far it is."""

    def __init__(self, run: Run, progress: Progress | None) -> None:
        self._run, self._progress = run, progress

    def callback(self) -> Any:
        """Return it as transformers' trainers take it."""
        from transformers import TrainerCallback

        run, progress = self._run, self._progress

        class Callback(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                run.forget_metrics_after(state.global_step)

            def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                if progress:
                    progress("train", state.global_step, state.max_steps)

            def on_log(
                self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any
            ) -> None:
                numbers = {k: v for k, v in logs.items() if isinstance(v, int | float)}
                numbers.pop("num_tokens", None)  # Counted from where a killed run went on.
                if "train_runtime" not in numbers:  # A summary with times.
                    run.log({"step": state.global_step, **numbers})

        return Callback()
