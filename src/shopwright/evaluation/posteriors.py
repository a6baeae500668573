"""Two conjugate posteriors: of a success rate, and of a mean.

Both are immutable; an observation gives a new one. Intervals are of equal tails, read off draws of
the rng that the caller gives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shopwright.intervals import Interval

_DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class BetaPosterior:
    """The posterior of a success rate: a Beta distribution.

    Attributes:
        successes, failures: its parameters α and β, prior included; 1 and 1 hold every rate
            equally likely.

    Source: Thompson, "On the likelihood that one unknown probability exceeds another in view of
    the evidence of two samples", Biometrika 25 (1933).
    """

    successes: float = 1.0
    failures: float = 1.0

    def observe(self, success: bool) -> BetaPosterior:
        """Return the posterior after another trial."""
        if success:
            return replace(self, successes=self.successes + 1.0)
        return replace(self, failures=self.failures + 1.0)

    def draw(self, rng: np.random.Generator) -> float:
        """Return a rate drawn from the posterior."""
        return float(rng.beta(self.successes, self.failures))

    def interval(self, rng: np.random.Generator) -> Interval:
        """Return an interval that holds the rate with a probability of 95 %."""
        return Interval.of_draws(rng.beta(self.successes, self.failures, size=_DRAWS))


@dataclass(frozen=True, slots=True)
class NormalInverseGamma:
    """The posterior of the mean of values whose variance is unknown too.

    The variance σ² is inverse-gamma with ``shape`` and ``scale``, and the mean, given σ², normal
    around ``mean`` with variance σ² / ``weight``.

    Attributes:
        mean: the expected mean.
        weight: of the mean, in observations, above 0.
        shape, scale: of the variance, above 0.

    Source: Murphy, "Conjugate Bayesian analysis of the Gaussian distribution", 2007, section 6;
    as the posterior of a Thompson sampler: Honda & Takemura, 2014.
    """

    mean: float = 0.5
    weight: float = 1.0
    shape: float = 1.0
    scale: float = 0.1

    def observe(self, value: float) -> NormalInverseGamma:
        """Return the posterior after another value (Murphy, equations 200 to 203)."""
        weight = self.weight + 1.0
        return NormalInverseGamma(
            mean=(self.weight * self.mean + value) / weight,
            weight=weight,
            shape=self.shape + 0.5,
            scale=self.scale + 0.5 * self.weight / weight * (value - self.mean) ** 2,
        )

    def draw(self, rng: np.random.Generator) -> float:
        """Return a mean drawn from the posterior: first a variance, then a mean."""
        return float(self._draws(rng, 1)[0])

    def interval(self, rng: np.random.Generator) -> Interval:
        """Return an interval that holds the mean with a probability of 95 %."""
        return Interval.of_draws(self._draws(rng, _DRAWS))

    def _draws(self, rng: np.random.Generator, count: int) -> np.ndarray:
        variances = self.scale / rng.gamma(self.shape, size=count)
        means: np.ndarray = rng.normal(self.mean, np.sqrt(variances / self.weight))
        return means
