"""A Gymnasium space of texts without limits on their characters."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np

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
