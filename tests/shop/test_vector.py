"""The vector environment against single ones and against Gymnasium's own."""

from __future__ import annotations

import pickle
import random
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from shopwright.errors import InputError
from shopwright.shop.environment import ShopEnvironment
from shopwright.shop.shop import Shop
from shopwright.shop.vector import ShopVectorEnvironment, make_vector, member_seed


def choose(clickables: list[str], chooser: random.Random) -> str:
    if clickables == ["search"]:
        return f"search[{chooser.choice(['shoes', 'lamp', 'soap', '<r>'])}]"
    return f"click[{chooser.choice(clickables)}]"


def test_members_share_one_shop(small_shop: Shop) -> None:
    environments = make_vector(small_shop, 3)
    assert isinstance(environments, gymnasium.vector.VectorEnv)
    assert environments.num_envs == 3
    assert all(environment.shop is small_shop for environment in environments.envs)
    assert environments.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    by_path = make_vector(str(small_shop.folder), 2)
    assert by_path.envs[0].shop is by_path.envs[1].shop


def test_each_member_does_what_a_single_environment_does(small_shop: Shop) -> None:
    count, limit = 5, 6
    environments = make_vector(small_shop, count, observation="text_rich", step_limit=limit)
    singles = [
        ShopEnvironment(small_shop, observation="text_rich", step_limit=limit) for _ in range(count)
    ]
    observations, info = environments.reset(seed=8)
    assert observations in environments.observation_space
    expected = [single.reset(seed=member_seed(8, i)) for i, single in enumerate(singles)]
    chooser = random.Random(0)
    purchases = 0
    for _ in range(120):
        for i, (observation, single_info) in enumerate(expected):
            assert observations[i] == observation
            assert member_info(info, i) == single_info
        actions = [choose(c, chooser) for c in info["available_actions"]["clickables"]]
        observations, rewards, terminations, truncations, info = environments.step(actions)
        expected = []
        for i, single in enumerate(singles):
            observation, reward, terminated, truncated, single_info = single.step(actions[i])
            assert (rewards[i], terminations[i], truncations[i]) == (reward, terminated, truncated)
            if terminated or truncated:
                purchases += terminated
                assert info["final_obs"][i] == observation
                assert member_info(info["final_info"], i) == single_info
                expected.append(single.reset())
            else:
                assert "final_obs" not in info or info["final_obs"][i] is None
                expected.append((observation, single_info))
    assert purchases > 5


def member_info(info: dict[str, Any], member: int) -> dict[str, Any]:
    """One member's info, taken out of the batch by its masks."""
    return {
        key: member_info(value, member) if isinstance(value, dict) else value[member]
        for key, value in info.items()
        if not key.startswith("_") and not key.startswith("final_") and info[f"_{key}"][member]
    }


def test_same_arrangement_as_gymnasiums_own_vector(small_shop: Shop) -> None:
    ours = make_vector(small_shop, 3, step_limit=4)
    theirs = SyncVectorEnv(
        [lambda: ShopEnvironment(small_shop, step_limit=4)] * 3,
        autoreset_mode=AutoresetMode.SAME_STEP,
    )
    seeds = [member_seed(2, i) for i in range(3)]
    results: list[Any] = [ours.reset(seed=2), theirs.reset(seed=seeds)]
    chooser = random.Random(1)
    for _ in range(40):
        same(*results)
        clickables = results[0][-1]["available_actions"]["clickables"]
        actions = tuple(choose(c, chooser) for c in clickables)
        results = [ours.step(actions), theirs.step(actions)]


def same(ours: Any, theirs: Any) -> None:
    assert type(ours) is type(theirs)
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        for key in ours:
            same(ours[key], theirs[key])
    elif isinstance(ours, tuple):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            same(one, other)
    elif isinstance(ours, np.ndarray):
        assert ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist()
    else:
        assert ours == theirs


