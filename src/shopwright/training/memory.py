"""The purchase history that imitation leaves, and what it may retrieve of it while it trains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

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
        yield from reader.past_requests(only_stored)
        for request in studied:  # Readings of the latest are kept: they are wanted again.
            (reading,) = reader.requests([request])
            yield reader.past_request(reading)

    with threads():
        history = PurchaseHistory.of(
            asins, _counted(read(), len(requests), progress), reader.states.projection
        )
    purchases = len(demonstrations) // (1 + rewordings)
    sources = np.array([*range(purchases), *np.repeat(range(purchases), rewordings)])
    share = memory_dropout(asins, reader.catalogue, least=dropout)
    dropped = numpy_rng(seed, "imitation", "forgotten").random(purchases) < share
    mask = leave_one_out(requests, asins, sources, first=len(further), dropped=dropped)
    return Retriever(history, reader.catalogue, mask)


def _counted(
    requests: Iterable[PastRequest], count: int, progress: Callable[[int, int], None] | None
) -> Iterator[PastRequest]:
    for done, request in enumerate(requests, start=1):
        yield request
        if progress:
            progress(done, count)
