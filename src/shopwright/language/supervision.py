"""Decisions as the tokens that a causal model learns from: it reads what it is shown when it shops,
and learns its answers alone.

An episode whose prompts are one conversation is read once, however many answers it has; where a
prompt does not go on from the last answer, a record of its own begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from shopwright.language.causal import continuation, prompt_text
from shopwright.language.decisions import Decision
from shopwright.language.prompts import Prompt

# What the loss of transformers leaves out.
UNLEARNED = -100


def supervised(
    decisions: Iterable[tuple[Decision, str]], prompt: Prompt, tokenizer: Any
) -> Iterator[dict[str, list[int]]]:
    """Yield ``{"input_ids", "labels"}`` of an episode's decisions with the actions that were taken;
    the labels of all but answers, each with the token that ends it, are :data:`UNLEARNED`.

    Raises:
        InputError: the tokenizer has no chat template that takes the prompt.
    """
    text, tokens, labels = "", list[int](), list[int]()
    for decision, action in decisions:
        messages = prompt.messages(decision)
        asked = prompt_text(tokenizer, prompt, messages)
        answer = prompt.answer(decision.page, action)
        answered = prompt_text(tokenizer, prompt, [*messages, answer], answered=True)
        if tokens and not asked.startswith(text):
            yield {"input_ids": tokens, "labels": labels}
            text, tokens, labels = "", [], []
        read = tokenizer.encode(asked[len(text) :], add_special_tokens=False)
        said = continuation(tokenizer, asked, answered.removeprefix(asked))
        # A template may add a line break to the token that ends an answer.
        end = len(said)
        while tokenizer.decode(said[end - 1]).isspace():
            end -= 1
        tokens += [*read, *said]
        labels += [UNLEARNED] * len(read) + said[:end] + [UNLEARNED] * (len(said) - end)
        text = answered
    yield {"input_ids": tokens, "labels": labels}
