"""Experience: what is recorded is what happened, whoever shops beside."""

from __future__ import annotations

import random

import pytest

torch = pytest.importorskip("torch")

from shopwright.agents.learned import LearnedAgent
from shopwright.policy.batch import collate
from shopwright.policy.value import ValueNetwork
from shopwright.rollouts.rollout import roll_out
from shopwright.training.experience import collect_experience, state_values
from shopwright.training.learner import new_learner


@pytest.fixture(scope="module")
def learner(tiny_shop, tiny_model_folder):
    return new_learner(tiny_shop, str(tiny_model_folder), seed=0)


def experience_of(learner, shop, numbers, **settings):
    goals = [shop.goals[number] for number in numbers]
    generators = [random.Random(number) for number in numbers]
    settings = {"step_limit": 15, **settings}
    return collect_experience(learner.policy, learner.reader, shop, goals, generators, **settings)


def test_episodes_are_those_that_the_agent_has_alone(learner, tiny_shop):
    numbers = range(len(tiny_shop.goals))
    # Far from the limit, where the agent has a rule that the policy alone does not have.
    experience = experience_of(learner, tiny_shop, numbers, step_limit=200)
    assert experience.terminated.sum() == len(numbers)
    agent = LearnedAgent(learner.policy, learner.reader, name="alone")
    ends = (experience.terminated | experience.truncated).nonzero()[:, 0].tolist()
    start = 0
    for number, end in zip(numbers, ends, strict=True):
        goal = tiny_shop.goals[number]
        outcome = roll_out(agent, tiny_shop, goal, step_limit=200, rng=random.Random(number))
        alone = [s for s in outcome.trajectory.steps if not s.action.startswith("search[")]
        taken = [
            experience.decisions[step].actions[experience.actions[step]]
            for step in range(start, end + 1)
        ]
        assert taken == [step.action for step in alone]
        assert experience.log_probabilities[start : end + 1].tolist() == pytest.approx(
            [step.log_probability for step in alone], abs=1e-4
        )
        assert experience.true_rewards[number] == outcome.trajectory.reward
        assert experience.rewards[end].item() == pytest.approx(outcome.trajectory.reward)
        assert experience.rewards[start:end].sum() == 0
        start = end + 1
    assert start == len(experience.decisions)


def test_an_episode_that_meets_the_limit_is_truncated_and_told_what_would_follow(
    learner, tiny_shop
):
    numbers = [0] * 40
    generators = [random.Random(number) for number in range(40)]
    experience = collect_experience(
        learner.policy,
        learner.reader,
        tiny_shop,
        [tiny_shop.goals[0] for _ in numbers],
        generators,
        step_limit=2,
    )
    # Two steps are a search and one decision: no purchase is possible.
    assert experience.truncated.all()
    assert not experience.terminated.any()
    assert 0 < len(experience.cut_off) < 40  # Nothing is decided on the search page.
    value = ValueNetwork()
    values, following = state_values(learner.policy, value, experience)
    assert values.shape == following.shape == (40,)
    for number, decision in experience.cut_off.items():
        batch = collate([decision])
        expected = value(batch, learner.policy(batch)).item()
        assert following[number].item() == pytest.approx(expected, abs=1e-4)
        assert expected != 0


def test_the_value_after_a_step_is_that_before_the_next_and_none_after_a_purchase(
    learner, tiny_shop
):
    experience = experience_of(learner, tiny_shop, range(6))
    values, following = state_values(learner.policy, ValueNetwork(), experience)
    for step in range(len(values) - 1):
        if experience.terminated[step]:
            assert following[step] == 0
        elif not experience.truncated[step]:
            assert following[step] == values[step + 1]


def test_a_judge_gives_the_reward_to_learn_from_and_the_true_one_is_kept(learner, tiny_shop):
    plain = experience_of(learner, tiny_shop, range(12))
    judged = experience_of(learner, tiny_shop, range(12), reward=lambda _: -3.0)
    assert judged.true_rewards == plain.true_rewards
    assert judged.rewards[judged.terminated].unique().tolist() == [-3.0]
    assert judged.rewards[~judged.terminated].abs().sum() == 0


def test_no_gradient_of_the_value_reaches_the_policy(learner, tiny_shop):
    experience = experience_of(learner, tiny_shop, range(3))
    batch = collate(experience.decisions)
    value = ValueNetwork()
    learner.policy.zero_grad()
    value(batch, learner.policy(batch)).sum().backward()
    assert all(parameter.grad is None for parameter in learner.policy.parameters())
    assert any(parameter.grad.abs().sum() > 0 for parameter in value.parameters())


def test_padding_does_not_change_a_value(learner, tiny_shop):
    experience = experience_of(learner, tiny_shop, range(6))
    value = ValueNetwork()
    lengths = {len(decision.actions) for decision in experience.decisions}
    assert len(lengths) > 1
    together = collate(experience.decisions)
    values = value(together, learner.policy(together))
    for number, decision in enumerate(experience.decisions):
        alone = collate([decision])
        one = value(alone, learner.policy(alone)).item()
        assert one == pytest.approx(values[number].item(), abs=1e-4)
