"""The purchase history that imitation leaves, and what it may retrieve of it while it trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np

from shopwright.encoding.compute import threads
from shopwright.memory.mask import leave_one_out, memory_dropout
from shopwright.memory.retriever import Retriever
from shopwright.memory.store import PastRequest, PurchaseHistory
from shopwright.policy.evidence import Reader
from shopwright.rollouts.purchases import Purchase
from shopwright.seeding import numpy_rng
from shopwright.training.examples import Demonstration


def build_memory(
    demonstrations: Sequence[Demonstration],
    further: Sequence[Purchase],
    reader: Reader,
    *,
    rewordings: int,
    dropout: float,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Retriever:
    """Return the history of all demonstrations and of further purchases as training retrieves of
    it: no request finds its own purchase (see :mod:`shopwright.memory.mask`).

    Args:
        demonstrations: each purchase, then each again in ``rewordings`` other wordings.
        further: what else was bought.
        rewordings: other wordings in which each purchase is asked for.
        dropout: the least share of purchases that are taken for a product's first one.
    """
    only_stored = [purchase.request for purchase in further]
    studied = [demonstration.goal.instruction for demonstration in demonstrations]
    requests = only_stored + studied
    asins = [purchase.asin for purchase in further]
    asins += [reader.catalogue.asin_of(demonstration.row) for demonstration in demonstrations]

    def read() -> Iterator[PastRequest]:
        # Readings of the latest are kept: they are wanted again.
        latest = (reader.past_request(*reader.requests([request])) for request in studied)
        for done, past in enumerate(chain(reader.past_requests(only_stored), latest), start=1):
            yield past
            if progress:
                progress(done, len(requests))

    with threads():
        history = PurchaseHistory.of(asins, read(), reader.states.projection)
    purchases = len(demonstrations) // (1 + rewordings)
    sources = np.array([*range(purchases), *np.repeat(range(purchases), rewordings)])
    share = memory_dropout(asins, reader.catalogue, least=dropout)
    dropped = numpy_rng(seed, "imitation", "forgotten").random(purchases) < share
    mask = leave_one_out(requests, asins, sources, first=len(further), dropped=dropped)
    return Retriever(history, reader.catalogue, mask)
