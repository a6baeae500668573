"""Training of the search policy: weights of words under which a right product ranks first.

A query's score for a product is the sum, over its words, of how often the word is typed times what
it adds (BM25). It is linear in the repetitions, so they are learned as real weights by softmax
cross entropy over the results of the whole request, and rounded when a query is typed. Any of the
results that fulfil the request may be first.

Source: our own; weights of terms learned for BM25 go back to Dai & Callan, "Context-aware
sentence/passage term importance estimation", 2019 (arXiv 1910.10687), there for the documents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from shopwright.config import Configuration, setting
from shopwright.policy.evidence import Reader
from shopwright.policy.term_weights import TermWeightNetwork, Words, words_of
from shopwright.seeding import generator
from shopwright.training.checkpoint import step_randomness
from shopwright.training.schedule import learning_rate_at, set_learning_rate

WORDS_KEPT = 8192

# A request and the rows of products that fulfil it; first the one that was bought.
Purchase = tuple[str, Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class TermWeightConfig(Configuration):
    """How the search policy is trained."""

    steps: int = setting(400, help="gradient steps; 0: type the whole request", minimum=0)
    requests: int = setting(1500, help="requests learned from at most", minimum=1)
    batch_size: int = setting(48, help="requests of a step", minimum=1)
    results: int = setting(100, help="results that the right one must beat", minimum=1)
    learning_rate: float = setting(3e-3, help="highest learning rate", above=0)
    weight_decay: float = setting(0.1, help="weight decay of AdamW", minimum=0)


@dataclass(frozen=True, slots=True)
class _Search:
    """A request's words, what each adds to each result, (words, results), and which results are
    right, bool (results,)."""

    words: Words
    gains: torch.Tensor
    right: torch.Tensor


def train_term_weights(
    reader: Reader,
    purchases: Sequence[Purchase],
    config: TermWeightConfig,
    *,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> TermWeightNetwork:
    """Train a search policy.

    Args:
        reader: reads the shop's texts.
        purchases: what was asked for and what fulfils it.
        config: see :class:`TermWeightConfig`.
        seed: decides everything random.
        progress: called with (steps done, steps in all).
    """
    order = generator(seed, "emphasis", "order").permutation(len(purchases))[: config.requests]
    searches = _searches(reader, [purchases[int(number)] for number in order], config.results)
    with step_randomness(seed, "emphasis", "initial weights"):
        network = TermWeightNetwork(reader.model.dimensions)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    for step in range(config.steps):
        draws = generator(seed, "emphasis", "batch", step)
        chosen = [searches[n] for n in draws.integers(0, len(searches), config.batch_size)]
        # All words of the batch go through the network at once.
        with step_randomness(seed, "emphasis", step):
            weights = network(
                torch.from_numpy(np.concatenate([s.words.hidden for s in chosen])),
                torch.from_numpy(np.concatenate([s.words.features for s in chosen])),
            )
        losses = [
            -(own @ search.gains).log_softmax(dim=0)[search.right].logsumexp(dim=0)
            for own, search in zip(
                weights.split([len(s.words.texts) for s in chosen]), chosen, strict=True
            )
        ]
        loss = torch.stack(losses).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        rate = learning_rate_at(
            step, steps=config.steps, highest=config.learning_rate, warmup_share=0.1
        )
        set_learning_rate(optimizer, rate)
        optimizer.step()
        if progress:
            progress(step + 1, config.steps)
    return network.eval()


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
