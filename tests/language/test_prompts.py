"""Prompts: what a model is shown of a page, and how its answers are read."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import orjson
import pytest

from shopwright.agents.oracle import Oracle
from shopwright.errors import InputError
from shopwright.language.decisions import Decision, Past, decisions_of
from shopwright.language.prompts import BUILT_IN, Prompt, load_prompt, prompt_of_model
from shopwright.language.tools import action_of, call_of
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.page import Page
from shopwright.shop.shop import Shop


def page_after(shop: Shop, *actions: str) -> Page:
    episode = Episode(shop, shop.goals[0], step_limit=15)
    for action in actions:
        episode.act(action)
    return episode.page()


@pytest.fixture(scope="module")
def results(tiny_shop: Shop) -> Page:
    return page_after(tiny_shop, "search[coffee mugs]")


@pytest.fixture(scope="module")
def item(tiny_shop: Shop) -> Page:
    return page_after(tiny_shop, "search[coffee mugs]", "click[mug0000001]", "click[red]")


def shown(prompt: Prompt, decision: Decision) -> str:
    return "\n".join(str(message["content"]) for message in prompt.messages(decision))


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_decision_of_an_episode_reads_back_as_it_was_answered(
    tiny_shop: Shop, name: str
) -> None:
    prompt = load_prompt(name)
    trajectory = roll_out(Oracle(), tiny_shop, tiny_shop.goals[0]).trajectory
    episode = Episode(tiny_shop, tiny_shop.goals[0], step_limit=15)
    decisions = list(decisions_of(episode.replay(trajectory.actions)))
    assert [len(decision.past) for decision, _ in decisions] == [*range(len(decisions))]
    for decision, action in decisions:
        assert decision.request in shown(prompt, decision)
        answer = prompt.answer(decision.page, action, thought="it fits")
        if prompt.tools:
            call = answer["tool_calls"][0]["function"]
            assert prompt.read_call(decision.page, call["name"], call["arguments"]) == action
        else:
            assert prompt.read(decision.page, answer["content"]) == action


def test_the_compact_view_tells_products_by_number(results: Page, item: Page) -> None:
    prompt = load_prompt("compact")
    text = shown(prompt, Decision(results))
    assert "\n1. Coffee Mug, " in text
    assert "\n3. Coffee Mug, " in text
    assert "mug0000001" not in text.lower()
    assert "Actions: click[1] to click[3], click[back to search], click[next >]" in text
    links = list(results.links)
    assert prompt.written(results, f"click[{links[1]}]") == "click[2]"
    assert prompt.read(results, "click[2]") == f"click[{links[1]}]"
    text = shown(prompt, Decision(item))
    assert "Coffee Mug, Lead Free\nprice: $12.0\n" in text
    assert "color: red | blue (chosen: red)\nsize: small | large\n" in text
    assert prompt.read(item, "click[1]") == "click[1]"  # No number there: not offered.


def test_history_is_text_or_messages(tiny_shop: Shop, results: Page, item: Page) -> None:
    search = page_after(tiny_shop)
    link = next(iter(results.links))
    past = (Past(search, "search[coffee mugs]"), Past(results, f"click[{link}]"))
    text = shown(load_prompt("compact"), Decision(item, past))
    assert "Before: searched for coffee mugs\nBefore: opened Coffee Mug, " in text
    react = load_prompt("react").messages(Decision(item, past))
    assert [message["role"] for message in react] == ["system"] + ["user", "assistant"] * 2 + [
        "user"
    ]
    assert react[2]["content"] == "Thought: \nAction: search[coffee mugs]"
    tools = load_prompt("tools").messages(Decision(item, past))
    assert [message["role"] for message in tools] == [
        "system", "user", "assistant", "tool", "assistant", "tool",
    ]  # fmt: skip
    assert tools[3]["name"] == "search"
    verl = load_prompt("verl-agent").messages(Decision(item, past))
    assert len(verl) == 1
    assert "[Observation 1: 'Search', Action 1: 'search[coffee mugs]']" in verl[0]["content"]
    assert "This is step 3." in verl[0]["content"]
    assert "\n'click[buy now]',\n" in verl[0]["content"]


def test_what_is_filled_in_is_no_template(tiny_shop: Shop) -> None:
    page = page_after(tiny_shop, "search[{system} {request} {0}]")
    past = (Past(page_after(tiny_shop), "search[{system} {request} {0}]"),)
    assert "searched for {system} {request} {0}" in shown(
        load_prompt("compact"), Decision(page, past)
    )


def test_what_was_no_action_is_said_on_the_next_page(results: Page) -> None:
    past = (Past(results, "no action", "I would rather not.", valid=False),)
    for name in ("react", "tools"):
        prompt = load_prompt(name)
        messages = prompt.messages(Decision(results, past))
        assert messages[-1]["content"].startswith(prompt.invalid)
        assert messages[-1]["role"] == "user"
        assert messages[-2] == {"role": "assistant", "content": "I would rather not."}
        assert not messages[1]["content"].startswith(prompt.invalid)


def test_the_oldest_steps_are_left_out_first(results: Page) -> None:
    prompt = load_prompt("react")
    past = tuple(Past(results, f"search[mug {number}]") for number in range(5))

    def words(messages: list[dict[str, str]]) -> int:
        return sum(len(message["content"].split()) for message in messages)

    decision = Decision(results, past)
    whole = prompt.fitted(decision, words, 10_000)
    assert whole.dropped == 0
    cut = prompt.fitted(decision, words, whole.tokens - 1)
    assert cut.dropped == 1
    assert "mug 0" not in str(cut.messages)
    assert "mug 1" in str(cut.messages)
    least = prompt.fitted(decision, words, 1)
    assert least.dropped == 5
    assert least.tokens > 1


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("click[Buy Now]", "click[buy now]"),
        ("I shall CLICK [red] now.", "click[red]"),
        ("search[red mug] then click[red]", "search[red mug]"),
        ("click[red] and [so on]", "click[red]"),
        ("first\n\nsearch[mugs [2 pack]", "search[mugs  2 pack]"),
        ("I cannot help with that.", None),
        ("click[]", None),
        ("search[   ]", None),
        ("click[red", None),
        ("", None),
    ],
)
def test_answers_in_text(item: Page, said: str, action: str | None) -> None:
    assert load_prompt("compact").read(item, said) == action


def test_the_marked_action_counts(item: Page) -> None:
    verl = load_prompt("verl-agent")
    said = "<think>click[blue]? No, click[red].</think> <action>click[small]</action> click[large]"
    assert verl.read(item, said) == "click[small]"
    react = load_prompt("react")
    assert react.read(item, "Thought: click[blue] is wrong\nAction: click[red]") == "click[red]"
    assert react.read(item, "click[red]") == "click[red]"


@pytest.mark.parametrize(
    ("name", "arguments", "action"),
    [
        ("click", {"name": "buy now"}, "click[buy now]"),
        ("search", '{"query": "red mug"}', "search[red mug]"),
        ("search", '{"query": "red mug"', None),
        ("search", '["red mug"]', None),
        ("search", {"name": "red mug"}, None),
        ("click", {"name": 3}, None),
        ("click", {"name": " "}, None),
        ("buy", {"name": "red mug"}, None),
        ("click", None, None),
    ],
)
def test_calls(name: str, arguments: object, action: str | None) -> None:
    assert action_of(name, arguments) == action
    if action and isinstance(arguments, dict):
        assert call_of(action) == {"name": name, "arguments": arguments}


def test_a_prompt_of_ones_own(tmp_path: Path, item: Page) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('system = ""\nuser = "{page} JSON: {}"\nreply = "GO {action}"\n')
    prompt = load_prompt(str(path))
    assert prompt.name == "mine"
    assert prompt.messages(Decision(item))[0]["content"].endswith(" JSON: {}")
    assert prompt.answer(item, "click[red]")["content"] == "GO click[red]"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("user = ", "expected TOML"),
        ('user = ""', "expected a key 'system', got none"),
        ('system = ""\nuser = "{goal}"', "user: expected {actions}, .*, got {goal}"),
        ('system = ""\nuser = ""\nreply = "x"', "reply: expected {action} once"),
        ('system = ""\nuser = ""\ncolour = 1', "got 'colour'"),
        ('system = ""\nuser = ""\nview = "all"', "view: expected one of compact, text, quoted"),
    ],
)
def test_wrong_prompt_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        load_prompt(str(path))
    with pytest.raises(InputError, match="prompt: expected compact, brief, chat, .* got 'nothing'"):
        load_prompt("nothing")


def test_a_model_that_was_trained_here_keeps_its_prompt(tmp_path: Path) -> None:
    assert prompt_of_model(tmp_path) == load_prompt("compact")
    own = replace(load_prompt("react"), name="mine")
    (tmp_path / "shopwright.json").write_bytes(orjson.dumps({"prompt": asdict(own)}))
    assert prompt_of_model(tmp_path) == own
    (tmp_path / "shopwright.json").write_text('{"prompt": {"colour": "red"}}')
    with pytest.raises(InputError, match="shopwright.json: expected .*, got 'colour'"):
        prompt_of_model(tmp_path)


def test_many_options_are_shown_in_part_those_asked_for_among_them(tiny_shop: Shop) -> None:
    page = page_after(tiny_shop, "search[coffee mugs]", "click[mug0000001]")
    many = {f"colour {number}": "color" for number in range(200)} | {"dishwasher-safe red": "color"}
    page = replace(page, clickables={**page.clickables, **many})
    text = shown(load_prompt("compact"), Decision(page))
    assert " | dishwasher-safe red | " in text
    assert "180 more" in text or "179 more" in text
    assert len(text) < 1_000


def test_a_page_that_was_shown_is_not_shown_again(results: Page, item: Page) -> None:
    prompt = load_prompt("brief")
    link = next(iter(results.links))
    opened = replace(item, chosen={})
    past = (Past(results, f"click[{link}]"), Past(opened, "click[red]"))
    assert prompt.messages(Decision(item, past))[-1]["content"] == "chosen: color: red; not: size"
    whole = {"color": "red", "size": "small"}
    settled = prompt.messages(Decision(replace(item, chosen=whole), past))[-1]["content"]
    assert settled == "chosen: color: red, size: small"
    # Only of what is among the messages, and of the same product.
    whole = prompt.messages(Decision(item, past), steps=0)[-1]["content"]
    assert whole.startswith("Coffee Mug, Lead Free\nprice: $12.0\n")
    assert item.product is not None
    other = replace(item, product=item.product._replace(title="Another"))
    shown_last = prompt.messages(Decision(other, past))[-1]["content"]
    assert shown_last.startswith("Another\nprice: ")
    back = replace(results, opened=frozenset([results.results[0].asin]))
    past = (*past, Past(item, "click[< prev]"))
    assert prompt.messages(Decision(back, past))[-1]["content"] == "Results again, seen: 1"
    further = replace(back, page_number=back.page_number + 1)
    assert prompt.messages(Decision(further, past))[-1]["content"].startswith("Results, page 2")
    with pytest.raises(InputError, match="repeats: expected true where the history is text"):
        replace(prompt, history="text")
