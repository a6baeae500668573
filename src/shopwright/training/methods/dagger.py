"""Actions by DAgger: what to open, and when to stop.

The third stage of imitation. An expert that acts on the policy's own relevance shops for the
requests; from the second round on, the policy itself shops, and the expert says what it would have
done. Each decision is labelled under several perturbations of relevance, because for requests that
it was trained on a policy hardly ever hesitates. What was labelled in all rounds so far is learned
by cross entropy.

Source: Ross, Gordon & Bagnell, "A reduction of imitation learning and structured prediction to
no-regret online learning", 2011 (DAgger). Deviation: in the first round only perfect rollouts
count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from shopwright.agents.expert import PATIENT, ExpertAgent, ExpertConfig, expert_action
from shopwright.agents.learned import LearnedAgent, Perturbation
from shopwright.config import setting
from shopwright.policy.batch import NEVER, collate
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.decisions import PRODUCTS_TRACKED
from shopwright.policy.evidence import Reader
from shopwright.rollouts.agent import Agent
from shopwright.rollouts.records import Trajectory, read_trajectories, write_trajectories
from shopwright.rollouts.rollout import roll_out
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.training.examples import Demonstration, Example, batch_of, decisions_of, drawn
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig, staged
from shopwright.training.losses import accuracy, imitation_loss
from shopwright.workers import each

# With many steps, strong perturbations would make practice endless.
LONG_STRENGTH = 0.6
# The highest temperature, and the largest scale of the noise, in nats.
TEMPERATURE_AT_MOST = 6.0
NOISE_AT_MOST = 2.0


@dataclass(frozen=True, kw_only=True)
class DAggerConfig(TrainingConfig):
    """How the policy practises."""

    action_steps: int = setting(
        700, help="gradient steps on actions in a round of practice", minimum=1
    )
    practice_rounds: int = setting(
        3, help="rounds of practice: the expert's, then the policy's own", minimum=0
    )
    practice: int = setting(400, help="requests of a round of practice, at most", minimum=0)
    long_practice: int = setting(50, help="further ones in long episodes, at most", minimum=0)
    actions: int = setting(64, help="decisions on pages in a step's batch", minimum=1)
    step_limit: int = setting(15, help="actions of a short episode at most", minimum=2)
    long_step_limit: int = setting(100, help="actions of a long episode at most", minimum=2)
    perturbations: int = setting(
        3,
        help="perturbations of relevance under which each decision is labelled",
        minimum=1,
        formerly="doubts",
    )
    expert: ExpertConfig = setting(
        ExpertConfig, help="the expert in short episodes", formerly="careful"
    )
    long_expert: ExpertConfig = setting(
        PATIENT, help="the expert in long episodes", formerly="patient"
    )
    processes: int = setting(
        0, help="processes that read and practise; 0: one for each core", minimum=0
    )


@dataclass(frozen=True, slots=True)
class Mode:
    """Short episodes, or long ones with time to look around."""

    name: str  # "short" or "long"
    step_limit: int  # actions of an episode at most
    requests: int  # how many requests of a round, at most
    expert: ExpertConfig  # when the expert has seen enough
    strength: float  # of perturbations, at most; 0 to 1

    def perturbation(
        self, seed: int, round_number: int, request: str, number: int = 0
    ) -> Perturbation:
        """Return what the relevance for a request suffers in a round; others by number."""
        names = (round_number, self.step_limit, self.requests, request, number)
        rng = numpy_rng(seed, "imitation", "doubt", *names)
        return draw_perturbation(rng, strength=self.strength)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A decision and what the expert does there, by perturbed relevance: float32, (products,)."""

    example: Example
    relevance: np.ndarray


def draw_perturbation(rng: np.random.Generator, *, strength: float = 1.0) -> Perturbation:
    """Return what divides relevance by a temperature and adds noise to it, as strong as chance has
    it, from none to ``strength``; 1 divides by up to six."""
    temperature = float(TEMPERATURE_AT_MOST ** (strength * rng.random()))
    scale = NOISE_AT_MOST * strength * rng.random()
    noise = torch.from_numpy((scale * rng.standard_normal(PRODUCTS_TRACKED)).astype(np.float32))
    return lambda relevance: relevance / temperature + noise[: relevance.shape[-1]]


