"""The sequences of calls that published projects make with WebShop's environment.

Written from reading them: WebShop's own baselines, ETO, AgentBench, RAGEN, verl-agent, AgentGym.
ReAct fetches the site's addresses: tests/serving/test_webshop_site.py.
"""

from __future__ import annotations

import random
import sys
import uuid
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import shopwright.webshop
from shopwright.shop.shop import Shop
from shopwright.webshop import WebAgentTextEnv

Vectors = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def installed(small_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The names of WebShop's package, taken away again afterwards."""
    before = set(sys.modules)
    monkeypatch.setenv("SHOPWRIGHT_SHOP", "to be put back")
    shopwright.webshop.install(shop=small_shop.folder)
    shopwright.webshop.install("webshop.web_agent_site")
    yield
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("web_agent_site", "webshop_minimal", "webshop"):
            del sys.modules[name]


def imported(module: str, name: str) -> Any:
    """What ``from module import name`` gives."""
    return getattr(import_module(module), name)


def buy(env: Any, words: str, asin: str, *options: str) -> tuple[str, float, bool, Any]:
    """Search, open, choose, buy."""
    for action in (f"search[{words}]", f"click[{asin}]", *(f"click[{name}]" for name in options)):
        _, reward, done, info = env.step(action)
        assert (reward, done, info) == (0.0, False, None), action
    return env.step("click[Buy Now]")  # type: ignore[no-any-return]


def test_webshops_baselines(installed: None, small_shop: Shop) -> None:
    """An environment per goal that shares the server; session dictionaries are read, clicked names
    looked up by title, scores estimated with ``get_reward``."""
    environment = imported("web_agent_site.envs", "WebAgentTextEnv")
    get_reward = imported("web_agent_site.engine.goal", "get_reward")
    first = environment(
        observation_mode="text", server=None, filter_goals=None, limit_goals=-1, num_products=None,
        human_goals=False, get_image=0, num_prev_obs=0, num_prev_actions=0, session_prefix="train",
    )  # fmt: skip
    env = environment(observation_mode="text", server=first.server, session_prefix="eval")
    titles = [product["Title"] for product in env.server.product_item_dict.values()]
    assert titles == [product.title for product in small_shop.catalogue]
    for number in range(len(env.server.goals)):
        env.reset(number)
        session = env.server.user_sessions[env.session]
        goal = session["goal"]
        assert goal["instruction_text"] == small_shop.goals[number].instruction
        if {"buy now", "< prev", "search"} & set(goal["goal_options"].values()):
            continue  # Options named like buttons cannot be chosen, in the original either.
        env.step("search[" + goal["query"] + "]")
        assert (session["asin"], session["options"]) == (None, {})
        env.step(f"click[{goal['asin'].lower()}]")
        assert session["asin"] == goal["asin"]
        assert session["actions"]["asin"] == 1
        for value in goal["goal_options"].values():
            env.step(f"click[{value}]")
        product = env.server.product_item_dict[session["asin"]]
        assert len(product["customization_options"]) == len(product["options"])
        price = env.server.product_prices.get(session["asin"])
        estimated = get_reward(product, goal, price, session["options"])
        _, reward, done, _ = env.step("click[buy now]")
        assert (reward, done) == (estimated, True)
        total, parts = get_reward(product, goal, price, session["options"], verbose=True)
        assert (total, parts) == (session["reward"], session["verbose_info"])


def test_a_server_and_a_browser_of_ones_own(installed: None, small_shop: Shop) -> None:
    """The server constructed as the original's environment does it, by position."""
    module = "web_agent_site.envs.web_agent_text_env"
    server = imported(module, "SimServer")(
        "http://127.0.0.1:3000", str(small_shop.folder), lambda _, goal: goal["asin"] > "M", -1,
        None, 0, True,
    )  # fmt: skip
    kept = [goal for goal in small_shop.goals if goal.asin > "M"]
    assert [goal["asin"] for goal in server.goals] == [goal.asin for goal in kept]
    assert 0 < len(kept) < len(small_shop.goals)
    assert server.base_url == "http://127.0.0.1:3000"
    browser = imported(module, "SimBrowser")(server)
    browser.get(f"{server.base_url}/one", session_id="one", session_int=1)
    assert kept[1].instruction in browser.page_source
    env = WebAgentTextEnv("text", server=server)
    env.reset(0)
    env.step("search[shoes]")
    env.step(f"click[{kept[0].asin}]")
    assert "attributes" in env.get_available_actions()["clickables"]
    assert repr(env) == (
        f"<WebAgentTextEnv 'text' of <SimServer of {small_shop.folder}, {len(kept)} goals>>"
    )


def test_the_run_file_of_the_original(installed: None) -> None:
    """``gymnasium.make`` with ``DEBUG_PROD_SIZE``, and the random policy."""
    policy = imported("web_agent_site.models", "RandomPolicy")()
    size = imported("web_agent_site.utils", "DEBUG_PROD_SIZE")
    env: Any = gymnasium.make("WebAgentTextEnv-v0", observation_mode="text", num_products=size)
    env.reset()
    random.seed(4)
    for _ in range(500):
        action = policy.forward(env.observation, env.get_available_actions())
        _, _, done, _ = env.step(action)
        if done:
            break
    assert done
    env.close()


def test_eto(installed: None, small_shop: Shop) -> None:
    """One environment, human goals, sessions by number, the observation read after the reset."""
    environment = imported("webshop.web_agent_site.envs", "WebAgentTextEnv")
    env = environment(observation_mode="text", human_goals=True)
    for session_id in (0, 0):  # A second attempt at the same session is at the same goal.
        env.reset(session_id)
        request = small_shop.goals.human[0].instruction
        assert env.observation == f"WebShop [SEP] Instruction: [SEP] {request} [SEP] Search"
        observation, reward, done, _ = buy(env, "desk lamp", "lamp000001", '52" long')
        assert observation.startswith("Thank you for shopping with us!")
        assert (reward, done) == (1.0, True)


def test_agentbench(installed: None, small_shop: Shop) -> None:
    """The server of a first environment is shared by one environment for each sample, with a prefix
    of its own."""
    environment = imported("web_agent_site.envs.web_agent_text_env", "WebAgentTextEnv")
    server = environment(observation_mode="text", human_goals=True).server
    environments = [
        environment(
            observation_mode="text", server=server, human_goals=True,
            session_prefix=str(uuid.uuid4()) + "-",
        )
        for _ in range(2)
    ]  # fmt: skip
    for env in environments:
        env.reset(0)
        assert small_shop.goals.human[0].instruction in env.observation
        assert env.get_available_actions() == {"has_search_bar": True, "clickables": ["search"]}
    one, other = environments
    one.step("search[desk lamp]")
    assert other.observation.startswith("WebShop [SEP]")
    assert server.user_sessions[one.session]["keywords"] == ["desk", "lamp"]
    assert server.user_sessions[other.session]["keywords"] is None


def test_ragen(installed: None, small_shop: Shop) -> None:
    """A subclass whose reset does nothing without a seed, whose actions are a list, and which
    permutes the goals itself."""
    base = imported("webshop_minimal", "WebAgentTextEnv")
    imported("webshop_minimal", "init_basedir")("small")
    parse_action = imported("webshop_minimal.engine", "parse_action")
    path = imported("webshop_minimal.utils", "DEFAULT_FILE_PATH")

    class Environment(base):  # type: ignore[misc]
        def __init__(self) -> None:
            base.__init__(
                self, observation_mode="text", file_path=path, server=None, filter_goals=None,
                limit_goals=-1, num_products=None, human_goals=False, show_attrs=False,
                session_prefix=uuid.uuid4().hex,
            )  # fmt: skip

        def reset(self, seed: int | None = None, session: int | None = None) -> Any:
            if seed is None:
                return None
            order = list(range(len(self.server.goals)))
            random.Random(42).shuffle(order)
            base.reset(self, session=order[seed] if session is None else session)
            return base.get_instruction_text(self)

        def get_available_actions(self) -> list[str]:
            clickables = base.get_available_actions(self)["clickables"]
            return [f"click[{name}]" for name in clickables if name != "search"]

        def step(self, action: str) -> Any:
            before = self.observation
            _, raw, done, info = base.step(self, action)
            moved = self.observation != before
            return self.observation, raw, done, {**(info or {}), "moved": moved}

    env = Environment()
    order = list(range(len(small_shop.goals)))
    random.Random(42).shuffle(order)
    assert env.reset(seed=3) == f"Instruction: {small_shop.goals[order[3]].instruction}"
    assert env.get_available_actions() == []
    assert env.step("click[nothing]")[3] == {"moved": False}
    assert env.step("search[shoes]")[3] == {"moved": True}
    assert "click[back to search]" in env.get_available_actions()
    goal = env.server.user_sessions[env.session]["goal"]
    assert goal["asin"] == small_shop.goals[order[3]].asin
    assert parse_action("click[Buy Now]") == ("click", "Buy Now")
    assert parse_action("think") == ("think", None)


@pytest.mark.parametrize("human_goals", [False, True])
def test_verl_agent(installed: None, small_shop: Shop, human_goals: bool) -> None:
    """Workers by name with file paths and a seed, which shuffles the goals as they are built."""
    folder = str(small_shop.folder)
    env: Any = gymnasium.make(
        "WebAgentTextEnv-v0", observation_mode="text", num_products=None, seed=11,
        human_goals=human_goals, file_path=folder, attr_path="unused.json",
    )  # fmt: skip
    shop_goals = small_shop.goals.human if human_goals else list(small_shop.goals)
    built: list[Any] = [None] * len(shop_goals)
    positions = list(range(len(shop_goals)))
    random.Random(233).shuffle(positions)
    for goal, position in zip(shop_goals, positions, strict=True):
        built[position] = goal  # The original's list before its shuffle.
    worker = random.Random(11)
    worker.shuffle(built)
    assert [goal["instruction_text"] for goal in env.server.goals] == [g.instruction for g in built]
    indices = np.random.RandomState(11).choice(range(len(built)), size=len(built), replace=False)
    for index in np.repeat(indices, 2).tolist():
        observation, info = env.reset(session=index)
        assert info is None
        assert built[index].instruction in observation
    # What is drawn afterwards follows from the same generator.
    other = WebAgentTextEnv("text", shop=small_shop, seed=11, human_goals=human_goals)
    assert other.session == "".join(worker.choices("abcdefghijklmnopqrstuvwxyz", k=10))
    same = WebAgentTextEnv("text", shop=small_shop, seed=233, human_goals=human_goals)
    assert [goal["asin"] for goal in same.server.goals] == [goal.asin for goal in shop_goals]


def test_agentgym(installed: None, small_shop: Shop) -> None:
    """Many environments by name, reached by number: observation, state, reset by session."""
    environments = [
        gymnasium.make("WebAgentTextEnv-v0", observation_mode="text", num_products=1000)
        for _ in range(3)
    ]
    for number, made in enumerate(environments):
        env: Any = made
        state, info = env.reset(session=number)
        assert info is None
        assert state == env.observation
        assert env.get_instruction_text() == f"Instruction: {small_shop.goals[number].instruction}"
        assert set(env.state) == {"url", "html", "instruction_text"}
        env.step("search[shoes]")
        assert env.reset(session=None)[0].startswith("WebShop [SEP] Instruction:")


def test_old_gym(installed: None, small_shop: Shop) -> None:
    """The same through the library that the projects were written for."""
    if find_spec("gym") is None:
        pytest.skip("needs the old gym (pip install gym)")
    import gym

    env = gym.make("WebAgentTextEnv-v0", observation_mode="text", num_products=1000, seed=233)
    observation, info = env.reset(session=2)
    assert small_shop.goals[2].instruction in observation
    assert info is None
    observation, reward, done, info = env.step("search[shoes]")
    assert (reward, done, info) == (0.0, False, None)
    assert env.get_available_actions()["clickables"][0] == "back to search"
    assert env.render(mode="text") is None
    env.close()


@pytest.mark.parametrize("human_goals", [False, True])
def test_goals_by_number_are_the_originals(
    human_goals: bool, webshop_shop: Shop, vectors: Vectors
) -> None:
    env = WebAgentTextEnv("text", shop=webshop_shop, human_goals=human_goals)
    recorded = vectors("goals_human" if human_goals else "goals")
    assert len(env.server.goals) == len(recorded)
    for goal, vector in zip(env.server.goals, recorded, strict=True):
        assert goal == {key: vector[key] for key in goal}
    for number in (0, 1, len(recorded) // 2, len(recorded) - 1):
        env.reset(session=number)
        session = env.server.user_sessions[str(number)]
        assert session["goal"] is env.server.goals[number]
        assert recorded[number]["instruction_text"] in env.observation


def test_rewards_by_the_originals_function(
    installed: None, tagged_shop: Shop, vectors: Vectors
) -> None:
    get_reward = imported("web_agent_site.engine.goal", "get_reward")
    server = WebAgentTextEnv("text", shop=tagged_shop).server
    for vector in vectors("rewards")[:60]:
        total, parts = get_reward(
            server.product_item_dict[vector["asin"]],
            server.goals[vector["goal_idx"]],
            price=vector["price"],
            options=vector["options"],
            verbose=True,
        )
        assert total == pytest.approx(vector["total_reward"], abs=1e-9)
        for name, value in parts.items():
            assert value == pytest.approx(vector[name], abs=1e-9), name


def test_loading_products(installed: None, small_shop: Shop) -> None:
    load_products = imported("web_agent_site.engine.engine", "load_products")
    path = imported("web_agent_site.utils", "DEFAULT_FILE_PATH")
    assert Path(path) == small_shop.folder
    products, by_asin, prices, asins_of = load_products(filepath=path, human_goals=False)
    assert [product["asin"] for product in products] == [p.asin for p in small_shop.catalogue]
    assert by_asin["LAMP000001"]["Attributes"] == ["easy use"]
    assert by_asin["LAMP000001"]["instruction_text"] == "Find me easy use desk lamps"
    assert prices["LAMP000001"] == 12.99
    assert asins_of["rubber sole"] == {"SHOE000001", "SHOE000002"}
    lamp = load_products(filepath=path)[1]["LAMP000001"]
    assert lamp["instructions"][0]["instruction"] == "I want a lamp."
    option_reward = imported("web_agent_site.engine.goal", "get_option_reward")
    assert option_reward(["red"], ["red", "7"]) == (0.5, 1)
    assert option_reward(["red"], []) == (None, 0)
    attribute_reward = imported("web_agent_site.engine.goal", "get_attribute_reward")
    assert attribute_reward(lamp, {"attributes": ["easy use", "heavy"]}) == (0.5, 1)
