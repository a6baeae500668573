"""A local model as an agent: comparing actions, and writing one of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from causal_models import tiny_causal_model
from shopwright.agents.registry import open_agent
from shopwright.errors import InputError
from shopwright.evaluation.episodes import evaluate
from shopwright.language.agent import LanguageAgent
from shopwright.language.causal import CausalModel
from shopwright.language.config import LanguageConfig
from shopwright.language.decisions import Decision
from shopwright.language.local import LocalSpeaker
from shopwright.language.prompts import load_prompt
from shopwright.language.speaking import Question
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.page import Page
from shopwright.shop.shop import Shop


@pytest.fixture(scope="module")
def model() -> CausalModel:
    return CausalModel(*tiny_causal_model(context=8192))


@pytest.fixture(scope="module")
def item(tiny_shop: Shop) -> Page:
    episode = Episode(tiny_shop, tiny_shop.goals[0], step_limit=15)
    episode.act("search[coffee mugs]")
    episode.act("click[mug0000001]")
    return episode.page()


def agent_of(shop: Shop, model: CausalModel, **settings: Any) -> LanguageAgent:
    config = LanguageConfig(**{"context_tokens": 8192, "reply_tokens": 16, **settings})
    prompt = load_prompt(config.prompt or "compact")
    return LanguageAgent(shop, LocalSpeaker("hf:tiny", model, prompt, config), prompt, config)


def question(agent: LanguageAgent, page: Page, seed: int | None = None) -> Question:
    decision = Decision(page)
    return Question(decision, agent.prompt.messages(decision), seed)


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("prompt", ["compact", "react", "verl-agent"])
def test_the_likeliest_action_is_that_of_the_whole_texts(
    tiny_shop: Shop, model: CausalModel, item: Page, normalise: bool, prompt: str
) -> None:
    agent = agent_of(tiny_shop, model, normalise=normalise, prompt=prompt)
    asked = question(agent, item)
    reply = agent.speaker.reply(asked)
    text = model.text_of(asked.messages)
    scores = {}
    for action in item.actions:
        answer = agent.prompt.reply_text(item, action) + "</s>"
        whole = torch.tensor([model.tokens_of(text + answer)])
        start = len(model.tokens_of(text))
        with torch.inference_mode():
            rows = model.network(input_ids=whole).logits[0].log_softmax(dim=-1)
        picked = rows[start - 1 : -1].gather(1, whole[0, start:, None]).sum().item()
        scores[action] = picked / (whole.shape[1] - start if normalise else 1)
    assert reply.action == max(scores, key=lambda action: scores[action])
    expected = torch.tensor([*scores.values()]).softmax(dim=0).tolist()
    found = dict(reply.candidates)
    assert [found[action] for action in scores] == pytest.approx(expected, abs=1e-4)
    assert reply.tokens_in == start


@pytest.mark.parametrize("prompt", ["compact", "react", "verl-agent"])
@pytest.mark.parametrize("decide", ["score", "generate"])
def test_no_action_is_ever_invalid(
    tiny_shop: Shop, model: CausalModel, prompt: str, decide: str
) -> None:
    agent = agent_of(tiny_shop, model, prompt=prompt, decide=decide)
    for rng in (None, random.Random(1)):
        outcome = roll_out(agent, tiny_shop, tiny_shop.goals[1], step_limit=5, rng=rng)
        exchanges = [choice.exchange for choice in outcome.choices]
        assert all(exchange and exchange.valid for exchange in exchanges)
        assert not any(exchange and exchange.overrun for exchange in exchanges)
        assert outcome.trajectory.actions[0].startswith("search[")


def test_writing_takes_the_likeliest_token_that_leads_to_an_action(
    tiny_shop: Shop, model: CausalModel, item: Page
) -> None:
    agent = agent_of(tiny_shop, model, decide="generate")
    asked = question(agent, item)
    text = model.text_of(asked.messages)
    start = len(model.tokens_of(text))
    endings = [
        model.tokens_of(text + agent.prompt.reply_text(item, action) + "</s>")[start:]
        for action in item.actions
    ]
    written: list[int] = []
    while written not in endings:
        allowed = {e[len(written)] for e in endings if e[: len(written)] == written}
        tokens = torch.tensor([[*model.tokens_of(text), *written]])
        with torch.inference_mode():
            row = model.network(input_ids=tokens).logits[0, -1]
        written.append(max(allowed, key=lambda token: row[token].item()))
    assert agent.speaker.reply(asked).action == item.actions[endings.index(written)]


def test_samples_follow_the_seed_and_the_likelihood(
    tiny_shop: Shop, model: CausalModel, item: Page
) -> None:
    agent = agent_of(tiny_shop, model, normalise=True)
    replies = [agent.speaker.reply(question(agent, item, seed)) for seed in range(60)]
    assert replies[7] == agent.speaker.reply(question(agent, item, 7))
    chances = dict(replies[0].candidates)
    best = max(chances, key=lambda action: chances[action])
    drawn = [reply.action for reply in replies]
    assert len(set(drawn)) > 1
    assert drawn.count(best) / 60 == pytest.approx(chances[best], abs=0.2)


def test_an_evaluation_counts_tokens(tiny_shop: Shop, model: CausalModel) -> None:
    agent = agent_of(tiny_shop, model, price_in=2.0)
    evaluation = evaluate(agent, tiny_shop, list(tiny_shop.goals)[:2], step_limit=3)
    record = evaluation.record()
    assert record["invalid_actions"] == 0
    assert record["tokens_in"] > 500
    assert record["tokens_out"] > 20
    assert record["cost_dollars"] == pytest.approx(record["tokens_in"] * 2e-6)
    assert type(evaluation).from_record({**evaluation_fields(evaluation)}) == evaluation


def evaluation_fields(evaluation: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(evaluation)


def test_a_page_that_does_not_fit_is_no_lost_run(tiny_shop: Shop, model: CausalModel) -> None:
    agent = agent_of(tiny_shop, model, context_tokens=100)
    outcome = roll_out(agent, tiny_shop, tiny_shop.goals[0], step_limit=4)
    assert outcome.trajectory.actions == ["no action"] * 4
    last = outcome.choices[-1].exchange
    assert last is not None
    assert (last.overrun, last.valid, last.tokens_in) == (True, False, 0)


def test_prompts_that_the_model_cannot_take(tiny_shop: Shop) -> None:
    bare = CausalModel(*tiny_causal_model(template=None))
    with pytest.raises(InputError, match="expected a model with a chat template"):
        agent_of(tiny_shop, bare)
    model = CausalModel(*tiny_causal_model())
    agent = agent_of(tiny_shop, model, prompt="tools")
    with pytest.raises(InputError, match="chat template that shows tool calls"):
        roll_out(agent, tiny_shop, tiny_shop.goals[0])


def test_tool_calls_in_the_models_own_form(tiny_shop: Shop, item: Page) -> None:
    template = (
        "{% for m in messages %}<s>{{ m['role'] }} {{ m['content'] }}"
        "{% for c in m['tool_calls'] or [] %}CALL {{ c['function'] | tojson }}{% endfor %}</s>"
        "{% endfor %}{% if add_generation_prompt %}<s>assistant {% endif %}"
    )
    model = CausalModel(*tiny_causal_model(template=template, context=8192))
    for decide in ("score", "generate"):
        agent = agent_of(tiny_shop, model, prompt="tools", decide=decide)
        reply = agent.speaker.reply(question(agent, item))
        assert reply.action in item.actions
        assert reply.said.startswith("CALL {")
        outcome = roll_out(agent, tiny_shop, tiny_shop.goals[0], step_limit=3)
        assert all(choice.exchange and choice.exchange.valid for choice in outcome.choices)


def test_plain_text_needs_no_chat_template(tiny_shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    path.write_text(
        'system = ""\nuser = "{page}"\nreply = "Action: {action}"\nhistory = "messages"\n'
        "numbers = true\nchat = false\n"
    )
    model = CausalModel(*tiny_causal_model(template=None, context=8192))
    for decide in ("score", "generate"):
        agent = agent_of(tiny_shop, model, prompt=str(path), decide=decide)
        outcome = roll_out(agent, tiny_shop, tiny_shop.goals[0], step_limit=3)
        assert all(choice.exchange and choice.exchange.valid for choice in outcome.choices)


def test_by_its_folder_under_both_protocols(tiny_shop: Shop, tmp_path: Path) -> None:
    tokenizer, network = tiny_causal_model(context=8192)
    tokenizer.save_pretrained(tmp_path)
    network.save_pretrained(tmp_path)
    agent = open_agent(f"hf:{tmp_path}", tiny_shop, language=LanguageConfig(context_tokens=8192))
    for protocol in ("pages", "catalogue"):
        outcome = roll_out(agent, tiny_shop, tiny_shop.goals[0], protocol=protocol)
        assert outcome.trajectory.agent == f"hf:{tmp_path}"


@pytest.mark.parametrize("request_", ["red mug", "a mug] for me", "mug " * 200])
def test_a_query_is_the_one_that_is_written_token_by_token(
    tiny_shop: Shop, model: CausalModel, monkeypatch: pytest.MonkeyPatch, request_: str
) -> None:
    agent = agent_of(tiny_shop, model, decide="generate")
    asked = question(agent, Episode.for_request(tiny_shop, request_).page())
    drafted = agent.speaker.reply(asked)
    monkeypatch.setattr(model, "agreed", lambda *_: 0)
    assert agent.speaker.reply(asked) == drafted
