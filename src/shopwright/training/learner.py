"""What a trainer begins with: a policy, and the reader of the shop's texts for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import StatesConfig, open_states
from shopwright.errors import AgentError
from shopwright.memory.history import practising
from shopwright.policy.checkpoint import read_agent
from shopwright.policy.choice import ChoiceConfig, ChoiceNetwork
from shopwright.policy.evidence import TRAINING_REQUESTS, Reader
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness


@dataclass(frozen=True, slots=True)
class Learner:
    """A policy that is about to learn.

    Attributes:
        policy: its network, in evaluation mode.
        model: the language model that it reads with.
        states: how the shop's texts are encoded.
        reader: reads the shop's texts.
        checksum: of the weights that it begins with; "none" for random ones.
    """

    policy: ChoiceNetwork
    model: LanguageModel
    states: StatesConfig
    reader: Reader
    checksum: str


def open_learner(shop: Shop, start: Path | None, language_model: str, *, seed: int) -> Learner:
    """Return the policy of a run folder, or a new one with random weights.

    Args:
        shop: where it will learn; its texts are encoded if they are not yet.
        start: the run folder; None for a new policy.
        language_model: what a new policy reads with.
        seed: decides a new policy's weights.

    Raises:
        AgentError: the folder holds no trained agent, or its language model has other weights.
    """
    if start is None:
        model, states = LanguageModel(language_model), StatesConfig()
        with step_randomness(seed, "initial weights"):
            policy = ChoiceNetwork(ChoiceConfig(state_dimensions=model.dimensions)).eval()
        checksum = "none"
    else:
        policy, description = read_agent(start)
        wanted = description["language_model"]
        model, states = LanguageModel(wanted["name"]), StatesConfig(**description["states"])
        if model.checksum != wanted["checksum"]:
            raise AgentError(
                f"{start}: expected the language model {wanted['name']} that the agent was "
                "trained on, got one with other weights"
            )
        checksum = description["weights_sha256"]
    reader = Reader(
        shop.catalogue,
        model,
        open_states(shop, model, states),
        requests_kept=TRAINING_REQUESTS,
    )
    reader.recall = practising(policy.history, shop.catalogue)
    return Learner(policy, model, states, reader, checksum)
