"""What an agent has bought for which requests: its experience with the catalogue's products.

A product that fulfilled a request in training is likely to fulfil one like it, whatever its texts
say: nearest neighbours among past requests, by the language model's sentence vectors. Published
relatives: k-nearest-neighbour language models (Khandelwal et al., 2020), neural episodic control
(Pritzel et al., 2017).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from shopwright.catalogue.storage import Catalogue
from shopwright.errors import AgentError

# Per product: whether it was ever bought; how near its nearest request is; and that, less the
# nearest of any product.
HISTORY_FEATURES = 3
# The share of requests in training that meet a product without history.
FORGOTTEN = 0.4
# Cosines above this are of the same request.
SAME_REQUEST = 0.9995
_SMALLEST_DISTANCE = 0.01


def sentence_vector(hidden: np.ndarray) -> np.ndarray:
    """Return the unit vector, float32 (dimensions,), of token states (tokens, dimensions); zeros
    stay."""
    mean: np.ndarray = hidden.mean(axis=0)
    mean /= max(float(np.linalg.norm(mean)), 1e-9)
    return mean


def _share(request: str) -> float:
    """A number from 0 to 1 that only depends on the request."""
    digest = hashlib.sha256(request.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


@dataclass(frozen=True, slots=True)
class PurchaseHistory:
    """Past requests and the products that fulfilled them.

    Attributes:
        asins: each purchase's product.
        vectors: float16, (purchases, dimensions): each request's :func:`sentence_vector`.
    """

    asins: tuple[str, ...]
    vectors: np.ndarray

    def tensors(self) -> dict[str, Tensor]:
        """Return it as tensors, for a safetensors file."""
        names = np.frombuffer(json.dumps(self.asins).encode(), dtype=np.uint8).copy()
        vectors = torch.from_numpy(np.ascontiguousarray(self.vectors))
        return {"asins": torch.from_numpy(names), "vectors": vectors}

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor]) -> PurchaseHistory:
        """Return the history that :meth:`tensors` gave.

        Raises:
            AgentError: they are none.
        """
        try:
            asins = tuple(json.loads(tensors["asins"].numpy().tobytes()))
            vectors = tensors["vectors"].numpy()
        except (KeyError, ValueError) as error:
            raise AgentError(f"history: expected asins and vectors, got {error!r}") from None
        if vectors.ndim != 2 or len(vectors) != len(asins):
            raise AgentError(
                f"history: expected a vector for each of {len(asins)} purchases, got "
                f"{tuple(vectors.shape)}"
            )
        return cls(asins, vectors)


def practising(history: PurchaseHistory | None, catalogue: Catalogue) -> Recall | None:
    """Return how a history is recalled while a policy that has it learns on: not what was bought
    for the very request, and sometimes as if the right product had never been bought."""
    if history is None:
        return None
    return Recall(history, catalogue, leave_out_same=True, forgotten=FORGOTTEN)


@dataclass
class Recall:
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
        self._vectors = self.history.vectors[self._numbers].astype(np.float32)
        ordered = np.array([rows[number] for number in known], dtype=np.int64)
        bought, self._starts = np.unique(ordered, return_index=True)
        self._place_of = {row: place for place, row in enumerate(bought.tolist())}
        self._lately: tuple[str | None, np.ndarray] = (None, np.zeros(0, dtype=np.float32))

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
            nearness = self._nearness(request, vector)
            own = nearness[[place for place in places if place >= 0]]
            remembered = np.isfinite(own)
            own = np.where(remembered, own, 0.0)
            highest = nearness.max() if remembered.any() else 0.0
            found[known] = np.stack([remembered, own, (own - highest) * remembered], axis=1)
        return found

    def _nearness(self, request: str, vector: np.ndarray) -> np.ndarray:
        """The nearest request of each product that was ever bought; −inf for products of which
        nothing counts."""
        lately = self._lately  # Other threads may replace it.
        if request != lately[0]:
            cosines = self._vectors @ vector
            if self.leave_out_same:
                cosines[cosines > SAME_REQUEST] = -np.inf
            if request in self.left_out:
                cosines[np.isin(self._numbers, self.left_out[request])] = -np.inf
            best = np.maximum.reduceat(cosines, self._starts)
            if _share(request) < self.forgotten:
                best[best.argmax()] = -np.inf
            # Nearly all cosines are high: what matters is how much is missing to 1.
            distances = (1.0 - best).clip(min=0.0) + _SMALLEST_DISTANCE
            self._lately = lately = (request, -np.log(distances))
        return lately[1]
