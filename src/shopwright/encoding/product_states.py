"""The token states of one product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shopwright.encoding.option_spans import OptionSpans

# "kind" is what the catalogue says beside the pages: categories and attributes.
FIELDS = ("title", "bullets", "description", "kind", "options")
ONE = 127  # the integer that stands for 1


@dataclass(frozen=True, slots=True)
class ProductStates:
    """A product's tokens by field.

    Attributes:
        tokens: int32, (tokens,): all fields' tokens, one field after the other.
        states: int8, (tokens, dimensions), :data:`ONE` for 1.
        starts: int64, (fields + 1,): where each field begins.
        option_starts: int64, (options + 1,): where each option's text begins, from the start of
            the options field.
        option_skips: int64, (options,): how many of its first tokens name the group.
        option_spans: where the options' values stand.
    """

    tokens: np.ndarray
    states: np.ndarray
    starts: np.ndarray
    option_starts: np.ndarray
    option_skips: np.ndarray
    option_spans: OptionSpans

    @classmethod
    def of(
        cls, tokens: Sequence[np.ndarray], states: Sequence[np.ndarray], skips: np.ndarray
    ) -> ProductStates:
        """Return the states of a product from those of its texts: its fields without the options,
        in order, then each option.

        Args:
            tokens: int32, (tokens,) each.
            states: int8, (tokens, dimensions) each, :data:`ONE` for 1.
            skips: int64, (options,): how many of an option's first tokens name the group.
        """
        joined = np.concatenate(tokens)
        ends = np.cumsum([0, *map(len, tokens)])
        starts = np.array([*ends[: len(FIELDS)], ends[-1]], dtype=np.int64)
        option_starts = ends[len(FIELDS) - 1 :] - ends[len(FIELDS) - 1]
        return cls(
            tokens=joined,
            states=np.concatenate(states),
            starts=starts,
            option_starts=option_starts,
            option_skips=skips,
            option_spans=OptionSpans.of(joined[starts[-2] :], option_starts, skips),
        )