def train_actions(
    loop: Loop,
    shop: Shop,
    network: ChoiceNetwork,
    reader: Reader,
    demonstrations: Sequence[Demonstration],
    folder: Path,
    config: DAggerConfig,
    begin: int,
    progress: Progress | None = None,
) -> int:
    """Train what a policy does on pages, and return of how many labelled decisions.

    Args:
        loop: descends the losses, ``config.action_steps`` for each round.
        network: the policy; what it wants stays as it is.
        demonstrations: whose requests are shopped for.
        folder: where the rollouts are kept.
        begin: the first of the loop's steps that is this stage's.
    """
    for frozen in (network.partial_relevance, network.complete_relevance, network.option):
        frozen.requires_grad_(False)
    short = Mode("short", config.step_limit, config.practice, config.expert, 1.0)
    limit, requests = config.long_step_limit, config.long_practice
    long = Mode("long", limit, requests, config.long_expert, LONG_STRENGTH)
    labelled: list[Labelled] = []

    def losses(step: int) -> Losses:
        if not labelled:
            return
        draws = numpy_rng(config.seed, "imitation", "batch", step)
        chosen = drawn(labelled, config.actions, draws)
        batch, right = batch_of([one.example for one in chosen], texts=False)
        known = [torch.from_numpy(one.relevance) for one in chosen]
        relevance = pad_sequence(known, batch_first=True, padding_value=NEVER)
        scores = network(batch, relevance)
        loss = imitation_loss(scores, right)
        yield loss, {"action_loss": loss, "action_accuracy": accuracy(scores, right)}

    for round_number in range(config.practice_rounds):
        for mode in (short, long):
            rollouts = practise(
                folder, round_number, mode, shop, network, reader, demonstrations, config, progress
            )
            for found in each(
                partial(label, round_number, mode, shop, network, reader, config),
                rollouts,
                processes=config.processes,
                progress=staged(progress, f"label {round_number + 1}"),
            ):
                labelled += found
        first = begin + round_number * config.action_steps
        loop.descend(losses, begin=first, end=first + config.action_steps, measures=False)
    return len(labelled)


def practise(
    folder: Path,
    round_number: int,
    mode: Mode,
    shop: Shop,
    network: ChoiceNetwork,
    reader: Reader,
    demonstrations: Sequence[Demonstration],
    config: DAggerConfig,
    progress: Progress | None = None,
) -> list[Trajectory]:
    """Return rollouts for the demonstrations' requests: in the first round the expert's perfect
    ones, then the policy's own. A run that goes on reads those that it made before."""
    path = folder / f"practice-{round_number}-{mode.name}.jsonl"
    if path.is_file():
        return read_trajectories(path)
    rng = numpy_rng(config.seed, "imitation", "practice", round_number, mode.step_limit)
    numbers = rng.permutation(len(demonstrations))[: mode.requests]

    def shop_for(number: int) -> Trajectory:
        goal = demonstrations[number].goal
        perturb = mode.perturbation(config.seed, round_number, goal.instruction)
        shopper: Agent = LearnedAgent(network, reader, name="imitation", perturb=perturb)
        if round_number == 0:
            shopper = ExpertAgent(network, reader, mode.expert, perturb=perturb)
        outcome = roll_out(shopper, shop, goal, step_limit=mode.step_limit, provenance="generated")
        return outcome.trajectory

    made = each(
        shop_for,
        numbers.tolist(),
        processes=config.processes,
        progress=staged(progress, f"practice {round_number + 1}"),
    )
    rollouts = [rollout for rollout in made if round_number > 0 or rollout.perfect]
    if rollouts:
        write_trajectories(path, rollouts)
    return rollouts


def label(
    round_number: int,
    mode: Mode,
    shop: Shop,
    network: ChoiceNetwork,
    reader: Reader,
    config: DAggerConfig,
    rollout: Trajectory,
) -> list[Labelled]:
    """Return a rollout's decisions with what the expert would do, under several perturbations."""
    perturbations = [
        mode.perturbation(config.seed, round_number, rollout.instruction, number)
        for number in range(config.perturbations)
    ]
    labelled = []
    replay = decisions_of(rollout, shop, reader, step_limit=mode.step_limit)
    for tracker, page, decision, _ in replay:
        with torch.inference_mode():
            relevance = network.relevance(collate([decision]))[0]
        for perturb in perturbations:
            perturbed = perturb(relevance)
            right = expert_action(network, tracker, page, decision, perturbed, mode.expert)
            targets = np.array([action == right for action in decision.actions])
            if targets.any() and len(targets) > 1:
                labelled.append(Labelled(Example(decision, targets), perturbed.numpy()))
    return labelled
