"""What an agent has bought for which requests: its experience with the catalogue's products.

A product that fulfilled a request in training is likely to fulfil one like it, whatever its texts
say: nearest neighbours among past requests, by the language model's sentence vectors; and, word by
word, late interaction with what it was asked for with. Published relatives: k-nearest-neighbour
language models (Khandelwal et al., 2020), neural episodic control (Pritzel et al., 2017).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from shopwright.catalogue.storage import Catalogue
from shopwright.encoding.projection import Projection
from shopwright.errors import AgentError

# Per product: whether it was ever bought; how near its nearest request is; and that, less the
# nearest of any product.
HISTORY_FEATURES = 3
# The least share of requests in training that meet a product without history.
FORGOTTEN = 0.4
# Cosines above this are of the same request.
SAME_REQUEST = 0.9995
# Words that a larger share of the requests has ("find me", "price") say nothing of a product.
COMMON_SHARE = 0.25
_SMALLEST_DISTANCE = 0.01
ONE = 127  # the integer that stands for 1
# Words are kept in half as many dimensions as the shop's texts: an agent remembers twice as much.
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


def _of_unit_length(vectors: np.ndarray) -> np.ndarray:
    """Return vectors, (count, dimensions), with their directions, float32; zeros for zeros."""
    found = vectors.astype(np.float32)
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
    return found


def _share(request: str) -> float:
    """A number from 0 to 1 that only depends on the request."""
    digest = hashlib.sha256(request.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


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

    def __deepcopy__(self, memo: object) -> PurchaseHistory:
        return self  # Nothing in it ever changes, and it is large.

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
            narrow = _of_unit_length(request.states[first, :WORD_DIMENSIONS])
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


def forgotten_share(
    asins: Iterable[str], catalogue: Catalogue, *, least: float = FORGOTTEN
) -> float:
    """Return which share of requests in training should meet a right product without history: as
    many as there are products without one, or having one would speak for a product by itself.

    Args:
        asins: what was bought.
        catalogue: the shop's products.
        least: the least share: a fraction, 0 to 1.
    """
    bought = sum(catalogue.row_of(asin) is not None for asin in set(asins))
    return max(least, 1.0 - bought / len(catalogue))


def practising(history: PurchaseHistory | None, catalogue: Catalogue) -> Retriever | None:
    """Return how a history is recalled while a policy that has it learns on: not what was bought
    for the very request, and sometimes as if the right product had never been bought."""
    if history is None:
        return None
    forgotten = forgotten_share(history.asins, catalogue)
    return Retriever(history, catalogue, leave_out_same=True, forgotten=forgotten)


@dataclass
class Retriever:
    """A purchase history in a shop: how near a request is to those that a product fulfilled.

    Products that the shop does not have are passed over.

    Attributes:
        history: the history.
        catalogue: the shop's products.
        left_out: request → numbers of the purchases that do not count for it. In training a
            request must not be told what was bought for itself.
        leave_out_same: whether purchases for just the same request do not count either.
        forgotten: the share of requests, decided by hash, for which the product with the nearest
            request counts as never bought: so training meets products without history.
    """

    history: PurchaseHistory
    catalogue: Catalogue
    left_out: Mapping[str, np.ndarray] = field(default_factory=dict)
    leave_out_same: bool = False
    forgotten: float = 0.0

    def __post_init__(self) -> None:
        rows = [self.catalogue.row_of(asin) for asin in self.history.asins]
        known = [number for number, row in enumerate(rows) if row is not None]
        known.sort(key=lambda number: rows[number])  # type: ignore[arg-type, return-value]
        self._numbers = np.array(known, dtype=np.int64)
        self._vectors = _of_unit_length(self.history.vectors[self._numbers])
        ordered = np.array([rows[number] for number in known], dtype=np.int64)
        self._bought, self._starts = np.unique(ordered, return_index=True)
        self._ends = np.append(self._starts[1:], len(known))
        self._place_of = {row: place for place, row in enumerate(self._bought.tolist())}
        self._lately = _Recalled(None, np.zeros(0, np.float32), np.zeros(0, np.bool_))

    def asked(self, tokens: np.ndarray, hidden: np.ndarray) -> PastRequest:
        """Return a request as this history compares it with past ones.

        Args:
            tokens: int32, (tokens,). hidden: float32, (tokens, dimensions): the language model's
                states.
        """
        return PastRequest(sentence_vector(hidden), tokens, self.history.projection.apply(hidden))

    def nearest(self, request: str, vector: np.ndarray, count: int) -> list[int]:
        """Return the rows of the products that fulfilled the requests most like this one, nearest
        first.

        Args:
            request: the request; vector: its sentence vector.
            count: how many at most.
        """
        if not self._place_of:
            return []
        nearness = self._recalled(request, vector).nearness
        order = np.argsort(-nearness, kind="stable")[:count]
        rows: list[int] = self._bought[order[np.isfinite(nearness[order])]].tolist()
        return rows

    def features(self, request: str, vector: np.ndarray, rows: Sequence[int]) -> np.ndarray:
        """Return float32, (rows, :data:`HISTORY_FEATURES`), for products by row.

        Args:
            request: the request; vector: its sentence vector.
            rows: the products'.
        """
        found = np.zeros((len(rows), HISTORY_FEATURES), dtype=np.float32)
        places = [self._place_of.get(row, -1) for row in rows]
        known = np.array([place >= 0 for place in places])
        if known.any():
            nearness = self._recalled(request, vector).nearness
            own = nearness[[place for place in places if place >= 0]]
            remembered = np.isfinite(own)
            own = np.where(remembered, own, 0.0)
            highest = nearness.max() if remembered.any() else 0.0
            found[known] = np.stack([remembered, own, (own - highest) * remembered], axis=1)
        return found

    def evidence(self, request: str, asked: PastRequest, rows: Sequence[int]) -> np.ndarray:
        """Return how each token of a request meets those of the past requests that a product
        fulfilled: float16, (request tokens, rows, 2): the best cosine similarity, and whether the
        token itself is among them; zeros for products of which nothing counts, or nothing but
        common words.

        Args:
            request: the request; asked: the same as :meth:`asked` gives it.
            rows: the products'.
        """
        found = np.zeros((len(asked.tokens), len(rows), 2), dtype=np.float16)
        spans, lengths, filled = [], [], []
        places = {
            number: self._place_of[row] for number, row in enumerate(rows) if row in self._place_of
        }
        if not places:
            return found
        counts = self._recalled(request, asked.vector).counts
        for number, place in places.items():
            begin, end = self._starts[place], self._ends[place]
            own = [
                np.arange(self.history.offsets[purchase], self.history.offsets[purchase + 1])
                for purchase in self._numbers[begin:end][counts[begin:end]].tolist()
            ]
            if sum(map(len, own)):
                spans += own
                lengths.append(sum(map(len, own)))
                filled.append(number)
        if filled:
            words = np.concatenate(spans)
            begins = np.cumsum([0, *lengths[:-1]])
            states = self.history.states[words].astype(np.float32) / np.float32(ONE)
            equal = asked.tokens[:, None] == self.history.tokens[words]
            found[:, filled, 0] = np.maximum.reduceat(asked.states @ states.T, begins, axis=1)
            found[:, filled, 1] = np.logical_or.reduceat(equal, begins, axis=1)
        return found

    def _recalled(self, request: str, vector: np.ndarray) -> _Recalled:
        lately = self._lately  # Other threads may replace it.
        if request != lately.request:
            cosines = self._vectors @ vector
            if self.leave_out_same:
                cosines[cosines > SAME_REQUEST] = -np.inf
            if request in self.left_out:
                cosines[np.isin(self._numbers, self.left_out[request])] = -np.inf
            best = np.maximum.reduceat(cosines, self._starts)
            if _share(request) < self.forgotten:
                nearest = best.argmax()
                best[nearest] = -np.inf
                cosines[self._starts[nearest] : self._ends[nearest]] = -np.inf
            # Nearly all cosines are high: what matters is how much is missing to 1.
            distances = (1.0 - best).clip(min=0.0) + _SMALLEST_DISTANCE
            self._lately = lately = _Recalled(request, -np.log(distances), np.isfinite(cosines))
        return lately


class _Recalled(NamedTuple):
    """What a request brings to mind.

    Attributes:
        request: the request.
        nearness: float32, (products bought,): each one's nearest request; −inf for those of which
            nothing counts.
        counts: bool, (purchases of the shop's products,): whether they count for the request.
    """

    request: str | None
    nearness: np.ndarray
    counts: np.ndarray
