"""What a trainer begins with: a policy, and the reader of the shop's texts for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import StatesConfig, open_states
from shopwright.errors import AgentError
from shopwright.memory.mask import mask_for_further_training
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import PurchaseHistory
from shopwright.policy.checkpoint import read_agent, write_agent
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import TRAINING_REQUESTS, Reader
from shopwright.policy.relevance import ChoiceConfig
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness


@dataclass(frozen=True, slots=True)
class Learner:
    """A policy that is about to learn.

    Attributes:
        policy: its network, in evaluation mode.
        model: the language model that it reads with.
        states: how the shop's texts are encoded.
        reader: reads the shop's texts, with what training may retrieve of the memory.
        memory: what was bought in training; None for nothing.
        checksum: of the weights that it begins with; "none" for random ones.
    """

    policy: ChoiceNetwork
    model: LanguageModel
    states: StatesConfig
    reader: Reader
    checksum: str
    memory: PurchaseHistory | None = None

    def write(
        self,
        out: Path,
        policy: ChoiceNetwork,
        training: Mapping[str, Any],
        start: Path | None = None,
    ) -> None:
        """Write the policy as it came of a training into a run folder.

        Args:
            training: what happened, JSON types; ``operation`` names the agent.
            start: the run folder that the training began with.
        """
        name = training["operation"]
        parts = (policy, self.memory, self.model, self.states)
        write_agent(out, *parts, name=name, training=training, start=start)


def new_learner(
    shop: Shop,
    language_model: str,
    *,
    device: str = "cpu",
    seed: int,
    names: Sequence[str] = (),
    weighs_terms: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Learner:
    """Return a policy with random weights.

    Args:
        shop: where it will learn; its texts are encoded if they are not yet.
        seed, names: decide its weights.
        weighs_terms: whether it weighs the words of its queries; else it types the request.
    """
    model, states = LanguageModel(language_model, device=device), StatesConfig()
    with step_randomness(seed, *names, "initial weights"):
        network = ChoiceNetwork(
            ChoiceConfig(state_dimensions=model.dimensions, emphasis=weighs_terms)
        )
    return _learner(shop, network.eval(), None, model, states, "none", progress)


def open_learner(shop: Shop, start: Path, *, device: str = "cpu") -> Learner:
    """Return the policy of a run folder.

    Args:
        shop: where it will learn; its texts are encoded if they are not yet.

    Raises:
        AgentError: the folder holds no trained agent, or its language model has other weights.
    """
    agent = read_agent(start)
    description = agent.description
    wanted = description["language_model"]
    model = LanguageModel(wanted["name"], device=device)
    if model.checksum != wanted["checksum"]:
        raise AgentError(
            f"{start}: expected the language model {wanted['name']} that the agent was "
            "trained on, got one with other weights"
        )
    states = StatesConfig(**description["states"])
    checksum = description["weights_sha256"]
    return _learner(shop, agent.network, agent.memory, model, states, checksum)


def _learner(
    shop: Shop,
    policy: ChoiceNetwork,
    memory: PurchaseHistory | None,
    model: LanguageModel,
    states: StatesConfig,
    checksum: str,
    progress: Callable[[int, int], None] | None = None,
) -> Learner:
    encoded = open_states(shop, model, states, progress=progress)
    retriever = None
    if memory is not None:
        mask = mask_for_further_training(memory, shop.catalogue)
        retriever = Retriever(memory, shop.catalogue, mask)
    reader = Reader(shop.catalogue, model, encoded, retriever, requests_kept=TRAINING_REQUESTS)
    return Learner(policy, model, states, reader, checksum, memory)
