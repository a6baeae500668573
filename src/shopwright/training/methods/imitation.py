"""Imitation: the choice policy learns from perfect trajectories what to want and how to look.

In three passes: (1) the search policy: under which query the product that was bought comes first;
(2) relevance and options: which of the results was bought, by complete texts and by what pages show
of them, and with which options; (3) practice: a careful shopper with these relevance shops for the
same requests; the policy learns the actions of its perfect rollouts, then what it would have done
in the policy's own.

Source: the imitation learning of WebShop's choice model (Yao et al., 2022) and of Feng & Feng,
2024. Deviations: the trajectories are generated, not human; each purchase is asked for in several
wordings; relevance are trained on all products of the results; the actions imitated are those of
rollouts with the agent's own relevance, since a trajectory that goes straight to the right product
does not show how to find it (the later rounds: DAgger, Ross et al., 2011).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from shopwright.agents.expert import (
    PATIENT,
    ExpertAgent,
    ExpertConfig,
    expert_choice,
)
from shopwright.agents.learned import LearnedAgent, Perturbation, query_for
from shopwright.config import Configuration, setting
from shopwright.encoding.language_model import BUNDLED, LanguageModel, every_core, set_threads
from shopwright.encoding.token_states import StatesConfig, open_states
from shopwright.errors import InputError
from shopwright.memory.history import FORGOTTEN
from shopwright.policy.checkpoint import write_agent
from shopwright.policy.choice import (
    Batch,
    ChoiceConfig,
    ChoiceNetwork,
    collate,
    drop_words,
)
from shopwright.policy.evidence import TRAINING_REQUESTS, Reader
from shopwright.rollouts.invent import reworded
from shopwright.rollouts.purchases import Purchase
from shopwright.rollouts.records import Trajectory, read_trajectories, write_trajectories
from shopwright.rollouts.requests import RequestWriter
from shopwright.rollouts.rollout import Agent, roll_out
from shopwright.runs import Run
from shopwright.seeding import generator, python_rng
from shopwright.shop.shop import Shop
from shopwright.training.budget import Budget
from shopwright.training.checkpoint import forget_state, load_state, save_state, step_randomness
from shopwright.training.examples import (
    Demonstration,
    Example,
    asked,
    decisions_of,
    demonstrate,
    option_examples,
    product_example,
)
from shopwright.training.losses import choice_loss, imitation_loss
from shopwright.training.memory import remember
from shopwright.training.methods.term_weights import TermWeightConfig, train_term_weights
from shopwright.training.monitor import DevMonitor, fingerprint, purchases_checksum
from shopwright.training.perturbation import draw_perturbation
from shopwright.training.recorder import Recorder
from shopwright.training.schedule import learning_rate_at, set_learning_rate
from shopwright.training.visibility import fully_known, partly_known
from shopwright.training.workers import each

Progress = Callable[[str, int, int], None]

# With many steps, strong perturbations would make practice endless.
LONG_STRENGTH = 0.6


@dataclass(frozen=True, kw_only=True)
class ImitationConfig(Configuration):
    """How the choice policy imitates."""

    steps: int = setting(1000, help="gradient steps on relevance and options", minimum=1)
    action_steps: int = setting(
        700, help="gradient steps on actions in a round of practice", minimum=1
    )
    practice_rounds: int = setting(
        3, help="rounds of practice: a careful shopper's, then its own", minimum=0
    )
    rewordings: int = setting(
        1, help="other wordings in which each purchase is asked for", minimum=0
    )
    history: bool = setting(True, help="remember which product was bought for which request")
    forgotten: float = setting(
        FORGOTTEN,
        help="least share of purchases that are taken for a product's first one",
        minimum=0,
        maximum=1,
    )
    practice: int = setting(400, help="requests of a round of practice, at most", minimum=0)
    long_practice: int = setting(
        50, help="further ones with time to look around, at most", minimum=0
    )
    products: int = setting(
        14, help="choices among all search results in a step's batch", minimum=1
    )
    options: int = setting(10, help="choices of options in a step's batch", minimum=1)
    actions: int = setting(64, help="decisions on pages in a step's batch", minimum=1)
    learning_rate: float = setting(3e-3, help="highest learning rate", above=0)
    warmup_share: float = setting(0.1, help="share of steps to warm up", minimum=0, maximum=1)
    weight_decay: float = setting(0.1, help="weight decay of AdamW", minimum=0)
    gradient_norm: float = setting(1.0, help="gradients are clipped to this", above=0)
    word_dropout: float = setting(
        0.5, help="a request loses up to this share of its words", minimum=0, maximum=1
    )
    step_limit: int = setting(15, help="actions of an episode at most", minimum=2)
    doubts: int = setting(
        3, help="strengths of doubt under which each decision is practised", minimum=1
    )
    long_step_limit: int = setting(
        100, help="actions of an episode with time to look around", minimum=2
    )
    emphasis: TermWeightConfig = setting(TermWeightConfig, help="how the query is learned")
    careful: ExpertConfig = setting(ExpertConfig, help="the expert in short episodes")
    patient: ExpertConfig = setting(PATIENT, help="the expert in long episodes")
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    dev_goals: int = setting(60, help="dev goals tried at each evaluation", minimum=0)
    evaluate_every: int = setting(600, help="steps between evaluations", minimum=1)
    log_every: int = setting(20, help="steps between log lines", minimum=1)
    checkpoint_every: int = setting(100, help="steps between checkpoints", minimum=1)
    threads: int = setting(
        1, help="threads to train with; 0: all cores, with which texts are read anyway", minimum=0
    )
    processes: int = setting(
        0, help="processes that read and practise; 0: one for each core", minimum=0
    )
    seed: int = setting(0, help="decides everything random")


def train_imitation(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    out: Path,
    config: ImitationConfig | None = None,
    *,
    remembered: Sequence[Purchase] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a choice policy on perfect trajectories and write it into a run folder.

    A run that was killed goes on from its last checkpoint and ends at the same weights; a finished
    one is returned as it is.

    Args:
        shop: where the trajectories were made.
        trajectories: perfect ones of the pages protocol.
        out: the run folder.
        config: see :class:`ImitationConfig`.
        remembered: further purchases, which only go into the purchase history: remembering one
            takes milliseconds, studying one a hundred times that.
        progress: called with (stage, done, in all).

    Returns:
        The summary, as in the folder's result.json.

    Raises:
        TrajectoryError: a trajectory cannot serve.
        InputError: the folder holds another run.
    """
    config = config or ImitationConfig()
    if not trajectories:
        raise InputError("trajectories: expected at least one, got none")
    settings = {
        "config": asdict(config),
        "inputs": fingerprint(shop, trajectories),
        "remembered": purchases_checksum(remembered),
    }
    run = Run.open(out, "imitation", settings)
    if run.finished:
        return run.result()
    started = time.perf_counter()
    set_threads(config.threads or None)
    model = LanguageModel(config.language_model)
    states = open_states(shop, model, progress=_named(progress, "encode"))
    reader = Reader(shop.catalogue, model, states, requests_kept=TRAINING_REQUESTS)
    with step_randomness(config.seed, "imitation", "initial weights"):
        network = ChoiceNetwork(
            ChoiceConfig(state_dimensions=model.dimensions, emphasis=config.emphasis.steps > 0)
        )

    network.eval()

    # What was bought, in several wordings; and what to type for them.
    demonstrations = each(
        lambda trajectory: demonstrate(trajectory, shop, reader),
        trajectories,
        processes=config.processes,
        progress=_named(progress, "replay"),
    )
    demonstrations = _reworded(demonstrations, shop, reader, config)
    requests = {demonstration.goal.instruction: None for demonstration in demonstrations}
    # Were some forgotten and read again, alone, a run that goes on would know other roundings.
    if len(requests) + config.dev_goals <= reader.requests_kept:
        with every_core():
            reader.read_together(list(requests), progress=_named(progress, "requests"))
    if network.emphasis is not None:
        purchases = [
            (d.goal.instruction, [d.row, *sorted(d.right - {d.row})]) for d in demonstrations
        ]
        trained = train_term_weights(
            reader, purchases, config.emphasis, seed=config.seed, progress=_named(progress, "query")
        )
        network.emphasis.load_state_dict(trained.state_dict())
    if config.history:
        network.history, reader.recall = remember(
            demonstrations,
            len(trajectories),
            remembered,
            reader,
            rewordings=config.rewordings,
            forgotten=config.forgotten,
            seed=config.seed,
            progress=_named(progress, "remember"),
        )
    studied = each(
        lambda demonstration: _studied(demonstration, shop, network, reader),
        demonstrations,
        processes=config.processes,
        progress=_named(progress, "read"),
    )
    demonstrations = [demonstration for demonstration, _, _ in studied]
    products = [example for _, example, _ in studied if example]
    options = [example for _, _, examples in studied for example in examples]

    # Relevance and options.
    network.train()
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    monitor = DevMonitor(shop, config.dev_goals, seed=config.seed, processes=config.processes)
    agent = LearnedAgent(network, reader, name="imitation")
    last = config.steps + config.practice_rounds * config.action_steps
    state = load_state(run, {"network": network}, optimizer)
    first = state["step"]
    budget = Budget(None, state.get("seconds", 0.0))
    recorder = Recorder(run, budget, first_step=first)
    for step in range(first, config.steps):
        draws = generator(config.seed, "imitation", "batch", step)
        batch, right = _batch(_drawn(products, config.products, draws))
        with step_randomness(config.seed, "imitation", step) as randomness:
            batch = drop_words(batch, config.word_dropout, randomness)
            relevance = network.relevance(batch)
            loss = choice_loss(relevance, batch.product_mask, right)
            for part in (
                partly_known(batch, right, network, randomness),
                fully_known(batch, randomness),
            ):
                found = network.relevance(part)
                among_shown = choice_loss(found, part.product_mask, right)
                loss = loss + (among_shown + choice_loss(found, part.opened, right))
            if options:
                choices, chosen = _batch(_drawn(options, config.options, draws))
                choices = drop_words(choices, config.word_dropout, randomness)
                loss = loss + imitation_loss(network(choices), chosen)
        rate = learning_rate_at(
            step,
            steps=config.steps,
            highest=config.learning_rate,
            warmup_share=config.warmup_share,
        )
        _descend(loss, network, optimizer, rate, config.gradient_norm)
        done = step + 1
        network.eval()
        if done % config.log_every == 0 or done == config.steps:
            is_right = right.gather(1, relevance.argmax(dim=1, keepdim=True))
            recorder.log(
                {
                    "step": done,
                    "loss": loss.item(),
                    "accuracy": is_right.float().mean().item(),
                    "learning_rate": rate,
                    **monitor.measure(agent, done, every=config.evaluate_every, last=config.steps),
                }
            )
        if done % config.checkpoint_every == 0 or done == config.steps:
            save_state(run, done, {"network": network}, optimizer, {"seconds": budget.seconds})
        network.train()
        if progress:
            progress("imitation", done, last)
    network.eval()

    # Practice: where to look and when to stop, by what the relevance say at each step.
    for frozen in (network.partial_relevance, network.complete_relevance, network.option):
        frozen.requires_grad_(False)

    pages: list[Example] = []
    relevance_at: list[Tensor] = []
    for round_number in range(config.practice_rounds):
        for limit, count in (
            (config.step_limit, config.practice),
            (config.long_step_limit, config.long_practice),
        ):
            practice = (round_number, limit, count)
            rollouts = _practise(
                run, practice, shop, network, reader, demonstrations, config, progress
            )
            for lessons in each(
                lambda rollout, practice=practice: [  # type: ignore[misc]
                    *_lessons(rollout, shop, network, reader, config, practice)
                ],
                rollouts,
                processes=config.processes,
                progress=_named(progress, f"lessons {round_number + 1}"),
            ):
                pages += [example for example, _ in lessons]
                relevance_at += [torch.from_numpy(relevance) for _, relevance in lessons]
        begins = config.steps + round_number * config.action_steps
        for step in range(max(first, begins), begins + config.action_steps if pages else 0):
            draws = generator(config.seed, "imitation", "batch", step)
            numbers = draws.integers(0, len(pages), size=config.actions).tolist()
            batch, right = _batch([pages[number] for number in numbers], texts=False)
            relevance = pad_sequence(
                [relevance_at[number] for number in numbers], batch_first=True, padding_value=-1e9
            )
            scores = network(batch, relevance)
            loss = imitation_loss(scores, right)
            rate = learning_rate_at(
                step - begins,
                steps=config.action_steps,
                highest=config.learning_rate,
                warmup_share=config.warmup_share,
            )
            _descend(loss, network, optimizer, rate, config.gradient_norm)
            done = step + 1
            if done % config.log_every == 0 or done == last:
                is_right = right.gather(1, scores.argmax(dim=1, keepdim=True))
                recorder.log(
                    {
                        "step": done,
                        "action_loss": loss.item(),
                        "action_accuracy": is_right.float().mean().item(),
                        "learning_rate": rate,
                    }
                )
            if done % config.checkpoint_every == 0 and done < last:
                save_state(run, done, {"network": network}, optimizer, {"seconds": budget.seconds})
            if progress:
                progress("imitation", done, last)

    recorder.close()
    result = {
        "operation": "imitation",
        "trajectories": len(trajectories),
        "requests": len(demonstrations),
        "examples": len(products) + len(options) + len(pages),
        "steps": last,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "seconds": time.perf_counter() - started,
    }
    training = {name: value for name, value in result.items() if name != "seconds"}
    write_agent(out, network, model, StatesConfig(), name="imitation", training=training)
    run.finish(result)
    forget_state(run)
    return result


