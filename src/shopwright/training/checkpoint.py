"""The state of a training loop on disk, so that a killed run ends where it would have ended.

Nothing random is kept: every step derives its own generator from seed and step number.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from shopwright.errors import InputError
from shopwright.files import read_json, write_json
from shopwright.folders import replacing_folder, restored
from shopwright.policy.checkpoint import read_tensors, write_tensors
from shopwright.runs import Run
from shopwright.seeding import derive

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def save_state(
    run: Run,
    step: int,
    modules: Mapping[str, nn.Module],
    optimizer: torch.optim.Optimizer,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a checkpoint, whole or not at all."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        # Copies, because a file cannot hold tensors that share memory, as tied embeddings do.
        tensors |= {f"{name}.{key}": value.clone() for key, value in module.state_dict().items()}
    for number, moments in optimizer.state_dict()["state"].items():
        for moment in _MOMENTS:
            tensors[f"optimizer.{number}.{moment}"] = moments[moment]
    run.sync_metrics()
    with replacing_folder(run.checkpoint) as folder:
        write_tensors(folder / "state.safetensors", tensors)
        write_json(folder / "state.json", {"step": step, **(extra or {})})


def load_state(
    run: Run, modules: Mapping[str, nn.Module], optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    """Restore the latest checkpoint and return its step and extra values; step 0 if there is none.

    Raises:
        InputError: the checkpoint does not fit the modules.
    """
    path = restored(run.checkpoint) / "state.json"
    if not path.is_file():
        run.forget_metrics_after(-1)
        return {"step": 0}
    state: dict[str, Any] = read_json(path)
    tensors = read_tensors(run.checkpoint / "state.safetensors")
    try:
        for name, module in modules.items():
            module.load_state_dict(_below(tensors, f"{name}."))
    except RuntimeError as error:
        first = str(error).splitlines()[0]
        raise InputError(
            f"{run.checkpoint}: expected a checkpoint of this network: {first}"
        ) from None
    whole = optimizer.state_dict()
    moments = _below(tensors, "optimizer.")
    for number in {key.split(".")[0] for key in moments}:
        whole["state"][int(number)] = {moment: moments[f"{number}.{moment}"] for moment in _MOMENTS}
    optimizer.load_state_dict(whole)
    run.forget_metrics_after(state["step"])
    return state


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key[len(prefix) :]: tensors[key] for key in tensors if key.startswith(prefix)}


@contextlib.contextmanager
def step_randomness(seed: int, *names: str | int) -> Iterator[torch.Generator]:
    """Seed torch for one step, dropout included, and restore its global state afterwards.

    Yields:
        A generator for what takes one explicitly.
    """
    number = derive(seed, *names) % 2**63
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(number)
        yield torch.Generator().manual_seed(number)


@contextlib.contextmanager
def dropping_out(network: nn.Module, seed: int, *names: str | int) -> Iterator[torch.Generator]:
    """:func:`step_randomness` in which a network drops out units; afterwards it no longer does."""
    with step_randomness(seed, *names) as rng:
        network.train()
        try:
            yield rng
        finally:
            network.eval()
