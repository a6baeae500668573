"""What a trainer begins with: a policy, and the reader of the shop's texts for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.token_states import open_states
from shopwright.policy.checkpoint import open_policy, write_agent
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
        reader: reads the shop's texts, with what training may retrieve of the memory.
        checksum: of the weights that it begins with; "none" for random ones.
    """

    policy: ChoiceNetwork
    reader: Reader
    checksum: str

    def write(
        self,
        out: Path,
        policy: ChoiceNetwork,
        training: Mapping[str, Any],
        start: Path | None = None,
    ) -> None:
        """Write the policy as it came of a training; see
        :func:`~shopwright.policy.checkpoint.write_agent`."""
        write_agent(out, policy, self.reader, training, start=start)


def new_reader(
    shop: Shop,
    language_model: str,
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> Reader:
    """Return a reader of a shop's texts, which are encoded if they are not yet.

    Args:
        language_model: as the person who trains named it; fetched if need be.
    """
    model = LanguageModel(language_model, device=device, download=True)
    states = open_states(shop, model, progress=progress)
    return Reader(shop.catalogue, model, states, requests_kept=TRAINING_REQUESTS)


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
        seed, names: decide its weights.
        weighs_terms: whether it weighs the words of its queries; else it types the request.
    """
    reader = new_reader(shop, language_model, device=device, progress=progress)
    config = ChoiceConfig(state_dimensions=reader.model.dimensions, term_weights=weighs_terms)
    with step_randomness(seed, *names, "initial weights"):
        network = ChoiceNetwork(config)
    return Learner(network.eval(), reader, "none")


def open_learner(shop: Shop, start: Path, *, device: str = "cpu") -> Learner:
    """Return the policy of a run folder; see :func:`~shopwright.policy.checkpoint.open_policy`."""
    policy, reader, said = open_policy(start, shop, device=device, learns=True)
    return Learner(policy, reader, said["weights_sha256"])
