"""On a shop of three products every method reaches the optimum within seconds, from weights that
succeed at nothing; with the sign of its loss flipped none does."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from shopwright.agents.registry import open_agent
from shopwright.evaluation.episodes import evaluate
from shopwright.rollouts.preferences import PreferencesConfig, generate_preferences
from shopwright.shop.shop import Shop
from shopwright.training.learner import new_learner
from shopwright.training.methods.dpo import DPOConfig, train_dpo
from shopwright.training.methods.imitation import ImitationConfig, train_imitation
from shopwright.training.methods.paper_dpo import PaperDPOConfig, train_paper_dpo
from shopwright.training.methods.policy_gradient import PolicyGradientConfig, train_policy_gradient
from shopwright.training.methods.ppo import PPOConfig, train_ppo
from shopwright.training.methods.term_weights import TermWeightConfig
from tiny import perfect_trajectories

QUIET = {"dev_goals": 0, "threads": 1}
Train = Callable[[Shop, Path, Path], object]


@pytest.fixture(scope="module")
def untrained(tiny_shop, tiny_model_folder, tmp_path_factory):
    """A run folder of an agent with random weights."""
    folder = tmp_path_factory.mktemp("untrained")
    learner = new_learner(tiny_shop, str(tiny_model_folder), seed=0)
    learner.write(folder, learner.policy, {"operation": "untrained"})
    assert successes(folder, tiny_shop) == 0
    return folder


def successes(folder, shop, *, passes=0):
    """How many goals the agent fulfils when it does what it finds best; or, with passes, the mean
    when it samples."""
    agent, goals = open_agent(str(folder), shop), list(shop.goals)
    if not passes:
        return evaluate(agent, shop, goals).successes
    each = [evaluate(agent, shop, goals, sample=True, seed=n).successes for n in range(passes)]
    return sum(each) / passes


def imitate(shop, start, out):
    import orjson

    model = orjson.loads((start / "agent.json").read_bytes())["language_model"]["name"]
    config = ImitationConfig(
        language_model=model,
        steps=80,
        action_steps=150,
        long_practice=0,
        perturbations=2,
        rewordings=0,
        learning_rate=1e-2,
        processes=1,
        term_weights=TermWeightConfig(steps=20),
        **QUIET,
    )
    train_imitation(shop, perfect_trajectories(shop), out, config)


def policy_gradient(shop, start, out):
    config = PolicyGradientConfig(updates=32, episodes=16, learning_rate=2e-2, **QUIET)
    train_policy_gradient(shop, list(shop.goals), out, config, start=start)


def ppo(shop, start, out):
    config = PPOConfig(updates=10, episodes=16, learning_rate=2e-2, **QUIET)
    train_ppo(shop, list(shop.goals), out, config, start=start)


def paper_dpo(**settings):
    def train(shop, start, out):
        config = PaperDPOConfig(
            steps=40, episodes=4, learning_rate=1e-2, log_every=10, **settings, **QUIET
        )
        train_paper_dpo(shop, start, out, config, trajectories=perfect_trajectories(shop))

    return train


def dpo(shop, start, out):
    config = DPOConfig(steps=20, imitation_weight=0.0, learning_rate=1e-2, processes=1, **QUIET)
    train_dpo(shop, perfect_trajectories(shop), start, out, config)


METHODS = {
    "imitation": (imitate, "dagger", "imitation_loss"),
    "policy gradient": (policy_gradient, "policy_gradient", "policy_gradient_loss"),
    "PPO": (ppo, "ppo", "clipped_policy_loss"),
    "DPO in rounds": (dpo, "dpo", "dpo_loss"),
    "DPO": (paper_dpo(), "paper_dpo", "dpo_loss"),
    "conservative DPO": (paper_dpo(label_smoothing=0.1), "paper_dpo", "dpo_loss"),
    "IPO": (paper_dpo(loss="ipo"), "paper_dpo", "ipo_loss"),
}


def flip(monkeypatch, module, name):
    """Flips the sign of a loss where a trainer uses it."""
    training = importlib.import_module(f"shopwright.training.methods.{module}")
    loss = getattr(training, name)
    monkeypatch.setattr(training, name, lambda *given, **named: -loss(*given, **named))


def each_method(*slow):
    """All methods, of which some take long."""
    return [pytest.param(n, marks=[pytest.mark.slow] if n in slow else []) for n in METHODS]


@pytest.mark.parametrize("name", each_method("policy gradient", "PPO"))
def test_every_method_reaches_the_optimum(name, tiny_shop, untrained, tmp_path):
    train, _, _ = METHODS[name]
    train(tiny_shop, untrained, tmp_path / "run")
    assert successes(tmp_path / "run", tiny_shop) == len(tiny_shop.goals)
    if name in CHOOSE_AT_ONCE:
        agent = open_agent(str(tmp_path / "run"), tiny_shop)
        answered = evaluate(agent, tiny_shop, list(tiny_shop.goals), protocol="catalogue")
        assert answered.successes == len(tiny_shop.goals)


# Methods that learn from choices among all results, too.
CHOOSE_AT_ONCE = ("imitation", "DPO in rounds", "DPO", "conservative DPO", "IPO")


@pytest.mark.parametrize(
    "name", each_method("imitation", "policy gradient", "PPO", "DPO in rounds")
)
def test_none_does_with_the_sign_of_its_loss_flipped(
    name, tiny_shop, untrained, tmp_path, monkeypatch
):
    train, module, loss = METHODS[name]
    flip(monkeypatch, module, loss)
    train(tiny_shop, untrained, tmp_path / "run")
    assert successes(tmp_path / "run", tiny_shop) < len(tiny_shop.goals) / 2


@pytest.fixture(scope="module")
def half_trained(tiny_shop, untrained, tmp_path_factory):
    """The run folder of a DPO agent that often fails when it samples its actions."""
    folder = tmp_path_factory.mktemp("half") / "run"
    config = PaperDPOConfig(steps=30, episodes=2, learning_rate=1e-2, **QUIET)
    trajectories = perfect_trajectories(tiny_shop)
    train_paper_dpo(tiny_shop, untrained, folder, config, trajectories=trajectories)
    return folder


def on_generated_preferences(shop, start, out):
    generated = generate_preferences(
        open_agent(str(start), shop),
        shop,
        list(shop.goals),
        PreferencesConfig(pairs=400, rollouts=24),
    )
    config = PaperDPOConfig(steps=80, episodes=4, learning_rate=5e-3, **QUIET)
    train_paper_dpo(shop, start, out, config, preferences=generated.pairs)


@pytest.mark.slow
def test_a_dpo_agent_gets_better_by_preferences_that_it_generates(
    tiny_shop, half_trained, tmp_path
):
    before = successes(half_trained, tiny_shop, passes=3)
    on_generated_preferences(tiny_shop, half_trained, tmp_path / "run")
    assert before < successes(tmp_path / "run", tiny_shop, passes=3)
    assert successes(tmp_path / "run", tiny_shop) == len(tiny_shop.goals)


@pytest.mark.slow
def test_it_gets_worse_by_them_with_the_sign_flipped(
    tiny_shop, half_trained, tmp_path, monkeypatch
):
    flip(monkeypatch, "paper_dpo", "dpo_loss")
    before = successes(half_trained, tiny_shop, passes=3)
    on_generated_preferences(tiny_shop, half_trained, tmp_path / "run")
    assert before > successes(tmp_path / "run", tiny_shop, passes=3)
