"""Gymnasium spaces of texts without limits on their characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium.wrappers.utils import create_zero_array

from shopwright.shop.actions import SEARCH_BUTTON, click, search

if TYPE_CHECKING:
    from shopwright.shop.shop import Shop

MAXIMUM_SAMPLE_LENGTH = 64


class UnicodeText(gymnasium.Space[str]):
    """All texts. Gymnasium's own ``Text`` space wants every character listed; a catalogue may hold
    any.

    Samples are short texts of printable ASCII.
    """

    def __init__(self, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(shape=None, dtype=str, seed=seed)

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> str:
        """Return a random short text; masks are not supported."""
        if mask is not None or probability is not None:
            raise ValueError("sample: expected no mask, got one")
        length = int(self.np_random.integers(1, MAXIMUM_SAMPLE_LENGTH + 1))
        return "".join(map(chr, self.np_random.integers(32, 127, size=length)))

    def contains(self, x: Any) -> bool:
        """Whether x is a text."""
        return isinstance(x, str)

    @property
    def is_np_flattenable(self) -> bool:
        """Texts have no array form."""
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnicodeText)

    def __hash__(self) -> int:
        return hash(UnicodeText)

    def __repr__(self) -> str:
        return "UnicodeText()"


@create_zero_array.register(UnicodeText)
def _no_text(_: UnicodeText) -> str:  # type: ignore[misc]  # It is a Space, of texts.
    """What Gymnasium's wrappers pad with, where they stack or delay observations."""
    return ""


class ActionTexts(UnicodeText):
    """All texts, as actions of a shop."""

    def __init__(self, shop: Shop, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(seed)
        self._shop = shop

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> str:
        """Return a random action that a page offers, or without a mask any short text.

        Args:
            mask: ``info["available_actions"]``. Where there is a search bar, and on pages that
                offer nothing else, the action searches for some words of some product's title.
            probability: must be None.

        Raises:
            ValueError: the mask is another.
        """
        if mask is None or probability is not None:
            return super().sample(mask, probability)
        if not isinstance(mask, Mapping) or not {"has_search_bar", "clickables"} <= mask.keys():
            expected = 'info["available_actions"] as mask'
            raise ValueError(f"sample: expected {expected}, got {mask!r:.80}")
        names = [name for name in mask["clickables"] if name != SEARCH_BUTTON.lower()]
        if names and not mask["has_search_bar"]:
            return click(names[int(self.np_random.integers(len(names)))])
        catalogue = self._shop.catalogue
        row = int(self.np_random.integers(len(catalogue)))
        words = catalogue.listing(row).title.split() or ["x"]
        count = int(self.np_random.integers(1, len(words) + 1))
        return search(" ".join(words[:count]))

    def __repr__(self) -> str:
        return "ActionTexts()"
