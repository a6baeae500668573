"""Imitation: the choice policy learns from perfect trajectories what to want and how to look.

In three stages, each of which leaves what it made in the run folder:

1. *Term weights* (term_weights.py; ``term-weights/queries.jsonl``): under which query the product
   that was bought comes first.
2. *Relevance* (relevance.py; ``relevance.jsonl``): which of the results was bought, by complete
   texts and by what pages show of them, and with which options.
3. *Actions* by DAgger (dagger.py; ``practice-ROUND-MODE.jsonl``): an expert with this relevance
   shops for the same requests; the policy learns the actions of its perfect rollouts, then what the
   expert would have done in the policy's own.

Source: the imitation learning of WebShop's choice model (Yao et al., 2022) and of Feng & Feng,
2024. Deviations: the trajectories are generated, not human; each purchase is asked for in several
wordings; relevance is trained on all products of the results; the actions imitated are those of
rollouts with the agent's own relevance, since a trajectory that goes straight to the right product
does not show how to find it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from shopwright.agents.learned import LearnedAgent, query_for
from shopwright.config import setting
from shopwright.encoding.compute import threads
from shopwright.encoding.pretrained import BUNDLED
from shopwright.errors import InputError
from shopwright.memory.mask import LEAST_DROPOUT
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import Reader
from shopwright.rollouts.invent import reworded
from shopwright.rollouts.purchases import Purchase
from shopwright.rollouts.records import Trajectory
from shopwright.rollouts.requests import RequestWriter
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import python_rng
from shopwright.shop.shop import Shop
from shopwright.training.dev import DevConfig, DevMonitor
from shopwright.training.examples import (
    Demonstration,
    Example,
    asked,
    demonstrate,
    option_examples,
    product_example,
)
from shopwright.training.inputs import checksum, fingerprint
from shopwright.training.learner import Learner, new_learner
from shopwright.training.loop import Loop, Progress, staged
from shopwright.training.memory import build_memory
from shopwright.training.methods.dagger import DAggerConfig, train_actions
from shopwright.training.methods.relevance import RelevanceConfig, train_relevance, write_relevance
from shopwright.training.methods.term_weights import TermWeightConfig, train_term_weights
from shopwright.workers import each


@dataclass(frozen=True, kw_only=True)
class ImitationConfig(RelevanceConfig, DAggerConfig, DevConfig):
    """How the choice policy imitates."""

    rewordings: int = setting(
        1, help="other wordings in which each purchase is asked for", minimum=0
    )
    history: bool = setting(True, help="keep which product was bought for which request")
    history_dropout: float = setting(
        LEAST_DROPOUT,
        help="least share of purchases that are taken for a product's first one",
        minimum=0,
        maximum=1,
        formerly="forgotten",
    )
    term_weights: TermWeightConfig = setting(
        TermWeightConfig, help="how the query is learned", formerly="emphasis"
    )
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    threads: int = setting(
        1, help="threads to train with; 0: all cores, with which texts are read anyway", minimum=0
    )
    dev_goals: int = 60
    evaluate_every: int = 600
    checkpoint_every: int = 100


@one_at_a_time
def train_imitation(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    out: Path,
    config: ImitationConfig | None = None,
    *,
    further: Sequence[Purchase] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a choice policy on perfect trajectories and write it into a run folder.

    Args:
        trajectories: of the pages protocol.
        further: purchases that only go into the purchase history: to store one takes
            milliseconds, to study one a hundred times that.
    """
    config = config or ImitationConfig()
    if not trajectories:
        raise InputError("trajectories: expected at least one, got none")
    settings = {
        "config": asdict(config),
        "inputs": fingerprint(shop, trajectories),
        "further": checksum([purchase.request, purchase.asin] for purchase in further),
    }
    run = Run.open(out, "imitation", settings)
    if run.finished:
        return run.result()
    started = time.perf_counter()
    learner = new_learner(
        shop,
        config.language_model,
        device=config.device,
        seed=config.seed,
        names=("imitation",),
        weighs_terms=config.term_weights.steps > 0,
        progress=staged(progress, "encode"),
    )
    network = learner.policy
    demonstrations = _demonstrations(trajectories, shop, learner.reader, config, progress)
    learner = _with_query_and_memory(learner, demonstrations, further, out, config, progress)
    reader = learner.reader
    demonstrations, products, options = _studied(
        demonstrations, shop, network, reader, config, progress
    )
    agent = LearnedAgent(network, reader, name="imitation")
    loop = Loop(
        run,
        config,
        {"network": network},
        stage="imitation",
        steps=config.steps + config.practice_rounds * config.action_steps,
        monitor=DevMonitor(agent, shop, config, seed=config.seed, processes=config.processes),
        fused=True,
        progress=progress,
    )
    train_relevance(loop, network, products, options, config)
    write_relevance(out / "relevance.jsonl", demonstrations, network, reader)
    actions = train_actions(
        loop, shop, network, reader, demonstrations, out, config, config.steps, progress
    )
    result = {
        "operation": "imitation",
        "trajectories": len(trajectories),
        "requests": len(demonstrations),
        "examples": len(products) + len(options) + actions,
        "steps": loop.step,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
    }
    learner.write(out, network, result)
    return loop.finish({**result, "seconds": time.perf_counter() - started})


