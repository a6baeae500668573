"""A local causal model that shops: it compares the actions of a page, or writes one of them."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from shopwright.errors import InputError
from shopwright.language.causal import CausalModel, prompt_text
from shopwright.language.config import LanguageConfig
from shopwright.language.prompts import Message, Prompt
from shopwright.language.speaking import Question, Reply
from shopwright.language.trie import Trie
from shopwright.shop.actions import search

# A query is no longer than this, nor than its first line.
QUERY_TOKENS = 48
_WORDS = "WORDS"


class LocalSpeaker:
    """A causal model that either compares all actions of a page by their likelihood, or writes one,
    token by token, among those that the page offers.

    Where a page has a search bar, a comparison knows no other action than to search the request as
    it stands; who writes writes a query.

    Args:
        name: what tables call it.
        model: the model.
        prompt: how it is asked.
        config: ``decide`` says which of the two it does.
        weights: the checksum of its weights, so that others of the same name are not taken for it.
    """

    parallel = 1

    def __init__(
        self,
        name: str,
        model: CausalModel,
        prompt: Prompt,
        config: LanguageConfig,
        weights: str = "",
    ) -> None:
        self.name, self.weights = name, weights
        self._model, self._prompt, self._config = model, prompt, config
        self.budget = min(model.context, config.context_tokens) - config.reply_tokens
        self._lock = Lock()
        self._end = self._end_token()

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens messages have."""
        return len(self._model.tokens_of(self._text(messages)))

    def request(self, question: Question) -> dict[str, Any]:
        """Return what decides the reply."""
        return {
            "model": self.name,
            "weights": self.weights,
            "prompt": self._prompt.reply,
            "reply_tokens": self._config.reply_tokens,
            "decide": self._config.decide,
            "normalise": self._config.normalise,
            "messages": question.messages,
            "actions": _actions(question),
            "seed": question.seed,
        }

    def reply(self, question: Question) -> Reply:
        """Return the model's action."""
        with self._lock:
            chance = None
            if question.seed is not None:
                chance = torch.Generator().manual_seed(question.seed)
            if self._config.decide == "score":
                return self._compared(question, chance)
            return self._written(question, chance)

    def _compared(self, question: Question, chance: torch.Generator | None) -> Reply:
        actions = _actions(question)
        prompt, answers, sequences = self._answers(question, actions, "")
        tokens = self._model.tokens_of(prompt)
        if len(actions) == 1:
            return Reply(actions[0], answers[0], candidates=((actions[0], 1.0),))
        scores = torch.tensor(self._model.log_probabilities(tokens, sequences))
        if self._config.normalise:
            scores /= torch.tensor([len(sequence) for sequence in sequences])
        chosen = _pick(scores, chance)
        pairs = zip(actions, scores.softmax(dim=0).tolist(), strict=True)
        return Reply(
            actions[chosen],
            answers[chosen],
            len(tokens),
            len(Trie(sequences).tokens) - 1,
            tuple(sorted(pairs, key=lambda pair: -pair[1])),
        )

    def _written(self, question: Question, chance: torch.Generator | None) -> Reply:
        prompt = self._text(question.messages)
        read = len(self._model.tokens_of(prompt))
        wrote, thought = 0, ""
        if self._prompt.thinks:
            before, _, after = self._prompt.reply.partition("{thought}")
            stop = (after.partition("{action}")[0].split() or ["\n"])[0]
            thought, wrote = self._freely(prompt + before, stop, self._config.reply_tokens, chance)
        if question.decision.page.has_search_bar:
            answer = self._answer(question, prompt, search(_WORDS), thought)
            before, _, after = answer.rpartition(_WORDS)
            query, more = self._freely(
                prompt + before, after[:1] or "\n", QUERY_TOKENS, chance, question.decision.request
            )
            action = search(query.partition("\n")[0].strip() or question.decision.request)
            said = self._answer(question, prompt, action, thought)
            return Reply(action, said, read, wrote + more)
        actions = _actions(question)
        _, answers, sequences = self._answers(question, actions, thought)
        chosen = self._walk(self._model.tokens_of(prompt), sequences, chance)
        return Reply(actions[chosen], answers[chosen], read, wrote + len(sequences[chosen]))

    def _freely(
        self, text: str, stop: str, most: int, chance: torch.Generator | None, draft: str = ""
    ) -> tuple[str, int]:
        """Write until a text, the end or so many tokens; what was written before it, and how many
        tokens that took. A draft of it is read first, and kept as far as the model agrees."""
        tokens, written = self._model.tokens_of(text), ""
        start = len(tokens)
        if chance is None and draft and stop not in draft:
            drafted = self._model.continuation(text, draft)[:most]
            tokens += drafted[: self._model.agreed(tokens, drafted)]
            written = self._model.tokenizer.decode(tokens[start:])
        ends = {self._end, self._model.tokenizer.eos_token_id}
        while len(tokens) - start < most and len(tokens) < self._model.context:
            token = _pick(self._model.next_token(tokens), chance)
            if token in ends:
                break
            tokens.append(token)
            written = self._model.tokenizer.decode(tokens[start:])
            if stop in written:
                break
        return written.partition(stop)[0].strip(), len(tokens) - start

    def _walk(
        self, tokens: list[int], sequences: Sequence[list[int]], chance: torch.Generator | None
    ) -> int:
        """Write one of several sequences, token by token; its number. Tokens without alternative
        are not asked for."""
        trie, node = Trie(sequences), 0
        while trie.children[node]:
            children = trie.children[node]
            token = next(iter(children))
            if len(children) > 1:
                choices = [*children]
                token = choices[_pick(self._model.next_token(tokens)[choices], chance)]
            tokens = [*tokens, token]
            node = children[token]
        return next(number for number, path in enumerate(trie.paths) if path[-1] == node)

    def _answers(
        self, question: Question, actions: Sequence[str], thought: str
    ) -> tuple[str, list[str], list[list[int]]]:
        """The prompt, and the answer of each action as a text and as tokens with an end."""
        prompt = self._text(question.messages)
        answers = [self._answer(question, prompt, action, thought) for action in actions]
        if len(set(answers)) < len(answers):
            raise InputError(
                f"{self.name}: expected a chat template that shows tool calls, got one that does "
                "not; choose a prompt without tools"
            )
        return (
            prompt,
            answers,
            [[*self._model.continuation(prompt, answer), self._end] for answer in answers],
        )

    def _answer(self, question: Question, prompt: str, action: str, thought: str) -> str:
        """An answer as it stands after the prompt."""
        page = question.decision.page
        if not self._prompt.tools:
            return self._prompt.reply_text(page, action, thought=thought)
        messages = [*question.messages, self._prompt.answer(page, action)]
        return self._text(messages, answered=True).removeprefix(prompt)

    def _text(self, messages: Sequence[Message], *, answered: bool = False) -> str:
        return prompt_text(self._model.tokenizer, self._prompt, messages, answered=answered)

    def _end_token(self) -> int:
        """The token after an answer: what the chat template puts there."""
        question = [{"role": "user", "content": "?"}]
        answer = {"role": "assistant", "content": "!"}
        before = self._text(question)
        after = self._text([*question, answer], answered=True).removeprefix(before + "!")
        tokens = self._model.tokens_of(after or "\n")
        end: int | None = self._model.tokenizer.eos_token_id
        return tokens[0] if tokens and len(after) < len(before) + 1 else end or 0


def _actions(question: Question) -> list[str]:
    page = question.decision.page
    return [search(page.request)] if page.has_search_bar else page.actions


def _pick(scores: Tensor, chance: torch.Generator | None) -> int:
    """The number of the best score, or one drawn; scores are log probabilities."""
    if chance is None:
        return int(scores.argmax())
    return int(torch.multinomial(scores.float().softmax(dim=0).cpu(), 1, generator=chance))
