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
from shopwright.errors import AgentError

# Words that a larger share of the requests has ("find me", "price") say nothing of a product.
COMMON_SHARE = 0.25
ONE = 127  # the integer that stands for 1
# Words are kept in half as many dimensions as the shop's texts: twice as many purchases fit.
WORD_DIMENSIONS = 64
# Names, types and dimensions of what it is kept as.
_ARRAYS = {
    "vectors": (np.int8, 2),
    "tokens": (np.int32, 1),
    "states": (np.int8, 2),
    "offsets": (np.int64, 1),
    "mean": (np.float32, 1),
    "components": (np.float32, 2),
}


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
    """A request as the history takes it in.

    Attributes:
        vector: float32, (dimensions,): its :func:`sentence_vector`.
        tokens: int32, (tokens,); below 0 for what is no token; may be empty.
        states: float32, (tokens, projected dimensions), unit length.
    """

    vector: np.ndarray
    tokens: np.ndarray
    states: np.ndarray


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
            asins: each purchase's product.
            requests: each purchase's request, in the same order.
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
        arrays = {name: getattr(self, name, None) for name in _ARRAYS}
        arrays |= {"mean": self.projection.mean, "components": self.projection.components}
        return {
            "asins": torch.from_numpy(names),
            **{
                name: torch.from_numpy(np.ascontiguousarray(values))
                for name, values in arrays.items()
            },
        }

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> PurchaseHistory:
        """Return the history that :meth:`tensors` gave.

        Raises:
            AgentError: they are none.
        """
        try:
            asins = json.loads(tensors["asins"].numpy().tobytes())
            arrays = {name: tensors[name].numpy() for name in _ARRAYS}
        except (KeyError, ValueError, TypeError) as error:
            raise AgentError(
                f"history: expected asins and {', '.join(_ARRAYS)}, got {error!r}"
            ) from None
        if not isinstance(asins, list) or not all(isinstance(asin, str) for asin in asins):
            raise AgentError(f"history: expected a list of asins, got {asins!r:.60}")
        for name, (dtype, dimensions) in _ARRAYS.items():
            found = arrays[name]
            if found.dtype != dtype or found.ndim != dimensions:
                raise AgentError(
                    f"history, {name}: expected {np.dtype(dtype)} of {dimensions} dimensions, got "
                    f"{found.dtype} of shape {found.shape}"
                )
        projection = Projection(arrays.pop("mean"), arrays.pop("components"))
        history = cls(tuple(asins), **arrays, projection=projection)
        fits = (
            len(history.vectors) == len(asins) == len(history.offsets) - 1
            and len(history.states) == len(history.tokens) == history.offsets[-1]
            and history.offsets[0] == 0
            and bool((np.diff(history.offsets) >= 0).all())
            and projection.components.shape == (len(projection.mean), history.states.shape[1])
            and history.vectors.shape[1] == len(projection.mean)
        )
        if not fits:
            shapes = {name: values.shape for name, values in arrays.items()}
            raise AgentError(
                f"history: expected a vector and words for each of {len(asins)} purchases, got "
                f"{shapes}"
            )
        return history