def _demonstrations(
    trajectories: Sequence[Trajectory],
    shop: Shop,
    reader: Reader,
    config: ImitationConfig,
    progress: Progress | None,
) -> list[Demonstration]:
    """What was bought, then each purchase again in other words; their requests are read."""
    demonstrations = each(
        lambda trajectory: demonstrate(trajectory, shop, reader),
        trajectories,
        processes=config.processes,
        progress=staged(progress, "replay"),
    )
    writer = RequestWriter(reader.model.near_words)
    for number in range(len(trajectories)):
        rng = python_rng(config.seed, "imitation", "wording", number)
        for _ in range(config.rewordings):
            request = reworded(demonstrations[number].goal, shop, writer, rng)
            demonstrations.append(asked(demonstrations[number], request, request, shop))
    requests = list(dict.fromkeys(one.goal.instruction for one in demonstrations))
    # Were some dropped and read again, alone, a run that goes on would know other roundings.
    if len(requests) + config.dev_goals <= reader.requests_kept:
        with threads():
            reader.read_together(requests, progress=staged(progress, "requests"))
    return demonstrations


def _with_query_and_memory(
    learner: Learner,
    demonstrations: Sequence[Demonstration],
    further: Sequence[Purchase],
    out: Path,
    config: ImitationConfig,
    progress: Progress | None,
) -> Learner:
    """The learner with the term weights of its queries, if it weighs terms, and with a memory of
    its purchases as training may use it."""
    reader, term_weights = learner.reader, learner.policy.term_weights
    if term_weights is not None:
        trained = train_term_weights(
            reader,
            [(d.goal.instruction, [d.row, *sorted(d.right - {d.row})]) for d in demonstrations],
            out / "term-weights",
            config.term_weights,
            seed=config.seed,
            progress=progress,
        )
        term_weights.load_state_dict(trained.state_dict())
    if not config.history:
        return learner
    retriever = build_memory(
        demonstrations,
        further,
        reader,
        rewordings=config.rewordings,
        dropout=config.history_dropout,
        seed=config.seed,
        progress=staged(progress, "memory"),
    )
    return replace(learner, reader=replace(reader, retriever=retriever))


def _studied(
    demonstrations: Sequence[Demonstration],
    shop: Shop,
    network: ChoiceNetwork,
    reader: Reader,
    config: ImitationConfig,
    progress: Progress | None,
) -> tuple[list[Demonstration], list[Example], list[Example]]:
    """The demonstrations as the policy searches for them; choices of products, and of options."""

    def study(one: Demonstration) -> tuple[Demonstration, Example | None, list[Example]]:
        request = one.goal.instruction
        found = asked(one, request, query_for(network, reader, request), shop)
        return found, product_example(found, reader), option_examples(found, reader)

    studied = each(
        study, demonstrations, processes=config.processes, progress=staged(progress, "read")
    )
    return (
        [demonstration for demonstration, _, _ in studied],
        [example for _, example, _ in studied if example],
        [example for _, _, examples in studied for example in examples],
    )
