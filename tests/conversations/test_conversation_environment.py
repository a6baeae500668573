"""Conversations as an environment: what is said, what it costs, when it ends."""

from __future__ import annotations

from dataclasses import replace

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

from shopwright.conversations.environment import ConversationEnvironment
from shopwright.conversations.shopper import COME_TO_THE_POINT
from shopwright.errors import InputError
from shopwright.shop.shop import Shop


@pytest.fixture
def env(tiny_shop: Shop) -> ConversationEnvironment:
    made = gymnasium.make("shopwright/Conversation-v0", shop=tiny_shop, goals="test", world="even")
    assert isinstance(made.unwrapped, ConversationEnvironment)
    return made.unwrapped


def test_gymnasium_finds_nothing_wrong(env: ConversationEnvironment) -> None:
    check_env(env, skip_render_check=True)


def test_a_conversation_that_asks_for_everything_earns_the_reward_less_its_turns(
    env: ConversationEnvironment, tiny_shop: Shop
) -> None:
    goal = tiny_shop.goals[0]
    text, info = env.reset(seed=1, options={"goal": goal, "temper": "terse"})
    assert text == "Shopper: coffee mugs"
    assert {act["text"].split("[")[0] for act in info["acts"]} == {"ask", "offer", "recommend"}
    question = next(act for act in info["acts"] if act["text"] == "ask[color]")
    assert question["sentence"].startswith("Which color: ")
    total = 0.0
    for action in ("ask[color]", "ask[Size]"):
        text, reward, terminated, truncated, info = env.step(action)
        assert info["valid"]
        assert reward == pytest.approx(-0.03)
        assert not terminated
        assert not truncated
        total += reward
    assert isinstance(goal.options, dict)
    assert text.splitlines()[-1] == f"Shopper: {goal.options['Size']}"
    _, reward, terminated, _, info = env.step(f"recommend[{info['acts'][-1]['text'][10:-1]}]")
    assert terminated
    assert reward == info["reward_parts"].total
    assert info["bought"]["options"]["color"] == goal.options["color"]
    assert total + reward == pytest.approx(info["reward_parts"].total - 0.06)
    assert env.step("offer")[1] == 0.0  # Nothing more happens.


def test_no_product_is_revealed(env: ConversationEnvironment, tiny_shop: Shop) -> None:
    for temper in ("plain", "terse", "vague", "indifferent", "impatient", "contradicting"):
        _, info = env.reset(seed=3, options={"temper": temper})
        goal = info["goal"]
        for action in ("ask[color]", "ask[attributes: lead free, hand painted]", "ask[price]"):
            text = env.step(action)[0]
        heard = " ".join(line for line in text.splitlines() if line.startswith("Shopper: "))
        assert goal.asin not in heard
        assert goal.title not in heard


def test_patience_ends(env: ConversationEnvironment) -> None:
    _, info = env.reset(seed=0, options={"temper": "impatient"})
    texts, rewards = [], []
    for _ in range(4):
        text, reward, terminated, truncated, info = env.step("ask[price]")
        texts.append(text)
        rewards.append(reward)
    assert terminated
    assert not truncated
    assert "bought" not in info
    assert sum(rewards) == pytest.approx(-4 * 0.06)
    assert texts[2].endswith(COME_TO_THE_POINT)


def test_the_step_limit_truncates(tiny_shop: Shop) -> None:
    env = ConversationEnvironment(tiny_shop, goals="test", tempers=("plain",), step_limit=2)
    env.reset(seed=0)
    assert env.step("ask[price]")[2:4] == (False, False)
    assert env.step("ask[price]")[2:4] == (False, True)


@pytest.mark.parametrize(
    "action",
    ["", "nonsense", "ask[]", "ask[weight]", "offer[NOBODY]", "recommend[MUG0000001; color: mauve]",
     "ask[attributes: unheard of]", "recommend[MUG0000001 | MUG0000002]", "ask[" * 3_000],
)  # fmt: skip
def test_what_is_no_act_costs_a_turn(env: ConversationEnvironment, action: str) -> None:
    before, _ = env.reset(seed=0, options={"temper": "plain"})
    after, reward, terminated, _, info = env.step(action)
    assert after == before
    assert reward == -0.02
    assert not terminated
    assert not info["valid"]


def test_an_offer_is_bought_only_if_all_is_as_wanted(
    env: ConversationEnvironment, tiny_shop: Shop
) -> None:
    goal = tiny_shop.goals[0]
    assert isinstance(goal.options, dict)
    wrong = next(v for v in ("small", "large") if v != goal.options["Size"])
    env.reset(options={"goal": goal, "temper": "plain"})
    options = f"color: {goal.options['color']}; Size: "
    text, reward, terminated, _, _ = env.step(f"offer[{goal.asin}; {options}{wrong}]")
    assert not terminated
    assert reward == -0.02
    assert text.splitlines()[-1].startswith(
        f"Shopper: None of these. I would like {goal.options['Size']}"
    )
    _, reward, terminated, _, info = env.step(
        f"offer[{goal.asin}; {options}{goal.options['Size']}]"
    )
    assert terminated
    assert info["reward_parts"].success
    assert reward == pytest.approx(0.98)


def test_the_same_seed_gives_the_same_conversation(env: ConversationEnvironment) -> None:
    def said(seed: int) -> list[str]:
        texts = [env.reset(seed=seed)[0]]
        texts += [env.step(action)[0] for action in ("ask[color]", "ask[price]", "offer")]
        return texts

    assert said(5) == said(5)


def test_bad_arguments(env: ConversationEnvironment, tiny_shop: Shop) -> None:
    with pytest.raises(InputError, match="temper: expected one of plain, terse"):
        env.reset(options={"temper": "angry"})
    with pytest.raises(InputError, match="options: expected goal, temper or manner"):
        env.reset(options={"task": 1})
    with pytest.raises(InputError, match="manner: expected one of minds questions, minds lists"):
        env.reset(options={"manner": "rude"})
    with pytest.raises(InputError, match="world: expected one of diverse, even"):
        ConversationEnvironment(tiny_shop, world="odd")
    with pytest.raises(InputError, match="goal: expected"):
        env.reset(options={"goal": 10_000})
    with pytest.raises(InputError, match="step_limit"):
        ConversationEnvironment(tiny_shop, step_limit=0)
    with pytest.raises(gymnasium.error.ResetNeeded):
        ConversationEnvironment(tiny_shop, goals="test").step("offer")


def test_an_unfulfilled_wish_is_no_attribute_of_the_kind(
    tiny_shop: Shop, env: ConversationEnvironment
) -> None:
    goal = replace(tiny_shop.goals[0], query="tea pots")  # A kind of which there is nothing.
    _, info = env.reset(options={"goal": goal, "temper": "unfulfilled"})
    assert len(info["goal"].attributes) == len(goal.attributes) + 1