def test_members_draw_independently_and_a_seed_decides(small_shop: Shop) -> None:
    def goals(seed: int) -> list[list[str]]:
        environments = make_vector(small_shop, 4)
        rounds = [environments.reset(seed=seed)[1]]
        rounds += [environments.reset()[1] for _ in range(9)]
        return [[info["goal"][i].instruction for info in rounds] for i in range(4)]

    drawn = goals(1)
    assert drawn == goals(1)
    assert drawn != goals(2)
    assert len({tuple(member) for member in drawn}) == 4
    # A neighbouring seed shares no member's stream, as seed + i would.
    assert not {tuple(m) for m in drawn} & {tuple(m) for m in goals(2)}


def test_goals_for_all_or_for_each(small_shop: Shop) -> None:
    environments = make_vector(small_shop, 2)
    _, info = environments.reset(options={"goal": 3})
    assert info["goal"].tolist() == [small_shop.goals[3]] * 2
    _, info = environments.reset(options={"goals": [4, small_shop.goals[5]]})
    assert info["goal"].tolist() == [small_shop.goals[4], small_shop.goals[5]]


def test_reset_mask(small_shop: Shop) -> None:
    environments = make_vector(small_shop, 2)
    environments.reset(seed=1)
    observations = environments.step(["search[shoes]"] * 2)[0]
    mask = np.array([False, True])
    after, info = environments.reset(options={"reset_mask": mask, "goal": 0})
    assert after[0] == observations[0]
    assert after[1].startswith("WebShop")
    assert info["_goal"].tolist() == mask.tolist()
    for wrong in (np.array([False, False]), np.array([True]), np.array([1, 0])):
        with pytest.raises(InputError, match="reset_mask: expected 2 booleans"):
            environments.reset(options={"reset_mask": wrong})


def test_wrong_counts(small_shop: Shop) -> None:
    with pytest.raises(InputError, match="num_envs: expected at least one"):
        make_vector(small_shop, 0)
    environments = make_vector(small_shop, 2)
    with pytest.raises(InputError, match="goals: expected 2"):
        environments.reset(options={"goals": [1]})
    with pytest.raises(InputError, match="seed: expected 2"):
        environments.reset(seed=[1])
    environments.reset(seed=[1, None])
    with pytest.raises(InputError, match="actions: expected 2"):
        environments.step(["search[x]"])


def test_infos_of_earlier_steps_stay_as_they_were(small_shop: Shop) -> None:
    environments = make_vector(small_shop, 2)
    observations, info = environments.reset(seed=1)
    environments.step(["search[shoes]"] * 2)
    assert observations[0].startswith("WebShop")
    assert info["available_actions"]["clickables"].tolist() == [["search"]] * 2


def test_render(small_shop: Shop) -> None:
    environments = ShopVectorEnvironment(small_shop, 2, render_mode="ansi")
    environments.reset(options={"goal": 0})
    pages = environments.render()
    assert pages is not None
    assert pages[0] == environments.envs[0].render()
    assert make_vector(small_shop, 1).render() is None


def test_pickles_go_their_own_way(small_shop: Shop) -> None:
    environments = make_vector(small_shop, 3, step_limit=4)
    environments.reset(seed=1)
    other = pickle.loads(pickle.dumps(environments))
    for actions in (["search[shoes]"] * 3, ["click[shoe000001]", "click[next >]", "search[lamp]"]):
        observations, rewards, *_ = environments.step(actions)
        other_observations, other_rewards, *_ = other.step(actions)
        assert other_observations == observations
        assert other_rewards.tolist() == rewards.tolist()


def test_no_member_acts_if_an_action_is_no_text(small_shop: Shop) -> None:
    environments = make_vector(small_shop, 2)
    before, _ = environments.reset(seed=1)
    with pytest.raises(InputError, match="action: expected a text, got 7"):
        environments.step(["search[shoes]", 7])  # type: ignore[list-item]
    observations, *_ = environments.step(["nothing", "nothing"])
    assert observations == before
