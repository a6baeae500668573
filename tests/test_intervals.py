import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright import intervals
from shopwright.errors import InputError
from shopwright.intervals import (
    Interval,
    bootstrap_mean,
    holm,
    mcnemar,
    paired_bootstrap,
    wilson,
)

probabilities = st.floats(0, 1)
pairs_of_successes = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)


def generator(seed=0):
    return np.random.default_rng(seed)


class TestWilson:
    @pytest.mark.parametrize(
        ("successes", "trials", "low", "high"),
        [
            (8, 10, 0.4902, 0.9433),
            (5, 10, 0.2366, 0.7634),
            # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
            # z = 1.96 and no success: z² / (n + z²) = 3.8415 / 13.8415.
            (0, 10, 0.0, 0.2775),
            (10, 10, 0.7225, 1.0),
        ],
    )
    def test_published_values(self, successes, trials, low, high):
        interval = wilson(successes, trials)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)

    @given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_contains_the_rate_and_mirrors(self, counts):
        successes, trials = counts
        interval = wilson(successes, trials)
        assert 0 <= interval.low <= successes / trials <= interval.high <= 1
        assert interval.low < interval.high
        mirrored = wilson(trials - successes, trials)
        assert mirrored.low == pytest.approx(1 - interval.high, abs=1e-12)

    @given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
    def test_ends_solve_the_score_equation(self, counts):
        successes, trials = counts
        low = wilson(successes, trials).low
        deviation = (successes / trials - low) / math.sqrt(low * (1 - low) / trials)
        assert deviation == pytest.approx(1.959963985, rel=1e-6)

    @pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
    @pytest.mark.parametrize("trials", [20, 100])
    def test_mean_coverage_is_near_nominal(self, rate, trials):
        covered = [
            low <= rate <= high
            for low, high in (
                (interval.low, interval.high)
                for interval in (wilson(k, trials) for k in range(trials + 1))
            )
        ]
        simulated = generator(trials).binomial(trials, rate, size=20_000)
        coverage = np.asarray(covered)[simulated].mean()
        # Its coverage oscillates with the rate; these cases lie within 92 to 97 %.
        assert 0.915 < coverage < 0.975

    def test_coverage_averaged_over_rates_is_nominal(self):
        random = generator(1)
        rates = random.uniform(size=50_000)
        ends = [wilson(k, 50) for k in range(51)]
        low, high = np.array([[end.low, end.high] for end in ends]).T
        successes = random.binomial(50, rates)
        coverage = ((low[successes] <= rates) & (rates <= high[successes])).mean()
        assert coverage == pytest.approx(0.95, abs=0.007)

    @pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
    def test_refuses(self, successes, trials):
        with pytest.raises(InputError, match=f"expected 0 to {trials} successes"):
            wilson(successes, trials)

    def test_accepts_numpy_counts(self):
        assert wilson(np.int64(8), np.int32(10)) == wilson(8, 10)


