"""Training methods by name: where each one's function is, and its configuration.

The command line derives a method's flags from the parameters of its function, beside those that all
share (:mod:`shopwright.training.methods`), and from the fields of its configuration.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

OWN = ("shop", "out", "config", "progress")


class Method(NamedTuple):
    """A way to train.

    Attributes:
        train: the function.
        config: the configuration's class.
        inputs: what it learns from, and whether it is needed.
    """

    train: Callable[..., dict[str, Any]]
    config: type[Any]
    inputs: dict[str, bool]


# Name → module below `shopwright`, function, configuration.
METHODS = {
    "recipe": ("training.recipe", "train_default", "RecipeConfig"),
    "imitation": ("training.methods.imitation", "train_imitation", "ImitationConfig"),
    "dpo": ("training.methods.dpo", "train_dpo", "DPOConfig"),
    "encoder": ("training.methods.encoder", "train_encoder", "AdaptationConfig"),
    "policy-gradient": (
        "training.methods.policy_gradient", "train_policy_gradient", "PolicyGradientConfig",
    ),
    "ppo": ("training.methods.ppo", "train_ppo", "PPOConfig"),
    "paper-dpo": ("training.methods.paper_dpo", "train_paper_dpo", "PaperDPOConfig"),
    "reward-model": ("training.methods.reward_model", "train_reward_model", "RewardModelConfig"),
    "no-pretraining": ("training.methods.scratch", "train_scratch", "ScratchTrainingConfig"),
    "query": ("training.methods.query", "train_query", "QueryConfig"),
    "sft": ("training.methods.sft", "train_sft", "SFTConfig"),
    "feedback": ("customers.feedback.training", "train_feedback", "FeedbackConfig"),
    "language-dpo": ("training.methods.language_dpo", "train_language_dpo", "LanguageDPOConfig"),
}  # fmt: skip


def load_method(name: str) -> Method:
    """Return a method of :data:`METHODS`; only now it is imported, and torch with it."""
    module_name, function, config = METHODS[name]
    module = import_module(f"shopwright.{module_name}")
    train = getattr(module, function)
    inputs = {
        name: parameter.default is parameter.empty
        for name, parameter in inspect.signature(train).parameters.items()
        if name not in OWN
    }
    return Method(train, getattr(module, config), inputs)
