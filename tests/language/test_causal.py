"""Reading prompts once, and comparing answers as a tree, against reading each answer whole."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from causal_models import tiny_causal_model
from shopwright.errors import InputError, MissingFileError
from shopwright.language.causal import CausalModel
from shopwright.language.trie import Trie


@pytest.fixture(scope="module")
def model() -> CausalModel:
    return CausalModel(*tiny_causal_model())


def slowly(model: CausalModel, prompt: list[int], answer: list[int]) -> float:
    """The log probability of an answer, all of it read anew."""
    tokens = torch.tensor([[*prompt, *answer]])
    with torch.inference_mode():
        rows = model.network(input_ids=tokens).logits[0].log_softmax(dim=-1)
    places = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
    return sum(rows[place, token].item() for place, token in zip(places, answer, strict=True))


PROMPT = [5, 9, 17, 33, 21, 8]
ANSWERS = [[7, 8, 9, 2], [7, 8, 10, 11, 2], [7, 2], [30, 8, 9, 2], [2]]


def test_a_trie_shares_beginnings() -> None:
    trie = Trie(ANSWERS)
    assert len(trie.tokens) == 1 + 4 + 3 + 1 + 4 + 1
    assert [[trie.tokens[node] for node in path] for path in trie.paths] == ANSWERS
    assert all(parent < node for node, parent in enumerate(trie.parents))


@pytest.mark.parametrize("trees", [True, False])
def test_answers_score_as_if_each_were_read_by_itself(model: CausalModel, trees: bool) -> None:
    assert model._reads_trees
    model._reads_trees = trees
    try:
        found = model.log_probabilities(PROMPT, ANSWERS)
        expected = [slowly(model, PROMPT, answer) for answer in ANSWERS]
        assert found == pytest.approx(expected, abs=1e-4)
        assert max(expected) - min(expected) > 1.0
        # Once more, of another prompt with the same beginning, after what was read before.
        other = [*PROMPT[:4], 40, 41, 42]
        found = model.log_probabilities(other, ANSWERS)
        assert found == pytest.approx([slowly(model, other, a) for a in ANSWERS], abs=1e-4)
    finally:
        model._reads_trees = True


def written(model: CausalModel, count: int) -> list[int]:
    """What the model writes by itself after the prompt."""
    tokens = list(PROMPT)
    for _ in range(count):
        tokens.append(int(model.next_token(tokens).argmax()))
    return tokens[len(PROMPT) :]


def test_a_draft_is_agreed_to_as_far_as_the_model_would_have_written_it() -> None:
    model, other = (CausalModel(*tiny_causal_model()) for _ in range(2))
    answer = written(model, 12)
    assert other.agreed(PROMPT, []) == 0
    assert other.agreed(PROMPT, answer) == 12
    assert other.agreed(PROMPT, [answer[0] + 1, *answer[1:]]) == 0
    assert other.agreed(PROMPT, [*answer[:7], answer[7] + 1, *answer[8:]]) == 7
    # What was refused is not among what was read.
    tokens = [*PROMPT, *answer[:7]]
    for after in (tokens, [*tokens, 40]):
        assert torch.allclose(other.next_token(after), model.next_token(after), atol=1e-4)
    assert other.agreed(PROMPT, [1] * other.context) == 0


def test_many_answers_are_read_in_parts(
    model: CausalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.language.causal.NODES_AT_ONCE", 3)
    found = model.log_probabilities(PROMPT, ANSWERS)
    assert found == pytest.approx([slowly(model, PROMPT, a) for a in ANSWERS], abs=1e-4)


def test_a_prompt_is_read_once(model: CausalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    forward = model._forward

    def counted(tokens: list[int], **how: Any) -> Any:
        read.append(len(tokens))
        return forward(tokens, **how)

    monkeypatch.setattr(model, "_forward", counted)
    model.next_token([3, 4, 5, 6])
    read.clear()
    model.next_token([3, 4, 5, 6])
    model.next_token([3, 4, 5, 6, 7, 8])
    model.next_token([3, 4, 9])
    model.next_token([3, 4])
    model.log_probabilities([3, 4, 9, 10], [[11, 12, 2], [11, 13, 2]])
    # The tree's inner nodes: 11, 12 and 13.
    assert read == [2, 1, 1, 2, 3]
    with pytest.raises(InputError, match="expected 1 to 2048 tokens, got 0"):
        model.next_token([])


def test_what_is_read_again_says_the_same(model: CausalModel) -> None:
    prompts = [[3, 4, 5, 6], [3, 4, 9], [3, 4, 9, 10, 11], [7], [3, 4, 5, 6]]
    for prompt in prompts:
        row = model.next_token(prompt)
        for token in (2, 20, 40):
            assert row[token].item() == pytest.approx(slowly(model, prompt, [token]), abs=1e-4)


def test_attention_that_takes_no_mask_is_found_out() -> None:
    tokenizer, network = tiny_causal_model()
    forward = network.forward

    def maskless(*arguments: Any, attention_mask: Any = None, logits_to_keep: int = 0, **how: Any):
        return forward(*arguments, **how)

    network.forward = maskless
    model = CausalModel(tokenizer, network)
    assert not model._reads_trees
    found = model.log_probabilities(PROMPT, ANSWERS)
    assert found == pytest.approx([slowly(model, PROMPT, a) for a in ANSWERS], abs=1e-4)


def test_a_sliding_window_is_read_answer_by_answer() -> None:
    from transformers import MistralConfig, MistralForCausalLM

    tokenizer, _ = tiny_causal_model()
    config = MistralConfig(
        vocab_size=300, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, sliding_window=4, initializer_range=0.4,
        max_position_embeddings=128,
    )  # fmt: skip
    torch.manual_seed(0)
    model = CausalModel(tokenizer, MistralForCausalLM(config).eval())
    assert not model._reads_trees
    for prompt in (PROMPT, [*PROMPT, 3, 4], [*PROMPT[:3], 50, 51]):
        found = model.log_probabilities(prompt, ANSWERS)
        assert found == pytest.approx([slowly(model, prompt, a) for a in ANSWERS], abs=1e-4)


def test_chat_templates() -> None:
    messages = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
    model = CausalModel(*tiny_causal_model())
    assert model.text_of(messages) == "<s>system S</s><s>user U</s><s>assistant "
    model = CausalModel(*tiny_causal_model(template=None))
    with pytest.raises(InputError, match="expected a model with a chat template, got one without"):
        model.text_of(messages)
    choosy = (
        "{% for message in messages %}{% if message['role'] == 'system' %}"
        "{{ raise_exception('no system role') }}{% endif %}{{ message['content'] }}|{% endfor %}"
    )
    model = CausalModel(*tiny_causal_model(template=choosy))
    assert model.text_of(messages) == "S\n\nU|"
    model = CausalModel(*tiny_causal_model(template="{{ raise_exception('never') }}"))
    with pytest.raises(InputError, match="does not take this prompt: never"):
        model.text_of(messages)


def test_a_model_of_the_hub_is_fetched_only_if_that_is_asked_for() -> None:
    with pytest.raises(MissingFileError, match="nobody/nothing.*only with --download"):
        CausalModel.open("nobody/nothing")