class TestBootstrapMean:
    def test_two_values_by_hand(self):
        # The mean of a resample of (0, 1) is 0, ½, 1 with probability ¼, ½, ¼: both ends of 95 %
        # are extremes.
        assert bootstrap_mean([0, 1], rng=generator()) == Interval(0.0, 1.0)

    def test_agrees_with_every_possible_resample(self):
        values = np.array([0.0, 0.1, 0.5, 1.0, 1.0])
        means = [np.mean(resample) for resample in itertools.product(values, repeat=5)]
        low, high = np.quantile(means, (0.025, 0.975))
        interval = bootstrap_mean(values, resamples=50_000, rng=generator())
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.021)

    def test_large_samples_agree_with_the_normal_interval(self):
        values = generator(3).exponential(size=2000)
        half_width = 1.96 * values.std() / math.sqrt(2000)
        interval = bootstrap_mean(values, rng=generator(), resamples=4000)
        assert interval.low == pytest.approx(values.mean() - half_width, abs=0.15 * half_width)
        assert interval.high == pytest.approx(values.mean() + half_width, abs=0.15 * half_width)

    def test_covers_at_about_the_nominal_rate(self):
        random = generator(4)
        intervals_ = [
            bootstrap_mean(random.uniform(size=60), resamples=400, rng=random) for _ in range(800)
        ]
        coverage = np.mean([i.low <= 0.5 <= i.high for i in intervals_])
        assert 0.92 < coverage < 0.965

    def test_constant_values_give_no_width(self):
        assert bootstrap_mean([0.25], rng=generator()) == Interval(0.25, 0.25)
        assert bootstrap_mean([2, 2, 2], rng=generator()) == Interval(2.0, 2.0)

    def test_same_generator_same_interval(self):
        values = generator(5).normal(size=30)
        first = bootstrap_mean(values, rng=generator(6))
        assert bootstrap_mean(values, rng=generator(6)) == first
        assert bootstrap_mean(values, rng=generator(7)) != first

    def test_blocks_do_not_change_the_result(self, monkeypatch):
        values = generator(8).normal(size=7)
        expected = bootstrap_mean(values, rng=generator(9), resamples=1000)
        monkeypatch.setattr(intervals, "_BLOCK_VALUES", 50)
        assert bootstrap_mean(values, rng=generator(9), resamples=1000) == expected

    def test_more_values_than_a_block(self, monkeypatch):
        monkeypatch.setattr(intervals, "_BLOCK_VALUES", 5)
        interval = bootstrap_mean(np.arange(20), rng=generator(), resamples=200)
        assert 4 < interval.low < 9.5 < interval.high < 15

    @settings(deadline=None, max_examples=50)
    @given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
    def test_stays_within_the_values(self, values):
        interval = bootstrap_mean(values, resamples=50, rng=generator())
        slack = 1e-9 * max(map(abs, values))
        assert min(values) - slack <= interval.low <= interval.high <= max(values) + slack

    @pytest.mark.parametrize("values", [[], [[1.0], [2.0]]])
    def test_refuses(self, values):
        with pytest.raises(InputError, match="values: expected at least one value in a row"):
            bootstrap_mean(values, rng=generator())


def pairs(both=0, first_only=0, second_only=0, neither=0):
    rows = (
        [(True, True)] * both
        + [(True, False)] * first_only
        + [(False, True)] * second_only
        + [(False, False)] * neither
    )
    return np.array(rows, dtype=bool).T


class TestMcNemar:
    def test_by_hand(self):
        # 1 against 5: 2 * (1 + 6) / 64.
        result = mcnemar(*pairs(both=7, first_only=1, second_only=5, neither=3))
        assert (result.first_only, result.second_only) == (1, 5)
        assert result.p_value == pytest.approx(14 / 64)
        # 0 against 8: 2 / 256.
        assert mcnemar(*pairs(first_only=8)).p_value == pytest.approx(1 / 128)

    def test_no_discordant_pair(self):
        assert mcnemar(*pairs(both=4, neither=2)).p_value == 1.0

    def test_balance_is_no_evidence(self):
        assert mcnemar(*pairs(first_only=3, second_only=3)).p_value == 1.0

    @given(pairs_of_successes)
    def test_equals_the_slow_sum(self, rows):
        first, second = np.array(rows).T
        result = mcnemar(first, second)
        assert result.first_only == sum(a and not b for a, b in rows)
        assert result.second_only == sum(b and not a for a, b in rows)
        tosses = result.first_only + result.second_only
        seen = math.comb(tosses, result.first_only)
        # Of a fair coin, the outcomes at most as likely as the one seen.
        slow = sum(
            (Fraction(math.comb(tosses, heads), 2**tosses))
            for heads in range(tosses + 1)
            if math.comb(tosses, heads) <= seen
        )
        assert result.p_value == pytest.approx(float(slow), rel=1e-12)
        swapped = mcnemar(second, first)
        assert swapped.p_value == result.p_value
        assert swapped.first_only == result.second_only

    def test_thousands_of_pairs(self):
        result = mcnemar(*pairs(first_only=1600, second_only=1400))
        # Normal approximation with continuity correction: z = 199 / √3000.
        approximate = math.erfc(199 / math.sqrt(3000) / math.sqrt(2))
        assert result.p_value == pytest.approx(approximate, rel=0.01)

    @pytest.mark.parametrize(
        ("first", "second", "message"),
        [
            ([], [], "first: expected at least one value"),
            ([True], [True, False], "expected equal lengths, got 1 and 2"),
        ],
    )
    def test_refuses(self, first, second, message):
        with pytest.raises(InputError, match=message):
            mcnemar(first, second)