def _reworded(
    demonstrations: Sequence[Demonstration], shop: Shop, reader: Reader, config: ImitationConfig
) -> list[Demonstration]:
    """The demonstrations, and each again in other words."""
    writer = RequestWriter(reader.model.near_words)
    every = list(demonstrations)
    for number, demonstration in enumerate(demonstrations):
        draws = python_rng(config.seed, "imitation", "wording", number)
        for _ in range(config.rewordings):
            request = reworded(demonstration.goal, shop, writer, draws)
            every.append(asked(demonstration, request, request, shop))
    return every


def _studied(
    demonstration: Demonstration, shop: Shop, network: ChoiceNetwork, reader: Reader
) -> tuple[Demonstration, Example | None, list[Example]]:
    """A demonstration as the policy searches for its request, the choice of its product and those
    of its options."""
    request = demonstration.goal.instruction
    found = asked(demonstration, request, query_for(network, reader, request), shop)
    return found, product_example(found, reader), option_examples(found, reader)


def _drawn(examples: Sequence[Example], count: int, draws: np.random.Generator) -> list[Example]:
    return [examples[int(number)] for number in draws.integers(0, len(examples), size=count)]


def _batch(examples: Sequence[Example], *, texts: bool = True) -> tuple[Batch, Tensor]:
    """Decisions and their right actions, bool (B, A)."""
    batch = collate([example.decision for example in examples], texts=texts)
    right = torch.zeros_like(batch.action_mask)
    for row, example in enumerate(examples):
        right[row, : len(example.targets)] = torch.from_numpy(example.targets)
    return batch, right


