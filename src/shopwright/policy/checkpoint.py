"""Weights on disk: safetensors beside a JSON file that says what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import StatesConfig
from shopwright.errors import AgentError
from shopwright.files import link_or_copy, read_bytes, read_json, replacing, sha256, write_json
from shopwright.memory.store import PurchaseHistory
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.relevance import ChoiceConfig

FORMAT = "shopwright agent"
FORMAT_VERSION = 5
WEIGHTS = "choice.safetensors"
HISTORY = "history.safetensors"  # Only of an agent that has one.
DESCRIPTION = "agent.json"


@dataclass(frozen=True, slots=True)
class TrainedAgent:
    """What training leaves and a run folder keeps.

    Attributes:
        network: the policy, in evaluation mode.
        memory: what was bought in training; None for an agent without a purchase history.
        description: what the folder says of it, JSON types.
    """

    network: ChoiceNetwork
    memory: PurchaseHistory | None
    description: dict[str, Any]


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write tensors as one safetensors file, whole or not at all."""
    content = save({name: tensor.detach().contiguous() for name, tensor in tensors.items()})
    with replacing(path) as file:
        file.write(content)


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a safetensors file.

    Raises:
        MissingFileError: there is no such file.
        AgentError: it is damaged.
    """
    try:
        return load(read_bytes(path))
    except SafetensorError as error:
        raise AgentError(f"{path}: expected a safetensors file, got: {error}") from None


def write_agent(
    folder: Path,
    network: ChoiceNetwork,
    memory: PurchaseHistory | None,
    model: LanguageModel,
    states: StatesConfig,
    *,
    name: str,
    training: Mapping[str, Any],
    start: Path | None = None,
) -> None:
    """Write a trained agent into a run folder.

    Args:
        memory: what was bought in training; None for nothing.
        model: the language model that it was trained on.
        states: how texts were encoded.
        name: what tables call it, e.g. "imitation".
        start: the run folder of the agent that it began as and whose history it has, which may be
            large: the disk holds it once.
    """
    write_tensors(folder / WEIGHTS, network.state_dict())
    if memory is not None and start is not None and (start / HISTORY).is_file():
        link_or_copy(start / HISTORY, folder / HISTORY)
    elif memory is not None:
        write_tensors(folder / HISTORY, memory.tensors())
    write_json(
        folder / DESCRIPTION,
        {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "name": name,
            "network": asdict(network.config),
            "language_model": {"name": model.name, "checksum": model.checksum},
            "states": asdict(states),
            "weights_sha256": sha256(folder / WEIGHTS),
            "history_sha256": sha256(folder / HISTORY) if memory is not None else None,
            "shop_manifest_sha256": _shop_of_run(folder),
            "training": dict(training),
        },
    )


def _shop_of_run(folder: Path) -> str | None:
    """The checksum of the shop that a run read, by its run.json; None where it says none."""
    path = folder / "run.json"
    inputs = read_json(path).get("inputs", {}) if path.is_file() else {}
    checksum: str | None = inputs.get("shop_manifest_sha256")
    return checksum


def read_agent(folder: Path) -> TrainedAgent:
    """Return the agent that :func:`write_agent` wrote.

    Raises:
        AgentError: the folder holds no finished agent, or one of another version, or damaged.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise AgentError(f"{folder}: expected a run folder with a trained agent, found none")
    description = read_json(path)
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise AgentError(f"{path}, field format: expected {FORMAT!r}")
    if description.get("version") != FORMAT_VERSION:
        raise AgentError(
            f"{path}, field version: expected {FORMAT_VERSION}, got {description.get('version')!r}"
        )
    tensors = read_tensors(folder / WEIGHTS)
    if sha256(folder / WEIGHTS) != description["weights_sha256"]:
        raise AgentError(f"{folder / WEIGHTS}: expected the weights as trained, got others")
    network = ChoiceNetwork(ChoiceConfig(**description["network"]))
    memory = None
    if description["history_sha256"] is not None:
        history = read_tensors(folder / HISTORY)
        if sha256(folder / HISTORY) != description["history_sha256"]:
            raise AgentError(f"{folder / HISTORY}: expected the history as trained, got another")
        memory = PurchaseHistory.of_tensors(history)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        first = str(error).splitlines()[0]
        raise AgentError(f"{folder / WEIGHTS}: expected this network's tensors: {first}") from None
    return TrainedAgent(network.eval(), memory, description)
