"""Posteriors against hand-computed numbers; bandits against what is known of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shopwright.evaluation.thompson import (
    BetaPosterior,
    NormalInverseGamma,
    arm_records,
    run_bandit,
)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class TestBeta:
    def test_observations_are_counted(self):
        posterior = BetaPosterior(1, 1).observe(True).observe(True).observe(False)
        assert posterior == BetaPosterior(3, 2)

    def test_a_uniform_posterior_has_the_interval_of_a_uniform_distribution(self):
        interval = BetaPosterior().interval(generator())
        assert (interval.low, interval.high) == pytest.approx((0.025, 0.975), abs=0.005)

    def test_many_observations_agree_with_the_normal_approximation(self):
        interval = BetaPosterior(701, 301).interval(generator())
        half = 1.96 * math.sqrt(0.7 * 0.3 / 1002)
        assert (interval.low, interval.high) == pytest.approx((0.7 - half, 0.7 + half), abs=0.003)

    def test_draws_have_the_moments_of_the_distribution(self):
        draws = np.array([BetaPosterior(3, 2).draw(random) for random in [generator(1)] * 4000])
        assert draws.mean() == pytest.approx(0.6, abs=0.015)
        assert draws.var() == pytest.approx(3 * 2 / (25 * 6), abs=0.004)

    def test_its_intervals_cover_at_the_nominal_rate_whatever_the_bandit_does(self):
        # Rates drawn from the prior: a posterior is calibrated for them under any allocation.
        covered = []
        for trial in range(150):
            random = generator(trial)
            rates = random.uniform(size=3)
            run = run_bandit(
                3,
                lambda arm, run, number: float(random.random() < rates[arm]),  # noqa: B023
                rollouts=60,
                allocation="success",
                run=trial,
            )
            for rate, posterior in zip(rates, run.success, strict=True):
                interval = posterior.interval(random)
                covered.append(interval.low <= rate <= interval.high)
        # 450 intervals: the standard error is one percent.
        assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


class TestNormalInverseGamma:
    def test_one_value_by_hand(self):
        posterior = NormalInverseGamma(mean=0.5, weight=1, shape=1, scale=0.1).observe(1.0)
        assert posterior == NormalInverseGamma(
            mean=0.75, weight=2, shape=1.5, scale=0.1 + 0.5 * 0.5 * 0.25
        )

    def test_values_one_by_one_give_what_all_at_once_give(self):
        values = generator(3).normal(0.4, 0.2, size=25)
        posterior = NormalInverseGamma(mean=0.5, weight=2, shape=3, scale=0.2)
        for value in values:
            posterior = posterior.observe(value)
        count, mean = len(values), values.mean()
        scale = (
            0.2
            + 0.5 * ((values - mean) ** 2).sum()
            + 2 * count * (mean - 0.5) ** 2 / (2 * (2 + count))
        )
        assert posterior.mean == pytest.approx((2 * 0.5 + count * mean) / (2 + count))
        assert posterior.weight == 2 + count
        assert posterior.shape == 3 + count / 2
        assert posterior.scale == pytest.approx(scale)

    def test_the_mean_has_students_distribution(self):
        # Degrees of freedom 2 · shape = 4, squared scale / (shape · weight): 97.5 % at 2.776.
        posterior = NormalInverseGamma(mean=0.0, weight=2, shape=2, scale=4)
        interval = posterior.interval(generator())
        assert (interval.low, interval.high) == pytest.approx((-2.776, 2.776), abs=0.1)

    def test_its_intervals_cover_at_the_nominal_rate_whatever_the_bandit_does(self):
        prior = NormalInverseGamma()
        covered = []
        for trial in range(150):
            random = generator(trial)
            variances = prior.scale / random.gamma(prior.shape, size=3)
            means = random.normal(prior.mean, np.sqrt(variances / prior.weight))
            run = run_bandit(
                3,
                lambda arm, run, number: random.normal(means[arm], variances[arm] ** 0.5),  # noqa: B023
                rollouts=60,
                allocation="score",
                run=trial,
            )
            for mean, posterior in zip(means, run.score, strict=True):
                interval = posterior.interval(random)
                covered.append(interval.low <= mean <= interval.high)
        assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def coin(rates):
    random = generator(9)
    return lambda arm, run, number: 1.0 if random.random() < rates[arm] else 0.5


class TestBandit:
    @pytest.mark.parametrize("allocation", ["success", "score"])
    def test_the_best_arm_gets_most_rollouts_and_the_regret_stays_below_uniform(self, allocation):
        rates, values = (0.2, 0.5, 0.8), (20.0, 50.0, 80.0)
        bandit = run_bandit(3, coin(rates), rollouts=600, allocation=allocation)
        uniform = run_bandit(3, coin(rates), rollouts=600, allocation="uniform")
        assert bandit.pulls()[2] > 450
        assert uniform.pulls().tolist() == [200, 200, 200]
        regret = bandit.regret(values)
        assert uniform.regret(values)[-1] == pytest.approx(200 * 60 + 200 * 30)
        assert regret[-1] < uniform.regret(values)[-1] / 4
        assert (np.diff(regret) >= 0).all()

    def test_equal_arms_have_no_regret(self):
        run = run_bandit(2, coin((0.5, 0.5)), rollouts=50, allocation="success")
        assert run.regret((50.0, 50.0)).tolist() == [0.0] * 50

    def test_running_means_and_estimates_by_hand(self):
        rewards = [1.0, 0.5, 0.0, 1.0, 1.0]
        run = run_bandit(2, lambda arm, run, number: rewards[number], rollouts=5,
                         allocation="uniform")  # fmt: skip
        assert run.arms.tolist() == [0, 1, 0, 1, 0]
        running = run.running(0, run.rewards)
        assert running.tolist() == pytest.approx([1.0, 1.0, 0.5, 0.5, 2 / 3])
        assert math.isnan(run.running(1, run.rewards)[0])
        first, second = arm_records(run, (50.0, 50.0), (1000.0, 1000.0), generator())
        assert (first["pulls"], second["pulls"]) == (3, 2)
        assert (first["success_rate"], second["success_rate"]) == pytest.approx((200 / 3, 50.0))
        assert (first["score"], second["score"]) == pytest.approx((200 / 3, 75.0))
        assert run.success == (BetaPosterior(3, 2), BetaPosterior(2, 2))
        assert (second["success_covered"], second["score_covered"]) == (True, False)

    def test_runs_differ_and_the_same_run_is_the_same(self):
        def arms(run):
            return run_bandit(3, coin((0.4, 0.5, 0.6)), rollouts=40, allocation="success",
                              run=run).arms.tolist()  # fmt: skip

        assert arms(0) == arms(0)
        assert arms(0) != arms(1)
