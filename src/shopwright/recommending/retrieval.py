"""The candidates for a request: what the shop's finder finds, with an agent's vectors if it has
any."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

from shopwright.finding.finder import Finder, open_finder
from shopwright.shop.shop import Shop

if TYPE_CHECKING:
    import numpy as np

    from shopwright.encoding.language_model import LanguageModel
    from shopwright.policy.evidence import Reader

FOUND = 80
# By words alone, for a fast answer without an agent.
FOUND_FAST = 30


@runtime_checkable
class _Reading(Protocol):
    """An agent that reads texts by a language model."""

    reader: Reader


class Found(NamedTuple):
    """Products that were found.

    Attributes:
        rows: best first.
        scores: 0 to 1.
    """

    rows: list[int]
    scores: list[float]


class Retrieval:
    """Finds candidates in a shop.

    Args:
        shop: the shop. Where its folder cannot be written into, and no finder was written before,
            its search engine is asked instead.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._finder: Finder | None
        try:
            self._finder = open_finder(shop)
        except OSError:
            self._finder = None
        self._finders: WeakKeyDictionary[LanguageModel, Finder] = WeakKeyDictionary()

    def at(self, shop: Shop) -> Retrieval:
        """Return this for the same shop after changes."""
        moved = copy(self)
        moved._shop = shop
        moved._finder = self._finder and self._finder.at(shop.catalogue)
        # Their vectors are those of all products as they were built: made once.
        moved._finders = WeakKeyDictionary(
            {model: finder.at(shop.catalogue) for model, finder in self._finders.items()}
        )
        return moved

    def found(
        self,
        agent: object,
        words: str,
        count: int = FOUND,
        *,
        asked: str,
        thing: str,
        by_use: bool = False,
    ) -> Found:
        """Return what is found for a request.

        Args:
            agent: if it reads by a language model, its vectors find, too.
            words: the text that words are searched by: what it says twice counts more.
            count: how many at most.
            asked: the request that such an agent will be asked, which it then has read.
            thing: what that begins with, whose vector finds.
            by_use: whether it says what a thing is for, not what it is.
        """
        finder = self._finder_for(agent)
        if finder is None:
            rows = self._shop.search_rows(words)[:count]
            return Found(list(rows), [1.0 - place / count for place in range(len(rows))])
        vector = None
        if isinstance(agent, _Reading):
            vector = agent.reader.vector(asked, words=len(thing.split()))
        candidates = finder.candidates(words, count, vector=vector, by_use=by_use)
        return Found(candidates.rows.tolist(), candidates.scores.tolist())

    def likeness(
        self, agent: object, rows: Sequence[int], examples: Sequence[int]
    ) -> np.ndarray | None:
        """Return how like products are to others by an agent's vectors, −1 to 1; None without."""
        finder = self._finder_for(agent)
        return finder.likeness(rows, examples) if finder else None

    def _finder_for(self, agent: object) -> Finder | None:
        if self._finder is None or not isinstance(agent, _Reading):
            return self._finder
        reader = agent.reader
        finder = self._finders.get(reader.model)
        if finder is None:
            finder = self._finder.with_vectors(reader.states, reader.model)
            self._finders[reader.model] = finder
        return finder