class TestPairedBootstrap:
    def test_mean_interval_and_sign(self):
        first, second = [1.0, 0.5, 1.0, 0.0], [0.5, 0.5, 0.0, 0.25]
        result = paired_bootstrap(first, second, rng=generator())
        assert result.mean == pytest.approx(1.25 / 4)
        assert result.interval == bootstrap_mean([0.5, 0.0, 1.0, -0.25], rng=generator())
        assert paired_bootstrap(second, first, rng=generator()).mean == -result.mean

    def test_p_value_agrees_with_every_sign(self):
        differences = np.array([0.5, 0.1, 1.0, -0.3, 0.7, 0.2])
        means = [np.dot(signs, differences) for signs in itertools.product((-1, 1), repeat=6)]
        exact = np.mean(np.abs(means) >= abs(differences.sum()) - 1e-12)
        result = paired_bootstrap(differences, np.zeros(6), resamples=40_000, rng=generator())
        assert result.p_value == pytest.approx(exact, abs=0.006)

    def test_sums_in_another_order_count_as_equal(self):
        # Of six equal differences only 2 of 64 signs are as far from 0 as the data; 0.1 is no
        # binary fraction, so that they may miss the sum by a rounding error.
        result = paired_bootstrap([0.1] * 6, [0.0] * 6, resamples=40_000, rng=generator())
        assert result.p_value == pytest.approx(2 / 64, abs=0.004)

    def test_one_pair_proves_nothing(self):
        assert paired_bootstrap([1.0], [0.0], rng=generator()).p_value == 1.0

    def test_equal_agents(self):
        result = paired_bootstrap([0.3, 0.6], [0.3, 0.6], rng=generator())
        assert (result.mean, result.p_value) == (0.0, 1.0)

    def test_p_value_is_never_zero(self):
        result = paired_bootstrap(np.ones(100), np.zeros(100), resamples=99, rng=generator())
        assert result.p_value == 0.01

    def test_false_alarms_at_the_nominal_rate(self):
        random = generator(10)
        p_values = np.array(
            [
                paired_bootstrap(
                    random.uniform(size=25),
                    random.uniform(size=25),
                    resamples=199,
                    rng=random,
                ).p_value
                for _ in range(1000)
            ]
        )
        assert (p_values <= 0.05).mean() == pytest.approx(0.05, abs=0.02)
        assert (p_values <= 0.5).mean() == pytest.approx(0.5, abs=0.05)

    def test_blocks_do_not_change_the_p_value_much(self, monkeypatch):
        first, second = generator(11).uniform(size=(2, 40))
        whole = paired_bootstrap(first, second, rng=generator(12))
        monkeypatch.setattr(intervals, "_BLOCK_VALUES", 100)
        cut = paired_bootstrap(first, second, rng=generator(12))
        assert cut.interval == whole.interval
        assert cut.p_value == pytest.approx(whole.p_value, abs=0.02)

    @pytest.mark.parametrize(
        ("first", "second", "message"),
        [
            ([1.0], [1.0, 2.0], "expected equal lengths, got 1 and 2"),
            ([], [], "first: expected at least one value"),
        ],
    )
    def test_refuses(self, first, second, message):
        with pytest.raises(InputError, match=message):
            paired_bootstrap(first, second, rng=generator())


class TestHolm:
    def test_by_hand(self):
        # Ascending: 0.005 * 4, 0.01 * 3, 0.03 * 2, 0.04 * 1; the last may not fall below 0.06.
        assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])

    def test_clipped_at_one_and_ties(self):
        assert holm([0.6, 0.6, 0.9]) == [1.0, 1.0, 1.0]
        assert holm([0.02, 0.02]) == pytest.approx([0.04, 0.04])

    def test_one_and_none(self):
        assert holm([0.3]) == [0.3]
        assert holm([]) == []

    @given(st.lists(probabilities, max_size=12), st.randoms())
    def test_order_preserved_and_independent_of_it(self, p_values, random):
        adjusted = holm(p_values)
        assert all(p <= a <= 1 for p, a in zip(p_values, adjusted, strict=True))
        ascending = sorted(range(len(p_values)), key=lambda i: p_values[i])
        assert all(adjusted[i] <= adjusted[j] for i, j in itertools.pairwise(ascending))
        shuffled = random.sample(range(len(p_values)), len(p_values))
        assert holm([p_values[i] for i in shuffled]) == [adjusted[i] for i in shuffled]

    @given(st.lists(probabilities, min_size=1, max_size=12), st.floats(0.001, 0.5))
    def test_rejects_as_the_step_down_procedure(self, p_values, level):
        rejected = set()
        for rank, position in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
            if (len(p_values) - rank) * p_values[position] > level:
                break
            rejected.add(position)
        adjusted = holm(p_values)
        assert {i for i, a in enumerate(adjusted) if a <= level} == rejected
