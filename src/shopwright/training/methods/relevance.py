"""Relevance and options: which of the results was bought, and with which options.

The second stage of imitation. The loss of a step is the cross entropy of the right products among
all results: by their complete texts, by what pages may have shown of them, and by everything that
pages tell of the first ones; and that of the right value of each group of options.

Source: our own; the products that fulfil a request are labelled by the simulator's reward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from shopwright.config import setting
from shopwright.files import write_json_lines
from shopwright.policy.batch import collate, drop_words
from shopwright.policy.choice import ChoiceNetwork
from shopwright.policy.evidence import Reader
from shopwright.seeding import numpy_rng
from shopwright.training.checkpoint import dropping_out
from shopwright.training.examples import (
    Demonstration,
    Example,
    batch_of,
    drawn,
    product_example,
)
from shopwright.training.loop import Loop, Losses, TrainingConfig
from shopwright.training.losses import accuracy, choice_loss, imitation_loss
from shopwright.training.visibility import fully_known, partly_known

SHOWN_REQUESTS = 50
_SHOWN_PRODUCTS = 5


@dataclass(frozen=True, kw_only=True)
class RelevanceConfig(TrainingConfig):
    """How relevance and options are learned."""

    steps: int = setting(1000, help="gradient steps on relevance and options", minimum=1)
    products: int = setting(
        14, help="choices among all search results in a step's batch", minimum=1
    )
    options: int = setting(10, help="choices of options in a step's batch", minimum=1)
    word_dropout: float = setting(
        0.5, help="a request loses up to this share of its words", minimum=0, maximum=1
    )


def train_relevance(
    loop: Loop,
    network: ChoiceNetwork,
    products: Sequence[Example],
    options: Sequence[Example],
    config: RelevanceConfig,
) -> None:
    """Train what a policy wants.

    Args:
        loop: descends the losses; the first ``config.steps`` of its steps are this stage's.
        products: choices among all results of a search.
        options: choices of an option's value; may be none.
    """

    def losses(step: int) -> Losses:
        draws = numpy_rng(config.seed, "imitation", "batch", step)
        batch, right = batch_of(drawn(products, config.products, draws))
        with dropping_out(network, config.seed, "imitation", step) as rng:
            batch = drop_words(batch, config.word_dropout, rng)
            relevance = network.relevance(batch)
            loss = choice_loss(relevance, batch.product_mask, right)
            for part in (partly_known(batch, right, network, rng), fully_known(batch, rng)):
                found = network.relevance(part)
                among_shown = choice_loss(found, part.product_mask, right)
                loss = loss + (among_shown + choice_loss(found, part.opened, right))
            if options:
                choices, chosen = batch_of(drawn(options, config.options, draws))
                choices = drop_words(choices, config.word_dropout, rng)
                loss = loss + imitation_loss(network(choices), chosen)
        yield loss, {"loss": loss, "accuracy": accuracy(relevance, right)}

    loop.descend(losses, end=config.steps)


@torch.inference_mode()
def write_relevance(
    path: Path, demonstrations: Sequence[Demonstration], network: ChoiceNetwork, reader: Reader
) -> None:
    """Write what a policy wants for the first :data:`SHOWN_REQUESTS` requests, a line each: what
    was bought, and the most relevant results, how likely they are and whether they are right."""
    lines = []
    for demonstration in demonstrations[:SHOWN_REQUESTS]:
        example = product_example(demonstration, reader)
        if example is None:
            continue
        asins = example.decision.actions
        shares = network.relevance(collate([example.decision]))[0].softmax(dim=0).tolist()
        best = sorted(range(len(asins)), key=lambda place: -shares[place])[:_SHOWN_PRODUCTS]
        results = [
            {"asin": asins[n], "probability": shares[n], "right": bool(example.targets[n])}
            for n in best
        ]
        lines.append(
            {
                "request": demonstration.goal.instruction,
                "query": demonstration.query,
                "bought": reader.catalogue.asin_of(demonstration.row),
                "results": results,
            }
        )
    write_json_lines(path, lines)
