"""The compatibility class: the original's text environment by its own calls."""

from __future__ import annotations

import pickle
import random
import string
from bisect import bisect
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest

from shopwright.errors import InputError
from shopwright.shop.shop import Shop
from shopwright.webshop import WebAgentTextEnv, server

Vectors = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize(("mode", "recorded"), [("text", "obs_text"), ("text_rich", "obs_rich")])
def test_recorded_episodes(mode: str, recorded: str, tagged_shop: Shop, vectors: Vectors) -> None:
    servers: dict[bool, Any] = {}
    for number, episode in enumerate(vectors("episodes")):
        show = episode["show_attrs"]
        env = WebAgentTextEnv(
            mode, server=servers.get(show), shop=tagged_shop, show_attrs=show,
            session_prefix=f"{number}-",
        )  # fmt: skip
        servers[show] = env.server
        observation, nothing = env.reset(session=episode["goal_idx"])
        assert nothing is None
        for step in episode["steps"]:
            reward, done = 0.0, False
            if step["action"] is not None:
                observation, reward, done, info = env.step(step["action"])
                assert info is None
            if "error" not in step:
                assert observation == env.observation == step[recorded]
                assert env.get_available_actions() == step["available"]
                assert (reward, done) == (pytest.approx(step["reward"]), step["done"])


def test_a_loop_as_agents_write_it(small_shop: Shop) -> None:
    env = WebAgentTextEnv(observation_mode="text", shop=small_shop, num_products=5)
    assert isinstance(env, gymnasium.Env)
    observation, _ = env.reset(session=3)
    assert env.session == "3"
    assert env.get_instruction_text() == env.instruction_text
    assert env.instruction_text == f"Instruction: {small_shop.goals[3].instruction}"
    done, steps = False, 0
    chooser = random.Random(1)
    while not done:
        available = env.get_available_actions()
        if available["has_search_bar"]:
            action = "search[shoes]"
        else:
            action = f"click[{chooser.choice(available['clickables'])}]"
        observation, reward, done, _ = env.step(action)
        steps += 1
        assert steps < 500
    assert observation.startswith("Thank you for shopping with us!")
    record = env.server.user_sessions["3"]
    assert record["done"]
    assert record["reward"] == reward
    assert record["verbose_info"]["w_price"] > 0
    assert record["goal"]["instruction_text"] == small_shop.goals[3].instruction
    env.render()
    env.close()


def test_observation_modes_and_state(small_shop: Shop) -> None:
    env = WebAgentTextEnv(shop=small_shop)
    observation, _ = env.reset(session="me")
    assert env.observation_mode == "html"
    assert observation.startswith("<!DOCTYPE html>")
    assert env.state == {
        "url": "http://127.0.0.1:3000/me",
        "html": observation,
        "instruction_text": env.instruction_text,
    }
    env.observation_mode = "url"
    addresses = [
        env.step(action)[0]
        for action in ("search[red shoes]", "click[next >]", "click[< prev]", "click[shoe000001]",
                       "click[red]", "click[features]", "click[buy now]", "click[< prev]",
                       "click[buy now]")
    ]  # fmt: skip
    base = "http://127.0.0.1:3000"
    assert addresses == [
        f"{base}/search_results/me/red+shoes/1",
        f"{base}/search_results/me/red+shoes/2",
        f"{base}/search_results/me/red+shoes/1",
        f"{base}/item_page/me/SHOE000001/red+shoes/1/{{}}",
        f'{base}/item_page/me/SHOE000001/red+shoes/1/{{"color": "red"}}',
        f"{base}/item_sub_page/me/SHOE000001/red+shoes/1/Features/{{'color': 'red'}}",
        f"{base}/item_sub_page/me/SHOE000001/red+shoes/1/Features/{{'color': 'red'}}",
        f'{base}/item_page/me/SHOE000001/red+shoes/1/{{"color": "red"}}',
        f"{base}/done/me/SHOE000001/{{'color': 'red'}}",
    ]
    with pytest.raises(InputError, match="observation_mode: expected one of html, text"):
        WebAgentTextEnv("pixels", shop=small_shop)


