"""A text as a language model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text as the language model sees it, without the special tokens at its ends."""

    tokens: np.ndarray  # int32, (tokens,): vocabulary numbers
    states: np.ndarray  # float32, (tokens, dimensions): the last hidden layer

    @classmethod
    def of(cls, tokens: Sequence[int], states: Tensor) -> EncodedText:
        """Return a text of its tokens and their states, of which a copy is kept.

        Args:
            states: float32, (tokens or more, dimensions): those behind the tokens are padding.
        """
        kept = states[: len(tokens)].cpu().numpy().copy()
        return cls(np.array(tokens, dtype=np.int32), kept)
