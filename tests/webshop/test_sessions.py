"""Sessions and goals of a server as callers read, write and clear them."""

from __future__ import annotations

import copy

import pytest

from shopwright.errors import InputError
from shopwright.shop.shop import Shop
from shopwright.webshop import WebAgentTextEnv


def test_what_a_session_notes(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    env.reset(session=0)
    session = env.server.user_sessions["0"]
    empty = {"keywords": None, "page": None, "asin": None, "asins": set(), "options": {}}
    goal = env.server.goals[0]
    assert session == {"goal": goal, "done": False, "actions": {}, **empty}
    env.step("search[red shoes]")
    assert (session["keywords"], session["page"]) == (["red", "shoes"], 1)
    env.step("click[next >]")
    assert session["page"] == 2
    env.step("click[< prev]")
    env.step("click[shoe000001]")
    env.step("click[red]")
    env.step("click[no such name]")
    assert session["asin"] == "SHOE000001"
    assert session["asins"] == {"SHOE000001"}
    assert session["options"] == {"color": "red"}
    env.step("click[features]")
    env.step("click[< prev]")
    env.step("click[buy now]")
    assert session["actions"] == {
        "search": 3, "asin": 1, "options": 1, "Features": 1, "purchase": 1,
    }  # fmt: skip
    assert session["done"]
    assert 0.0 <= session["reward"] <= 1.0
    assert session["verbose_info"]["w_price"] > 0
    env.reset(session=0)
    assert session["done"]  # As in the original: only a new session begins anew.
    assert {key: session[key] for key in empty} == empty
    assert env.server.user_sessions["0"] is session


def test_a_goal_written_before_the_reset_counts(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    goal = copy.deepcopy(env.server.goals[5])
    goal.update(instruction_text="Find me this one", price_upper=1.0)
    env.server.user_sessions["mine"] = {"goal": goal, "done": False}
    assert "Find me this one" in env.reset(session="mine")[0]
    env.step(f"search[{goal['query']}]")
    assert "Find me this one" in env.observation
    env.step(f"click[{goal['asin'].lower()}]")
    env.step("click[buy now]")
    assert env.server.user_sessions["mine"]["verbose_info"]["r_price"] is False
    del goal["attributes"]
    with pytest.raises(InputError, match="goal: expected the keys .* got no 'attributes'"):
        env.reset(session="mine")


def test_a_changed_instruction_counts_from_the_next_page_on(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    env.reset(session=1)
    env.server.user_sessions["1"]["goal"]["instruction_text"] = "Find me another"
    env.step("search[shoes]")
    assert "Find me another" in env.observation
    assert env.reset(session=1)[0].startswith("WebShop [SEP] Instruction: [SEP] Find me another")
    assert env.server.goals[1]["instruction_text"] == "Find me another"  # The same dictionary.


def test_cleared_sessions_are_new_again(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    env.reset(session="1")  # A name: its goal is drawn.
    env.server.user_sessions.clear()
    assert small_shop.goals[1].instruction in env.reset(session=1)[0]
    env.server.user_sessions = {}
    assert small_shop.goals[1].instruction in env.reset(session=1)[0]
    del env.server.user_sessions["1"]
    env.server.goals[1], env.server.goals[2] = env.server.goals[2], env.server.goals[1]
    assert small_shop.goals[2].instruction in env.reset(session=1)[0]


def test_assigned_goals(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    server = env.server
    assert server.weights == [goal["weight"] for goal in server.goals]
    assert server.cum_weights[-1] == pytest.approx(sum(server.weights))
    chosen = [*server.goals[3:6], server.goals[0]]
    server.goals = chosen
    assert server.weights == [goal["weight"] for goal in chosen]
    assert chosen[1]["instruction_text"] in env.reset(session=1)[0]
    for _ in range(20):
        env.reset()
        assert server.user_sessions[env.session]["goal"] in chosen
    server.weights = [1, 0, 0, 0]
    for _ in range(5):
        env.reset()
        # The goal after the one drawn, as the original draws.
        assert server.user_sessions[env.session]["goal"] is chosen[1]
    server.goals.append(chosen[0])
    server.cum_weights = [0, 0, 0, 0, 0, 1]
    env.reset()
    assert server.user_sessions[env.session]["goal"] is chosen[0]


def test_goals_are_like_a_list(small_shop: Shop) -> None:
    goals = WebAgentTextEnv("text", shop=small_shop).server.goals
    assert goals[-1] is goals[len(goals) - 1]
    assert goals[2:4] == [goals[2], goals[3]]
    assert goals == list(goals)
    last = goals.pop()
    assert len(goals) == 13
    goals.insert(0, last)
    assert goals.index(last) == 0
    goals.reverse()
    assert goals[-1] is last
    assert repr(goals) == "<14 goals>"


def test_the_browser(small_shop: Shop) -> None:
    env = WebAgentTextEnv("text", shop=small_shop)
    env.reset(session=4)
    browser = env.browser
    assert browser.session_id == "4"
    assert browser.current_url == "http://127.0.0.1:3000/4"
    assert browser.search(["red", "shoes"]) == {"reward": 0.0, "done": False}
    assert browser.current_url == "http://127.0.0.1:3000/search_results/4/red+shoes/1"
    browser.click("SHOE000001", env.text_to_clickable)
    assert 'class="radio-toolbar"' in browser.page_source
    assert env.observation.count("SHOE000001") == 0
    assert browser.click("buy now", env.text_to_clickable)["done"]
    browser.get("http://127.0.0.1:3000/other", session_int=6)
    assert small_shop.goals[6].instruction in browser.page_source


@pytest.mark.parametrize("show_attrs", [False, True])
def test_reading_pages_as_the_original_does(show_attrs: bool, small_shop: Shop) -> None:
    env = WebAgentTextEnv("html", shop=small_shop, show_attrs=show_attrs)
    env.reset(session=0)
    actions = ["search[red shoes]", "click[shoe000001]", "click[red]", "click[features]",
               "click[< prev]", "click[back to search]", "search[lamp]", "click[lamp000001]",
               "click[us]", "click[description]", "click[< prev]", "click[< prev]",
               "click[lamp000001]", "click[buy now]"]  # fmt: skip
    for action in actions:
        page, *_ = env.step(action)
        visit = env.browser.visit
        assert env.convert_html_to_text(page, simple=True) == visit.text()
        assert env.convert_html_to_text(page) == visit.text_rich()
    assert env.convert_html_to_text(
        "<body><!-- no --><p>a<script>x</script></p> \n <label>b</label></body>", simple=True
    ) == "a [SEP] b"  # fmt: skip
