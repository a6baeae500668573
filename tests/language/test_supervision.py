"""What a causal model learns from a trajectory."""

from __future__ import annotations

import pytest

from causal_models import tiny_causal_model
from shopwright.agents.oracle import Oracle
from shopwright.language.export import replayed_decisions
from shopwright.language.prompts import load_prompt
from shopwright.language.supervision import UNLEARNED, supervised
from shopwright.rollouts.rollout import roll_out

# A template that ends its prompts in a line break, as most do, and forgets nothing.
LINES = (
    "{% for message in messages %}<s>{{ message['role'] }}\n{{ message['content'] }}</s>"
    "{% endfor %}{% if add_generation_prompt %}<s>assistant\n{% endif %}"
)
# One that shows the last message alone, as some do with thoughts of earlier turns.
FORGETS = (
    "{% for message in messages[-1:] %}<s>{{ message['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}</s>{% endif %}"
)


@pytest.fixture(scope="module")
def trajectory(tiny_shop):
    return roll_out(Oracle(), tiny_shop, tiny_shop.goals[0]).trajectory


def records_of(shop, trajectory, prompt, tokenizer):
    return [*supervised(replayed_decisions(trajectory, shop), prompt, tokenizer)]


def learned(tokenizer, record):
    """The pieces of text that a record's labels keep."""
    pieces, before = [], UNLEARNED
    for token, label in zip(record["input_ids"], record["labels"], strict=True):
        if label != UNLEARNED:
            assert label == token
            if before == UNLEARNED:
                pieces.append([])
            pieces[-1].append(token)
        before = label
    return [tokenizer.decode(piece, skip_special_tokens=True) for piece in pieces]


def answers_of(prompt, shop, trajectory):
    decisions = replayed_decisions(trajectory, shop)
    return [prompt.answer(each.page, action)["content"] for each, action in decisions]


@pytest.mark.parametrize("name", ["brief", "chat", "react"])
def test_a_conversation_is_one_record_whose_answers_are_learned(tiny_shop, trajectory, name):
    prompt = load_prompt(name)
    tokenizer, _ = tiny_causal_model(template=LINES)
    (record,) = records_of(tiny_shop, trajectory, prompt, tokenizer)
    assert learned(tokenizer, record) == answers_of(prompt, tiny_shop, trajectory)
    whole = tokenizer.decode(record["input_ids"])
    assert tokenizer.encode(whole, add_special_tokens=False) == record["input_ids"]


@pytest.mark.parametrize(
    ("name", "template"), [("compact", LINES), ("brief", FORGETS)], ids=["text", "forgetful"]
)
def test_a_prompt_that_does_not_go_on_is_a_record_of_its_own(tiny_shop, trajectory, name, template):
    prompt = load_prompt(name)
    tokenizer, _ = tiny_causal_model(template=template)
    records = records_of(tiny_shop, trajectory, prompt, tokenizer)
    assert len(records) == len(trajectory.actions)
    found = [text for record in records for text in learned(tokenizer, record)]
    assert found == answers_of(prompt, tiny_shop, trajectory)


def test_a_product_is_shown_once(tiny_shop, trajectory):
    assert len(trajectory.actions) > 3, "expected an episode that chooses options"
    tokenizer, _ = tiny_causal_model(template=LINES)
    (record,) = records_of(tiny_shop, trajectory, load_prompt("brief"), tokenizer)
    text = tokenizer.decode(record["input_ids"])
    assert text.count("price: ") == 1
    assert text.count("chosen: ") == len(trajectory.actions) - 3
    (record,) = records_of(tiny_shop, trajectory, load_prompt("chat"), tokenizer)
    assert tokenizer.decode(record["input_ids"]).count("price: ") == len(trajectory.actions) - 2
