"""What an agent has bought for which requests: its experience with the catalogue's products.

A product that fulfilled a request in training is likely to fulfil one like it, whatever its texts
say: nearest neighbours among past requests, by the language model's sentence vectors; and, word by
word, late interaction with what it was asked for with. Published relatives: k-nearest-neighbour
language models (Khandelwal et al., 2020), neural episodic control (Pritzel et al., 2017).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from shopwright.encoding.projection import Projection

# Words that a larger share of the requests has ("find me", "price") say nothing of a product.
COMMON_SHARE = 0.25
ONE = 127  # the integer that stands for 1
# Words are kept in half as many dimensions as the shop's texts: twice as many purchases fit.
WORD_DIMENSIONS = 64
_ARRAYS = ("vectors", "tokens", "states", "offsets")


def sentence_vector(hidden: np.ndarray) -> np.ndarray:
    """Return the unit vector, float32 (dimensions,), of token states (tokens, dimensions); zeros
    for zeros and for no tokens."""
    mean: np.ndarray = hidden.sum(axis=0) / np.float32(max(1, len(hidden)))
    mean /= max(float(np.linalg.norm(mean)), 1e-9)
    return mean


def of_unit_length(vectors: np.ndarray) -> np.ndarray:
    """Return vectors, (count, dimensions), with their directions, float32; zeros for zeros."""
    found = vectors.astype(np.float32)
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
    return found


class PastRequest(NamedTuple):
    """A request as the history takes it in."""

    vector: np.ndarray  # float32, (dimensions,): its :func:`sentence_vector`
    tokens: np.ndarray  # int32, (tokens,); below 0 for what is no token; may be empty
    states: np.ndarray  # float32, (tokens, projected dimensions), unit length


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """Past requests and the products that fulfilled them.

    Attributes:
        asins: each purchase's product.
        vectors: int8, (purchases, dimensions): the direction of each request's
            :func:`sentence_vector`; its largest number is :data:`ONE`, or minus that.
        tokens: int32, (tokens,): all requests' tokens but common ones, one after the other.
        states: int8, (tokens, projected dimensions): their states, :data:`ONE` for 1.
        offsets: int64, (purchases + 1,): where each request's begin.
        projection: by which the states came about. It is of the shop where they were bought: in
            another shop, states of that one's own projection would mean something else.
    """

    asins: tuple[str, ...]
    vectors: np.ndarray
    tokens: np.ndarray
    states: np.ndarray
    offsets: np.ndarray
    projection: Projection

    @classmethod
    def of(
        cls, asins: Sequence[str], requests: Iterable[PastRequest], projection: Projection
    ) -> PurchaseHistory:
        """Return the history of purchases, at least one.

        Args:
            projection: by which their states came about. Of its dimensions the first
                :data:`WORD_DIMENSIONS` are kept.
        """
        vectors, tokens, states = [], [], []
        for request in requests:
            largest = max(float(np.abs(request.vector).max()), 1e-9)
            vectors.append(np.rint(request.vector * (ONE / largest)).astype(np.int8))
            # A word that stands twice says nothing more.
            distinct, first = np.unique(request.tokens, return_index=True)
            tokens.append(distinct)
            narrow = of_unit_length(request.states[first, :WORD_DIMENSIONS])
            states.append(np.rint(narrow * ONE).astype(np.int8))
        assert len(tokens) == len(asins)
        distinct, counts = np.unique(np.concatenate(tokens), return_counts=True)
        common = distinct[counts > max(1.0, COMMON_SHARE * len(asins))]
        telling = [(own >= 0) & ~np.isin(own, common) for own in tokens]
        return cls(
            asins=tuple(asins),
            vectors=np.array(vectors),
            tokens=np.concatenate(
                [own[kept] for own, kept in zip(tokens, telling, strict=True)]
            ).astype(np.int32),
            states=np.concatenate([own[kept] for own, kept in zip(states, telling, strict=True)]),
            offsets=np.cumsum([0, *(int(kept.sum()) for kept in telling)]).astype(np.int64),
            projection=projection.narrowed(WORD_DIMENSIONS),
        )

    def tensors(self) -> dict[str, Tensor]:
        """Return it as tensors, for a safetensors file."""
        names = np.frombuffer(json.dumps(self.asins).encode(), dtype=np.uint8).copy()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {"mean": self.projection.mean, "components": self.projection.components}
        kept = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
        return {name: torch.from_numpy(values) for name, values in {"asins": names, **kept}.items()}

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> PurchaseHistory:
        """Return the history that :meth:`tensors` gave."""
        asins = json.loads(tensors["asins"].numpy().tobytes())
        arrays = {name: tensors[name].numpy() for name in _ARRAYS}
        projection = Projection(tensors["mean"].numpy(), tensors["components"].numpy())
        history = cls(tuple(asins), **arrays, projection=projection)
        offsets = history.offsets
        if not (
            len(asins) == len(history.vectors) == len(offsets) - 1
            and all(isinstance(asin, str) for asin in asins)
            and offsets[0] == 0
            and (offsets[1:] >= offsets[:-1]).all()
            and offsets[-1] == len(history.tokens) == len(history.states)
        ):
            raise ValueError("arrays of a purchase history that do not go together")
        return history
