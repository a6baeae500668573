"""A catalogue with its search engine: all that the shop's own recommender may read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shopwright.catalogue.storage import Catalogue
from shopwright.search.index import Index, Ranking

SEARCH_LIMIT = 50
CACHED_QUERIES = 4096
CACHED_QUERY_CHARACTERS = 1000


class SearchableCatalogue(Catalogue):
    """The products of a shop, and which of them a query finds. It knows no goals and no rewards.

    Args:
        folder: of the catalogue.
        index_folder: of its search index.

    Attributes:
        search_index: ranks any number of products for a query.
    """

    def __init__(self, folder: Path, index_folder: Path) -> None:
        super().__init__(folder)
        self._index_folder = index_folder
        self.search_index: Ranking = Index(index_folder, self.ranks)
        self._found: dict[str, tuple[int, ...]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process maps the same files.
        return SearchableCatalogue, (self.folder.absolute(), self._index_folder.absolute())

    def __repr__(self) -> str:
        return f"<SearchableCatalogue of {len(self)} products>"

    def search_rows(self, query: str) -> tuple[int, ...]:
        """Return the rows of the first :data:`SEARCH_LIMIT` results of a query, best first."""
        rows = self._found.get(query)
        if rows is None:
            rows = tuple(self.search_index.search_rows(query, SEARCH_LIMIT))
            # What is kept must stay small whatever is searched for.
            if len(query) <= CACHED_QUERY_CHARACTERS:
                if len(self._found) >= CACHED_QUERIES:
                    self._found.clear()
                self._found[query] = rows
        return rows
