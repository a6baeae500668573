"""Networks in run folders: safetensors beside a JSON file that says what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import StatesConfig, open_states
from shopwright.errors import AgentError
from shopwright.files import (
    as_written,
    link_or_copy,
    read_bytes,
    read_json,
    replacing,
    sha256,
    write_json,
)
from shopwright.memory.mask import Mask, mask_for_further_training
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import PurchaseHistory
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import SERVED_REQUESTS, TRAINING_REQUESTS, Reader
from shopwright.policy.relevance import ChoiceConfig
from shopwright.shop.shop import Shop

Network = TypeVar("Network", bound=torch.nn.Module)


class NetworkFiles(NamedTuple):
    """How a kind of network is kept in a run folder.

    Attributes:
        noun: what errors call it.
        format, version: what its description states.
        weights, description: the names of its files.
        renamed: what modules and settings were called in the version before, which is read too.
    """

    noun: str
    format: str
    version: int
    weights: str
    description: str
    renamed: Mapping[str, str] = MappingProxyType({})

    def write(self, folder: Path, network: torch.nn.Module, /, **said: Any) -> None:
        """Write a network's weights, and what is said of it, JSON types."""
        write_tensors(folder / self.weights, network.state_dict())
        said["weights_sha256"] = sha256(folder / self.weights)
        self.describe(folder, **said)

    def describe(self, folder: Path, **said: Any) -> None:
        """Write what is said of a network, JSON types."""
        stated = {"format": self.format, "version": self.version}
        write_json(folder / self.description, stated | said)

    def read(self, folder: Path) -> dict[str, Any]:
        """Return what is said of the network in a folder.

        Raises:
            AgentError: there is none, or one of another version.
        """
        path = folder / self.description
        if not path.is_file():
            raise AgentError(f"{folder}: expected a run folder with {self.noun}, found none")
        said = read_json(path)
        versions = (self.version, self.version - 1) if self.renamed else (self.version,)
        for field in ("format", "version"):
            found = said.get(field) if isinstance(said, dict) else None
            if found not in (versions if field == "version" else (self.format,)):
                raise AgentError(
                    f"{path}, field {field}: expected {getattr(self, field)!r}, got {found!r:.60}"
                )
        with as_written(path, AgentError):
            return {**said, "network": self._renamed(said["network"])} if self.renamed else {**said}

    def fill(self, folder: Path, said: Mapping[str, Any], make: Callable[[], Network]) -> Network:
        """Return a network with its weights, in evaluation mode.

        Args:
            make: returns the network, of the sizes that are said.

        Raises:
            AgentError: they are damaged, or another network's.
        """
        path = folder / self.weights
        tensors = self._renamed(read_tensors(path))
        if sha256(path) != said.get("weights_sha256"):
            raise AgentError(f"{path}: expected the weights as trained, got others")
        with as_written(folder / self.description, AgentError):
            with torch.device("meta"):  # Sizes that are made up take no memory.
                shapes = _shapes(make().state_dict())
            if shapes != _shapes(tensors):
                raise AgentError(f"{path}: expected this network's tensors, got another's")
            network = make()
            network.load_state_dict(tensors)
        return network.eval()

    def _renamed(self, parts: Mapping[str, Any]) -> dict[str, Any]:
        """Tensors or settings under the names that they have now."""
        now = {}
        for name, part in parts.items():
            module, dot, rest = name.partition(".")
            now[f"{self.renamed.get(module, module)}{dot}{rest}"] = part
        return now


AGENT = NetworkFiles(
    "a trained agent",
    "shopwright agent",
    6,
    "choice.safetensors",
    "agent.json",
    renamed={"emphasis": "term_weights"},
)
HISTORY = "history.safetensors"  # Only of an agent that has one.


def _shapes(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in tensors.items()}


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


def open_model(folder: Path, said: Mapping[str, Any], *, device: str = "cpu") -> LanguageModel:
    """Return the language model that a network was trained on, by what is said of the network.

    Raises:
        AgentError: it has other weights now.
    """
    wanted = said["language_model"]
    model = LanguageModel(wanted["name"], device=device)
    if model.checksum != wanted["checksum"]:
        raise AgentError(
            f"{folder}: expected the language model {wanted['name']} that this was trained on, got "
            "one with other weights"
        )
    return model


def read_with(reader: Reader) -> dict[str, Any]:
    """Return what is said of how a network reads texts, JSON types."""
    return {
        "language_model": {"name": reader.model.name, "checksum": reader.model.checksum},
        "states": asdict(reader.states.config),
    }


def write_agent(
    folder: Path,
    network: ChoiceNetwork,
    reader: Reader,
    training: Mapping[str, Any],
    *,
    start: Path | None = None,
) -> None:
    """Write a trained agent into a run folder.

    Args:
        reader: what it reads texts with, and what it bought in training.
        training: how it came about, JSON types; ``operation`` is the agent's name.
        start: the run folder of the agent that it began as and whose history it has, which may be
            large: the disk holds it once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if reader.retriever is not None:
        if start is not None and (start / HISTORY).is_file():
            link_or_copy(start / HISTORY, folder / HISTORY)
        else:
            write_tensors(folder / HISTORY, reader.retriever.history.tensors())
    run = folder / "run.json"
    inputs = read_json(run).get("inputs", {}) if run.is_file() else {}
    AGENT.write(
        folder,
        network,
        name=training["operation"],
        network=asdict(network.config),
        **read_with(reader),
        history_sha256=sha256(folder / HISTORY) if reader.retriever is not None else None,
        shop_manifest_sha256=inputs.get("shop_manifest_sha256"),
        training=dict(training),
    )


def open_policy(
    folder: Path, shop: Shop, *, device: str = "cpu", learns: bool = False
) -> tuple[ChoiceNetwork, Reader, dict[str, Any]]:
    """Return the policy that :func:`write_agent` wrote, in evaluation mode, the reader of a shop's
    texts for it, and what the folder says of it.

    Args:
        shop: its texts are encoded if they are not yet.
        learns: whether it is trained on: then a request does not find its own purchase, and more
            readings are kept.

    Raises:
        AgentError: the folder holds no finished agent, one of another version, or a damaged one, or
            its language model has other weights.
    """
    said = AGENT.read(folder)
    network = AGENT.fill(folder, said, lambda: ChoiceNetwork(ChoiceConfig(**said["network"])))
    with as_written(folder / AGENT.description, AgentError):
        history = _read_history(folder, said["history_sha256"])
        model = open_model(folder, said, device=device)
        config = StatesConfig(**said["states"])
        name = said["name"]
    if not isinstance(name, str) or any(type(each) is not int for each in astuple(config)):
        raise AgentError(
            f"{folder / AGENT.description}: expected a name, and whole numbers of tokens"
        )
    retriever = None
    if history is not None:
        mask = mask_for_further_training(history, shop.catalogue) if learns else Mask()
        retriever = Retriever(history, shop.catalogue, mask)
    reader = Reader(
        shop.catalogue,
        model,
        open_states(shop, model, config),
        retriever,
        requests_kept=TRAINING_REQUESTS if learns else SERVED_REQUESTS,
    )
    return network, reader, said


def _read_history(folder: Path, checksum: str | None) -> PurchaseHistory | None:
    if checksum is None:
        return None
    tensors = read_tensors(folder / HISTORY)
    if sha256(folder / HISTORY) != checksum:
        raise AgentError(f"{folder / HISTORY}: expected the history as trained, got another")
    return PurchaseHistory.of_tensors(tensors)
