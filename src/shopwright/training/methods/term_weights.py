"""Training of the search policy: weights of words under which a right product ranks first.

A query's score for a product is the sum, over its words, of how often the word is typed times what
it adds (BM25). It is linear in the repetitions, so they are learned as real weights by softmax
cross entropy over the results of the whole request, and rounded when a query is typed. Any of the
results that fulfil the request may be first.

Source: our own; weights of terms learned for BM25 go back to Dai & Callan, "Context-aware
sentence/passage term importance estimation", 2019 (arXiv 1910.10687), there for the documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from shopwright.config import setting
from shopwright.files import write_json_lines
from shopwright.policy.checkpoint import read_tensors, write_tensors
from shopwright.policy.evidence import Reader
from shopwright.policy.term_weights import (
    TermWeightNetwork,
    Words,
    weighted_query,
    words_of,
)
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng
from shopwright.training.checkpoint import dropping_out, step_randomness
from shopwright.training.examples import drawn
from shopwright.training.loop import Loop, LoopConfig, Losses, Progress

WEIGHTS = "term-weights.safetensors"
WORDS_KEPT = 8192
SHOWN_AT_MOST = 100

# A request and the rows of products that fulfil it; first the one that was bought.
Purchase = tuple[str, Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class TermWeightConfig(LoopConfig):
    """How the search policy is trained."""

    steps: int = setting(400, help="gradient steps; 0: type the whole request", minimum=0)
    requests: int = setting(1500, help="requests learned from at most", minimum=1)
    batch_size: int = setting(48, help="requests of a step", minimum=1)
    results: int = setting(100, help="results that the right one must beat", minimum=1)
    gradient_norm: float | None = None
    threads: int = 1


@dataclass(frozen=True, slots=True)
class _Search:
    """A request's words, what each adds to each result, (words, results), and which results are
    right, bool (results,)."""

    words: Words
    gains: torch.Tensor
    right: torch.Tensor


@one_at_a_time
def train_term_weights(
    reader: Reader,
    purchases: Sequence[Purchase],
    out: Path,
    config: TermWeightConfig | None = None,
    *,
    seed: int,
    progress: Progress | None = None,
) -> TermWeightNetwork:
    """Train a search policy and write what it types for some requests into a run folder.

    Args:
        purchases: what was asked for and what fulfils it.
        out: the run folder; ``queries.jsonl`` there shows what is typed for requests.
    """
    config = config or TermWeightConfig()
    with step_randomness(seed, "emphasis", "initial weights"):
        network = TermWeightNetwork(reader.model.dimensions)
    run = Run.open(out, "term-weights", {"config": asdict(config), "seed": seed})
    if run.finished:
        network.load_state_dict(read_tensors(out / WEIGHTS))
        return network.eval()
    order = numpy_rng(seed, "emphasis", "order").permutation(len(purchases))[: config.requests]
    searches = _searches(reader, [purchases[int(number)] for number in order], config.results)

    def losses(step: int) -> Losses:
        draws = numpy_rng(seed, "emphasis", "batch", step)
        chosen = drawn(searches, config.batch_size, draws)
        # All words of the batch go through the network at once.
        with dropping_out(network, seed, "emphasis", step):
            weights = network(
                torch.from_numpy(np.concatenate([s.words.hidden for s in chosen])),
                torch.from_numpy(np.concatenate([s.words.features for s in chosen])),
            )
        by_request = weights.split([len(s.words.texts) for s in chosen])
        each = [
            -(own @ search.gains).log_softmax(dim=0)[search.right].logsumexp(dim=0)
            for own, search in zip(by_request, chosen, strict=True)
        ]
        loss = torch.stack(each).mean()
        yield loss, {"loss": loss}

    loop = Loop(
        run, config, {"network": network}, stage="query", steps=config.steps, progress=progress
    )
    loop.descend(losses)
    network.eval()
    write_tensors(out / WEIGHTS, network.state_dict())
    shown = [request for request, _ in purchases[:SHOWN_AT_MOST]]
    typed = [
        {"request": reading.text, "query": weighted_query(network, reading)}
        for reading in reader.requests(shown)
    ]
    write_json_lines(out / "queries.jsonl", typed)
    loop.finish({"operation": "term-weights", "requests": len(searches), "steps": loop.step})
    return network


def _searches(reader: Reader, purchases: Sequence[Purchase], results: int) -> list[_Search]:
    index, documents = reader.catalogue.search_index, len(reader.catalogue)

    @lru_cache(maxsize=WORDS_KEPT)
    def found(word: str) -> tuple[np.ndarray, np.ndarray]:
        rows, scores = index.search(word, documents)
        order = np.argsort(rows)
        return rows[order], scores[order]

    searches = []
    for request, fulfilling in purchases:
        bought = fulfilling[0]
        (reading,) = reader.requests([request])
        words = words_of(reading)
        if not words.texts:
            continue
        others = [row for row in index.search(request, results)[0].tolist() if row != bought]
        candidates = np.array([bought, *others])
        gains = np.zeros((len(words.texts), len(candidates)), dtype=np.float32)
        for number, word in enumerate(words.texts):
            rows, scores = found(word)
            if len(rows):
                place = np.minimum(np.searchsorted(rows, candidates), len(rows) - 1)
                gains[number] = np.where(rows[place] == candidates, scores[place], 0.0)
        right = torch.from_numpy(np.isin(candidates, fulfilling))
        searches.append(_Search(words, torch.from_numpy(gains), right))
    return searches