def _descend(
    loss: Tensor,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    rate: float,
    gradient_norm: float,
) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), gradient_norm)
    set_learning_rate(optimizer, rate)
    optimizer.step()


def _practise(
    run: Run,
    practice: tuple[int, int, int],
    shop: Shop,
    network: ChoiceNetwork,
    reader: Reader,
    demonstrations: Sequence[Demonstration],
    config: ImitationConfig,
    progress: Progress | None,
) -> list[Trajectory]:
    """Rollouts for the demonstrations' requests: in the first round the careful shopper's perfect
    ones, then the policy's own. A run that goes on reads those that it made before.

    Args:
        practice: the round's number, its step limit, and how many requests at most.
    """
    round_number, step_limit, count = practice
    path = run.folder / f"practice-{round_number}-{step_limit}-steps.jsonl"
    if path.is_file():
        return read_trajectories(path)
    draws = generator(config.seed, "imitation", "practice", round_number, step_limit)
    numbers = draws.permutation(len(demonstrations))[:count]

    def shop_for(number: int) -> Trajectory:
        goal = demonstrations[number].goal
        perturb = _perturbation(config, practice, goal.instruction)
        shopper: Agent = LearnedAgent(network, reader, name="imitation", perturb=perturb)
        if round_number == 0:
            shopper = ExpertAgent(network, reader, _careful(config, step_limit), perturb=perturb)
        outcome = roll_out(shopper, shop, goal, step_limit=step_limit, provenance="generated")
        return outcome.trajectory

    rollouts = [
        rollout
        for rollout in each(
            shop_for,
            numbers.tolist(),
            processes=config.processes,
            progress=_named(progress, f"practice {round_number + 1}"),
        )
        if round_number > 0 or rollout.perfect
    ]
    if rollouts:
        write_trajectories(path, rollouts)
    return rollouts