def test_instruction_text_by_page(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    env.reset(session=0)
    text = small_shop.goals[0].instruction
    assert env.get_instruction_text() == f"Instruction: {text}"
    env.step("search[shoes]")
    assert env.get_instruction_text() == f"Instruction:{text}"
    env.reset(session=0, instruction_text="something else")
    assert env.instruction_text == "something else"
    assert env.observation == f"WebShop [SEP] Instruction: [SEP] {text} [SEP] Search"


def test_sessions(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop, session_prefix="p-")
    first, _ = env.reset(session=2)
    assert env.session == "p-2"
    env.reset(session="named")
    named = env.observation
    env.step("search[shoes]")
    for _ in range(20):
        env.reset()
        assert env.session.startswith("p-")
        assert len(env.session) == 12
    assert env.reset(session="named")[0] == named  # The same goal, from the search page.
    assert env.reset(session=2)[0] == first
    assert env.reset(session="2")[0] == first  # A name used before, however written.
    other = WebAgentTextEnv("text", server=env.server, session_prefix="p-")
    assert other.reset(session="named")[0] == named
    with pytest.raises(InputError, match="session: expected a goal number from 0 to 13, got 14"):
        env.reset(session=14)


def test_previous_observations_and_actions(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop, num_prev_obs=1, num_prev_actions=2)
    start, _ = env.reset(session=0)
    observation, *_ = env.step("search[shoes]")
    results = env.observation
    assert observation == f"{start} [SEP] search[shoes] [SEP] {results}"
    observation, *_ = env.step("click[shoe000001]")
    assert observation == (
        f"search[shoes] [SEP] {results} [SEP] click[shoe000001] [SEP] {env.observation}"
    )


def test_goals_are_drawn_as_the_original_draws_them(small_shop: Shop) -> None:
    """Seed 233 before the shuffle; then a name and a place among the weights per reset."""
    goals = list(small_shop.goals)
    original = random.Random(233)
    original.shuffle(list(goals))
    cumulative = [0.0]
    for goal in goals:
        cumulative.append(cumulative[-1] + goal.weight)
    random.seed(1)
    state = random.getstate()
    env = WebAgentTextEnv("text", shop=small_shop)
    for _ in range(30):
        name = "".join(original.choices(string.ascii_lowercase, k=10))
        place = min(bisect(cumulative, original.uniform(0, cumulative[-1])), len(goals) - 1)
        assert env.session == name
        assert (
            env.server.user_sessions[name]["goal"]["instruction_text"] == goals[place].instruction
        )
        env.reset()
    assert random.getstate() == state


def test_goals_drawn_by_weight_are_those_before(small_shop: Shop) -> None:
    original = WebAgentTextEnv("text", shop=small_shop)
    weighted = WebAgentTextEnv("text", shop=small_shop, goal_draw="weighted")
    texts = [goal.instruction for goal in small_shop.goals]
    places = []
    for _ in range(200):
        place = texts.index(
            weighted.server.user_sessions[weighted.session]["goal"]["instruction_text"]
        )
        after = original.server.user_sessions[original.session]["goal"]["instruction_text"]
        assert after == texts[min(place + 1, len(texts) - 1)]
        places.append(place)
        original.reset()
        weighted.reset()
    assert 0 in places
    with pytest.raises(InputError, match="goal_draw: expected one of original, weighted"):
        WebAgentTextEnv("text", shop=small_shop, goal_draw="other")


def test_filter_limit_and_human_goals(small_shop: Shop) -> None:
    env = WebAgentTextEnv(
        "text", shop=small_shop, filter_goals=lambda i, goal: i > 3 and goal["asin"] == "LAMP000001"
    )
    lamps = [goal for goal in list(small_shop.goals)[4:] if goal.asin == "LAMP000001"]
    assert [goal["instruction_text"] for goal in env.server.goals] == [g.instruction for g in lamps]
    assert env.server.goals[1:3] == [env.server.goals[1], env.server.goals[2]]
    env.reset(session=0)
    assert lamps[0].instruction in env.observation

    limited = WebAgentTextEnv("text", shop=small_shop, limit_goals=3).server.goals
    assert len({goal["instruction_text"] for goal in limited}) == len(limited) == 3
    again = WebAgentTextEnv("text", shop=small_shop, limit_goals=3).server.goals
    assert list(again) == list(limited)
    assert len(WebAgentTextEnv("text", shop=small_shop, limit_goals=99).server.goals) == 14

    human = WebAgentTextEnv("text", shop=small_shop, human_goals=True)
    assert [goal["goal_options"] for goal in human.server.goals] == [['52" long']]
    assert "I want a lamp" in human.reset(session=0)[0]
    with pytest.raises(InputError, match="at least one goal to remain"):
        WebAgentTextEnv("text", shop=small_shop, filter_goals=lambda _, goal: not goal)


def test_assigned_instruction_text(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    env.server.assigned_instruction_text = "Find me anything"
    assert (
        env.reset(session=1)[0] == "WebShop [SEP] Instruction: [SEP] Find me anything [SEP] Search"
    )
    assert env.instruction_text == "Instruction: Find me anything"


def test_dictionaries_of_the_server(small_shop: Shop) -> None:
    server = WebAgentTextEnv("text", shop=small_shop).server
    assert server.product_item_dict["LAMP000001"]["Title"] == "Desk Lamp with USB Port"
    assert server.product_prices["LAMP000001"] == 12.99


def test_where_the_shop_comes_from(small_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOPWRIGHT_SHOP", raising=False)
    with pytest.raises(InputError, match="SHOPWRIGHT_SHOP"):
        WebAgentTextEnv("text")
    for arguments in ({"shop": str(small_shop.folder)}, {"file_path": str(small_shop.folder)}):
        assert len(WebAgentTextEnv("text", **arguments).server.goals) == 14
    monkeypatch.setenv("SHOPWRIGHT_SHOP", str(small_shop.folder))
    assert len(WebAgentTextEnv("text").server.goals) == 14
    with pytest.raises(InputError, match="num_products: expected at least the 5 products"):
        WebAgentTextEnv("text", num_products=4)


def test_arguments_without_effect_give_a_warning(small_shop: Shop) -> None:
    with pytest.warns(UserWarning, match="base_url, render has no effect"):
        env = WebAgentTextEnv("text", shop=small_shop, render=True, base_url="http://x")
    with pytest.warns(UserWarning, match="there are no image features"):
        WebAgentTextEnv("text", shop=small_shop, get_image=1)
    assert len(env.get_image()) == 512
    assert not any(env.get_image())
    with pytest.warns(UserWarning, match=r"Pass int\(session\) for goal number 3"):
        env.reset(session=np.int64(3))  # type: ignore[arg-type]


def test_chance_sessions_are_dropped(small_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "KEPT_SESSIONS", 5)
    env = WebAgentTextEnv("text", shop=small_shop)
    env.reset(session="kept")
    for _ in range(50):
        env.reset()
    assert len(env.server.user_sessions) == 6
    assert "kept" in env.server.user_sessions


@pytest.mark.parametrize("human_goals", [False, True])
def test_pickles_go_their_own_way(human_goals: bool, small_shop: Shop) -> None:
    env = WebAgentTextEnv("text_rich", shop=small_shop, human_goals=human_goals)
    env.step("search[shoes]")
    other = pickle.loads(pickle.dumps(env))
    assert other.observation == env.observation
    for action in ("click[shoe000001]", "click[red]", "click[buy now]"):
        assert other.step(action) == env.step(action)
    assert (other.reset(), other.session) == (env.reset(), env.session)
    other.step("search[lamp]")
    assert other.observation != env.observation


def test_it_is_made_by_the_originals_name(small_shop: Shop) -> None:
    env = gymnasium.make("WebAgentTextEnv-v0", observation_mode="text", shop=small_shop)
    assert isinstance(env, WebAgentTextEnv)
    observation, nothing = env.reset(session=0)  # type: ignore[call-arg]
    assert nothing is None
    observation, reward, done, info = env.step("search[shoes]")  # type: ignore[misc]
    assert (reward, done, info) == (0.0, False, None)
    assert observation == env.observation


def test_an_action_that_is_no_text_is_refused(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    for action in (None, 3, ["search[lamp]"]):
        with pytest.raises(InputError, match="^action: expected a text, got "):
            env.step(action)  # type: ignore[arg-type]
