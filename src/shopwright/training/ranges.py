"""The ranges of settings, checked before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Mapping

from shopwright.errors import InputError

# What most trainers have: name → least and greatest value.
COMMON: Mapping[str, tuple[float, float]] = {
    "updates": (1, math.inf),
    "steps": (1, math.inf),
    "episodes": (1, math.inf),
    "epochs": (1, math.inf),
    "minibatches": (1, math.inf),
    "batch_size": (1, math.inf),
    "rank": (1, math.inf),
    "wrong": (1, math.inf),
    "request_tokens": (1, math.inf),
    "product_tokens": (1, math.inf),
    "imitation_batch": (1, math.inf),
    "goals": (1, math.inf),
    "purchases": (2, math.inf),
    "step_limit": (2, math.inf),
    "discount": (0, 1),
    "trace_decay": (0, 1),
    "warmup_share": (0, 1),
    "word_dropout": (0, 1),
    "label_smoothing": (0, 0.5),
    "value_weight": (0, math.inf),
    "entropy_weight": (0, math.inf),
    "imitation_weight": (0, math.inf),
    "kl_weight": (0, math.inf),
    "weight_decay": (0, math.inf),
    "dev_goals": (0, math.inf),
    "evaluate_every": (1, math.inf),
    "log_every": (1, math.inf),
    "checkpoint_every": (1, math.inf),
    "threads": (0, math.inf),
}
ABOVE_0 = (
    "minutes",
    "learning_rate",
    "value_learning_rate",
    "gradient_norm",
    "clip",
    "temperature",
)


def check_ranges(config: object) -> None:
    """Check all settings of a configuration that have a range.

    Args:
        config: a dataclass.

    Raises:
        InputError: a value is outside; the message names it.
    """
    for name, (least, most) in COMMON.items():
        value = getattr(config, name, None)
        if value is not None and not least <= value <= most:
            bounds = f"{least:g} to {most:g}" if most < math.inf else f"at least {least:g}"
            raise InputError(f"{name}: expected {bounds}, got {value}")
    for name in ABOVE_0:
        value = getattr(config, name, None)
        if value is not None and not 0 < value < math.inf:
            raise InputError(f"{name}: expected a number above 0, got {value}")