def _perturbation(
    config: ImitationConfig,
    practice: tuple[int, int, int],
    request: str,
    number: int = 0,
) -> Perturbation:
    """What the policy's relevance for a request suffers in a round of practice; others by
    number."""
    draws = generator(config.seed, "imitation", "doubt", *practice, request, number)
    is_long = practice[1] == config.long_step_limit
    return draw_perturbation(draws, strength=LONG_STRENGTH if is_long else 1.0)


def _careful(config: ImitationConfig, step_limit: int) -> ExpertConfig:
    return config.patient if step_limit == config.long_step_limit else config.careful


def _lessons(
    rollout: Trajectory,
    shop: Shop,
    network: ChoiceNetwork,
    reader: Reader,
    config: ImitationConfig,
    practice: tuple[int, int, int],
) -> Iterator[tuple[Example, np.ndarray]]:
    """A rollout's decisions under several perturbations: what the expert does, and its
    relevance, float32 (products,)."""
    _, step_limit, _ = practice
    careful = _careful(config, step_limit)
    perturbations = [
        _perturbation(config, practice, rollout.instruction, number)
        for number in range(config.doubts)
    ]
    for tracker, session, decision, _ in decisions_of(rollout, shop, reader, step_limit=step_limit):
        with torch.inference_mode():
            sure = network.relevance(collate([decision]))[0]
        for perturb in perturbations:
            relevance = perturb(sure)
            right = expert_choice(network, tracker, session, decision, relevance, careful)
            targets = np.array([action == right for action in decision.actions])
            if targets.any() and len(targets) > 1:
                yield Example(decision, targets), relevance.numpy()


def _named(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(stage, done, total)
