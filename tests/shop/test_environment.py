"""The Gymnasium environment."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import random
import warnings
from collections import Counter
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import FrameStackObservation, TimeAwareObservation

import shopwright
from shopwright.errors import InputError, MissingFileError
from shopwright.shop.environment import ShopEnvironment
from shopwright.shop.goals import NO_PRICE_LIMIT
from shopwright.shop.session import Session
from shopwright.shop.shop import Shop

SCRIPT = ["search[shoes]", "click[shoe000001]", "click[red]", "click[features]", "click[< prev]",
          "search[<r>]", "click[back to search]", "search[lamp]", "click[lamp000001]",
          "click[buy now]"]  # fmt: skip


@pytest.mark.parametrize("observation", ["text", "text_rich", "html"])
def test_check_env(observation: str, small_shop: Shop) -> None:
    environment = gymnasium.make(
        "shopwright/Shop-v0", shop=small_shop, observation=observation, render_mode="ansi"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(environment.unwrapped)


def test_made_environment_is_bare(small_shop: Shop) -> None:
    environment = gymnasium.make("shopwright/Shop-v0", shop=small_shop, disable_env_checker=True)
    assert isinstance(environment, ShopEnvironment)
    assert environment.spec is not None
    assert shopwright.ShopEnvironment is ShopEnvironment


def test_shop_may_be_a_path(small_shop: Shop, tmp_path: Path) -> None:
    environment = ShopEnvironment(str(small_shop.folder))
    assert environment.reset(options={"goal": 0})[0].startswith("WebShop [SEP] Instruction:")
    with pytest.raises(MissingFileError, match="nowhere"):
        ShopEnvironment(tmp_path / "nowhere")


def test_the_shop_may_be_named_by_the_environment_variable(
    small_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPWRIGHT_SHOP", str(small_shop.folder))
    environment = gymnasium.make("shopwright/Shop-v0")
    check_env(environment.unwrapped, skip_render_check=True)
    assert environment.unwrapped.shop.folder == small_shop.folder  # type: ignore[attr-defined]
    members = gymnasium.make_vec("shopwright/Shop-v0", num_envs=2)
    assert members.reset(seed=1)[0][0].startswith("WebShop [SEP] Instruction:")
    monkeypatch.delenv("SHOPWRIGHT_SHOP")
    with pytest.raises(InputError, match="environment variable SHOPWRIGHT_SHOP, got none"):
        ShopEnvironment()


def test_an_episode(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop, observation="text_rich", step_limit=20)
    goal = next(g for g in small_shop.goals if g.asin == "SHOE000002")
    observation, info = environment.reset(options={"goal": goal})
    assert info["goal"] is goal
    assert info["available_actions"] == {"has_search_bar": True, "clickables": ["search"]}
    session = Session(small_shop, goal)
    for action in ("search[trail shoes]", "click[shoe000002]", "click[blue]", "click[buy now]"):
        assert "reward_parts" not in info
        observation, reward, terminated, truncated, info = environment.step(action)
        assert (reward, terminated) == session.act(action)
        assert observation == session.text_rich()
        assert not truncated
    assert terminated
    assert reward == info["reward_parts"].total == 1.0
    assert info["reward_parts"].success


def test_step_limit(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop, step_limit=3)
    for _ in range(2):  # The count begins again with each episode.
        environment.reset(options={"goal": 0})
        ends = [environment.step(a)[2:4] for a in ("search[lamp]", "nonsense", "search[soap]")]
        assert ends == [(False, False), (False, False), (False, True)]
    environment.reset(options={"goal": 0})
    ends = [
        environment.step(a)[2:4] for a in ("search[lamp]", "click[lamp000001]", "click[buy now]")
    ]
    assert ends[-1] == (True, False)  # A purchase in the last step ends the episode, no limit.


def test_without_step_limit_an_episode_goes_on(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop)
    environment.reset(options={"goal": 0})
    assert not any(environment.step("search[lamp]")[3] for _ in range(200))


@pytest.mark.parametrize("goal", [True, 1.0, "0", -1, 14, [0]])
def test_reset_with_a_wrong_goal(goal: object, small_shop: Shop) -> None:
    assert len(small_shop.goals) == 14
    with pytest.raises(InputError, match="goal: expected a"):
        ShopEnvironment(small_shop).reset(options={"goal": goal})


def test_a_misspelt_option_is_not_another_goal(tiny_shop: Shop) -> None:
    with pytest.raises(InputError, match="options: expected goal, got 'gaol'"):
        ShopEnvironment(tiny_shop).reset(options={"gaol": 1})


def test_numpy_integers_are_goal_numbers(small_shop: Shop) -> None:
    _, info = ShopEnvironment(small_shop).reset(options={"goal": np.int64(3)})
    assert info["goal"] == small_shop.goals[3]


@pytest.mark.parametrize(
    "arguments",
    [
        {"observation": "image"},
        {"step_limit": 0},
        {"goal_draw": "uniform"},
        {"render_mode": "rgb_array"},
    ],
)
def test_wrong_arguments(arguments: dict[str, object], small_shop: Shop) -> None:
    (name,) = arguments
    with pytest.raises(InputError, match=f"{name}: expected"):
        ShopEnvironment(small_shop, **arguments)  # type: ignore[arg-type]


def test_step_before_reset_and_actions_that_are_no_text(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop)
    with pytest.raises(gymnasium.error.ResetNeeded):
        environment.step("search[lamp]")
    environment.reset()
    with pytest.raises(InputError, match="action: expected a text, got 7"):
        environment.step(7)  # type: ignore[arg-type]


def draws(shop: Shop, goal_draw: str, count: int = 4000) -> Counter[str]:
    environment = ShopEnvironment(shop, goal_draw=goal_draw)
    environment.reset(seed=11)
    return Counter(environment.reset()[1]["goal"].instruction for _ in range(count))


def test_goal_draw_original_gives_the_goal_after(small_shop: Shop) -> None:
    """The original bisects cumulative weights that begin with 0, and takes the place found."""
    weights = small_shop.goals.weights / small_shop.goals.weights.sum()
    chances = np.concatenate([[0.0], weights[:-1]])
    chances[-1] += weights[-1]
    check_chances(small_shop, draws(small_shop, "original"), chances)
    assert draws(small_shop, "original")[small_shop.goals[0].instruction] == 0


def test_goal_draw_weighted_gives_the_goals_by_weight(small_shop: Shop) -> None:
    weights = small_shop.goals.weights / small_shop.goals.weights.sum()
    check_chances(small_shop, draws(small_shop, "weighted"), weights)


def check_chances(shop: Shop, drawn: Counter[str], chances: np.ndarray) -> None:
    total = sum(drawn.values())
    for goal, chance in zip(shop.goals, chances, strict=True):
        deviation = 5 * np.sqrt(total * chance * (1 - chance)) + 1e-9
        assert abs(drawn[goal.instruction] - total * chance) <= deviation


def play(environment: ShopEnvironment, seed: int | None) -> list[object]:
    seen: list[object] = [environment.reset(seed=seed)]
    seen += [environment.step(action) for action in SCRIPT]
    return [*seen, environment.reset()]


def test_a_seed_decides_everything(small_shop: Shop) -> None:
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    first = play(ShopEnvironment(small_shop), 5)
    random.seed(2)
    np.random.seed(2)  # noqa: NPY002
    state = random.getstate()
    assert play(ShopEnvironment(small_shop), 5) == first
    assert play(ShopEnvironment(small_shop), 6) != first
    assert random.getstate() == state


def test_goals_drawn_do_not_depend_on_what_is_done(small_shop: Shop) -> None:
    busy, idle = ShopEnvironment(small_shop), ShopEnvironment(small_shop)
    busy.reset(seed=4)
    idle.reset(seed=4)
    busy.step("search[<r>]")
    assert [busy.reset()[1]["goal"] for _ in range(20)] == [
        idle.reset()[1]["goal"] for _ in range(20)
    ]


def test_environments_are_pickled_and_copied_in_the_middle(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop, observation="text_rich")
    environment.reset(seed=5)
    for action in SCRIPT[:3]:
        environment.step(action)
    others = [pickle.loads(pickle.dumps(environment)), copy.deepcopy(environment)]
    for action in SCRIPT[3:]:
        expected = environment.step(action)
        for other in others:
            assert other.step(action) == expected
    expected_reset = environment.reset()
    assert [other.reset() for other in others] == [expected_reset] * 2


def test_render(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop, render_mode="ansi")
    assert environment.render() is None
    environment.reset(options={"goal": 0})
    assert environment.session is not None
    assert environment.render() == environment.session.text_rich()
    silent = ShopEnvironment(small_shop)
    silent.reset()
    assert silent.render() is None


def test_spaces_hold_any_text(small_shop: Shop) -> None:
    space = ShopEnvironment(small_shop).action_space
    for text in ("", "search[x]", "\ud800", "🦄" * 1000):
        assert text in space
    assert 7 not in space
    space.seed(3)
    samples = [space.sample() for _ in range(5)]
    space.seed(3)
    assert [space.sample() for _ in range(5)] == samples
    assert all(sample in space for sample in samples)
    with pytest.raises(ValueError, match="mask"):
        space.sample(mask=1)


def test_human_rendering_prints_every_page(
    small_shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = gymnasium.make("shopwright/Shop-v0", shop=small_shop, render_mode="human")
    environment.reset(options={"goal": 0})
    assert capsys.readouterr().out.startswith("WebShop\nInstruction: \n")
    environment.step("search[lamp]")
    assert "[button] LAMP000001 [button_]" in capsys.readouterr().out


def test_info_tells_invalid_actions(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop)
    assert environment.reset(options={"goal": 0})[1]["valid"]
    for action, valid in [
        ("click[search]", False), ("nothing", False), ("search[<a> x]", False),
        ("search[shoes]", True), ("click[lamp000001]", False), ("click[shoe000001]", True),
        ("click[red]", True), ("click[Red]", True), ("search[lamp]", True),
        ("click[next >]", True), ("click[next >", False),
    ]:  # fmt: skip
        assert environment.step(action)[4]["valid"] is valid, action


def test_masked_samples_are_available_actions(small_shop: Shop) -> None:
    environment = ShopEnvironment(small_shop, step_limit=50)
    environment.action_space.seed(5)
    seen: Counter[str] = Counter()
    for episode in range(30):
        _, info = environment.reset(seed=episode)
        ended = False
        while not ended:
            action = environment.action_space.sample(info["available_actions"])
            _, _, terminated, truncated, info = environment.step(action)
            assert info["valid"], action
            seen[action.split("[")[0]] += 1
            ended = terminated or truncated
    assert seen["search"] > 20
    assert seen["click"] > 100
    space = environment.action_space
    searched = space.sample({"has_search_bar": False, "clickables": []})  # After a purchase.
    assert searched.startswith("search[")
    with pytest.raises(ValueError, match="available_actions"):
        space.sample(mask={"clickables": []})


def test_gymnasiums_wrappers(small_shop: Shop) -> None:
    made = gymnasium.make("shopwright/Shop-v0", shop=small_shop, max_episode_steps=15)
    stacked = FrameStackObservation(made, 3)
    observation, _ = stacked.reset(seed=1)
    assert observation in stacked.observation_space
    pages = [stacked.step(action)[0][-1] for action in ("search[lamp]", "click[lamp000001]")]
    assert stacked.step("click[us]")[0][:2] == tuple(pages)
    timed = TimeAwareObservation(made, flatten=False)
    timed.reset(seed=1)
    observation = timed.step("search[lamp]")[0]
    assert observation["time"] == [1]
    assert observation["obs"].startswith("Instruction:")


def test_members_in_processes_of_their_own(small_shop: Shop) -> None:
    environments = gymnasium.make_vec(
        "shopwright/Shop-v0", num_envs=2, vectorization_mode="async", shop=small_shop,
        vector_kwargs={"shared_memory": False},
    )  # fmt: skip
    try:
        observations, _ = environments.reset(seed=1, options={"goal": 2})
        assert all(small_shop.goals[2].instruction in observation for observation in observations)
        observations, *_, info = environments.step(("search[lamp]", "click[nothing]"))
        assert info["valid"].tolist() == [True, False]
        assert "LAMP000001" in observations[0]
    finally:
        environments.close()


def test_short_forms(small_shop: Shop) -> None:
    session = Session(small_shop, small_shop.goals[0], name="me")
    session.act("search[lamp]")
    session.act("click[lamp000001]")
    assert repr(session) == "<Session 'me' on item_page of LAMP000001>"
    assert repr(small_shop.goals) == "<14 goals, 1 that people wrote>"
    goal = small_shop.goals[0]
    assert repr(goal).startswith(f"<Goal {goal.asin} ")
    assert len(repr(goal)) < 120
    assert "<caption>14 goals</caption>" in small_shop.goals._repr_html_()
    assert f"<td>{small_shop.folder}</td>" in small_shop._repr_html_()
    assert repr(small_shop.catalogue) == "<SearchableCatalogue of 5 products>"


def test_a_goal_in_a_notebook(small_shop: Shop) -> None:
    goal = dataclasses.replace(
        small_shop.goals[0],
        instruction="<script>a lamp</script>",
        attributes=("soft", "<b>"),
        options={"colour": "red & blue"},
        price_upper=30.0,
    )
    shown = goal._repr_html_()
    for text in (
        "<td>&lt;script&gt;a lamp&lt;/script&gt;</td>",
        "<td>soft, &lt;b&gt;</td>",
        "<td>colour: red &amp; blue</td>",
        "<td>at most $30.00</td>",
    ):
        assert text in shown
    bare = dataclasses.replace(goal, options=("red",), price_upper=NO_PRICE_LIMIT)._repr_html_()
    assert "<td>red</td>" in bare
    assert "price" not in bare
