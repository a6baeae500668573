"""The projection of token states to fewer dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Projection:
    """A linear map of states to fewer dimensions: principal components of a shop's own tokens.

    Attributes:
        mean: float32, (dimensions,).
        components: float32, (dimensions, projected dimensions).
    """

    mean: np.ndarray
    components: np.ndarray

    @classmethod
    def fit(cls, states: np.ndarray, dimensions: int) -> Projection:
        """Return the projection on the principal components of states, (tokens, dimensions)."""
        mean = states.mean(axis=0)
        centred = (states - mean).astype(np.float64)
        _, vectors = np.linalg.eigh(centred.T @ centred)
        components = vectors[:, ::-1][:, :dimensions]
        return cls(mean.astype(np.float32), np.ascontiguousarray(components, dtype=np.float32))

    def narrowed(self, dimensions: int) -> Projection:
        """Return the projection on the first of its components, as many as there are at most."""
        return Projection(self.mean, np.ascontiguousarray(self.components[:, :dimensions]))

    def apply(self, states: np.ndarray) -> np.ndarray:
        """Return states projected and of unit length, float32, (tokens, projected dimensions)."""
        projected = (states - self.mean) @ self.components
        length = np.linalg.norm(projected, axis=-1, keepdims=True)
        unit: np.ndarray = projected / np.maximum(length, 1e-6)
        return unit.astype(np.float32)
