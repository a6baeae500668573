"""What imitation remembers of its purchases, and what it may know of them while it trains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from shopwright.encoding.compute import threads
from shopwright.memory.history import PastRequest, PurchaseHistory, Retriever, forgotten_share
from shopwright.policy.evidence import Reader
from shopwright.rollouts.purchases import Purchase
from shopwright.seeding import numpy_rng
from shopwright.training.examples import Demonstration


def remember(
    demonstrations: Sequence[Demonstration],
    purchases: int,
    further: Sequence[Purchase],
    reader: Reader,
    *,
    rewordings: int,
    forgotten: float,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[PurchaseHistory, Retriever]:
    """Return the history of all demonstrations and of further purchases; and how it is recalled in
    training, where a request does not know what was bought for just it, and some know nothing of
    other purchases of that product, so that products without history are learned about, too.

    Args:
        demonstrations: each purchase, then each again in ``rewordings`` other wordings.
        purchases: how many.
        further: what else was bought.
        reader: reads texts.
        rewordings: other wordings in which each purchase is asked for.
        forgotten: the least share of purchases that are taken for a product's first one.
        seed: decides which.
        progress: called with (requests read, in all).
    """
    only_remembered = [purchase.request for purchase in further]
    studied = [demonstration.goal.instruction for demonstration in demonstrations]
    requests = only_remembered + studied
    asins = [purchase.asin for purchase in further]
    asins += [reader.catalogue.asin_of(demonstration.row) for demonstration in demonstrations]

    def read() -> Iterator[PastRequest]:
        yield from reader.past_requests(only_remembered)
        for request in studied:  # Readings of the latest are kept: they are wanted again.
            (reading,) = reader.requests([request])
            yield reader.past_request(reading)

    with threads():
        history = PurchaseHistory.of(
            asins, _counted(read(), len(requests), progress), reader.states.projection
        )
    sources = np.array([*range(purchases), *np.repeat(range(purchases), rewordings)])
    products = np.array(asins)
    same = defaultdict(list)
    for number, request in enumerate(requests):
        same[request].append(number)
    draws = numpy_rng(seed, "imitation", "forgotten")
    share = forgotten_share(asins, reader.catalogue, least=forgotten)
    taken_for_first = draws.random(purchases) < share
    # A text may ask for several purchases: what is left out for one is for all.
    left_out: defaultdict[str, set[int]] = defaultdict(set)
    for own, (demonstration, source) in enumerate(
        zip(demonstrations, sources, strict=True), start=len(further)
    ):
        numbers = left_out[demonstration.goal.instruction]
        numbers.update([own, *same[demonstration.goal.instruction]])
        of_product = set(np.flatnonzero(products == asins[own]).tolist())
        wordings = set((len(further) + np.flatnonzero(sources == source)).tolist())
        # Where nothing else was bought of the product, another wording stands for that: if right
        # products were never remembered in training, being remembered would speak against one.
        if of_product - wordings - numbers:
            numbers.update(wordings)
        if taken_for_first[source]:
            numbers.update(of_product)
    arrays = {text: np.array(sorted(numbers)) for text, numbers in left_out.items()}
    return history, Retriever(history, reader.catalogue, arrays)


def _counted(
    requests: Iterable[PastRequest], count: int, progress: Callable[[int, int], None] | None
) -> Iterator[PastRequest]:
    for done, request in enumerate(requests, start=1):
        yield request
        if progress:
            progress(done, count)
