"""A local causal language model, to which a prompt's beginning is read once.

Whatever a prompt has in common with the one before is not read again, and the answers that are to
be compared are read together: as a tree, in which no token sees another answer's.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from shopwright.encoding.compute import computes_bfloat16, device_of
from shopwright.encoding.pretrained import load_pretrained
from shopwright.errors import InputError
from shopwright.files import sha256
from shopwright.language.prompts import Message, Prompt
from shopwright.language.trie import Trie

# Nodes of a tree that are read at once: their logits take 4 bytes times the vocabulary each.
NODES_AT_ONCE = 256
# By how much the log probability of an answer may differ between the two ways to read it.
_AGREEMENT = 0.02


class CausalModel:
    """A causal language model of transformers.

    Not for several threads at once: what was read last is kept.

    Args:
        tokenizer, network: as transformers opens them; the network in evaluation mode.

    Attributes:
        context: how many tokens it can read.
    """

    def __init__(self, tokenizer: Any, network: Any) -> None:
        self.tokenizer, self.network = tokenizer, network
        self.context: int = getattr(network.config, "max_position_embeddings", None) or 1 << 20
        parameters = inspect.signature(network.forward).parameters
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in parameters else {}
        self._read: list[int] = []
        self._cache: Any = None
        self._next: Tensor | None = None
        # A tree needs attention that takes any mask, over everything that was read.
        self._reads_trees = self._tree_agrees()

    @classmethod
    def open(cls, name: str, *, device: str = "auto", download: bool = False) -> CausalModel:
        """Open a model.

        Args:
            name: a folder, or the name of a model of huggingface.co.
            device: as :func:`~shopwright.encoding.compute.device_of` takes it.
            download: whether a model that is not here may be fetched.

        Raises:
            MissingFileError: there is no such model.
            UnavailableError: it cannot be loaded.
        """
        where = device_of(device)
        dtype = torch.bfloat16 if computes_bfloat16(where) else torch.float32
        tokenizer, network = load_pretrained(
            "AutoModelForCausalLM", name, download=download, dtype=dtype
        )
        return cls(tokenizer, network.to(where))

    def text_of(
        self,
        messages: Sequence[Message],
        tools: Sequence[dict[str, Any]] | None = None,
        *,
        answered: bool = False,
    ) -> str:
        """Return messages in the model's own form, up to where its answer begins.

        Args:
            answered: whether the last message is the answer.

        Raises:
            InputError: the model has no chat template, or one that does not take such messages.
        """
        return chat_text(self.tokenizer, messages, tools, answered=answered)

    def tokens_of(self, text: str) -> list[int]:
        """Return the tokens of a text that already has its special ones."""
        tokens: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return tokens

    def continuation(self, prompt: str, text: str) -> list[int]:
        """Return the tokens of a text that follows a prompt."""
        return continuation(self.tokenizer, prompt, text)

    def next_token(self, tokens: Sequence[int]) -> Tensor:
        """Read a prompt and return the log probabilities of what follows, float32 (vocabulary,).

        Raises:
            InputError: it has no token, or more than the model can read.
        """
        if not 0 < len(tokens) <= self.context:
            raise InputError(f"prompt: expected 1 to {self.context} tokens, got {len(tokens)}")
        known = _common(self._read, tokens)
        if known == len(tokens) == len(self._read) and self._next is not None:
            return self._next
        known = min(known, len(tokens) - 1)
        if known < len(self._read):
            known = self._forget(known)
        self._next = self._forward(list(tokens[known:]), **self._last_only)[-1].log_softmax(dim=-1)
        self._read = list(tokens)
        return self._next

    def agreed(self, tokens: Sequence[int], draft: Sequence[int]) -> int:
        """Return how many tokens of a draft the model would have written after a prompt, each being
        the likeliest; those are read. A draft is read at once, which is faster than token by token.

        Source: Leviathan et al., 2023 (arXiv 2211.17192), without sampling, the draft being a text.
        """
        self.next_token(tokens)
        room = self.context - len(tokens)
        if not draft or len(draft) > room or not _keeps_everything(self._cache):
            return 0
        assert self._next is not None
        rows = torch.cat([self._next[None], self._forward(list(draft))])
        likeliest = rows.argmax(dim=-1).tolist()
        count = _common(likeliest, draft)
        if count < len(draft):
            self._cache.crop(count - len(draft))
        self._read = [*tokens, *draft[:count]]
        self._next = rows[count].log_softmax(dim=-1)
        return count

    def log_probabilities(
        self, prompt: Sequence[int], answers: Sequence[Sequence[int]]
    ) -> list[float]:
        """Return the log probability of each answer after a prompt, all its tokens together.

        Args:
            answers: none of them the beginning of another.
        """
        first = self.next_token(prompt)
        if self._reads_trees:
            return self._tree(first, Trie(answers))
        return self._one_by_one(first, answers)

    @torch.inference_mode()
    def _tree(self, first: Tensor, trie: Trie) -> list[float]:
        """All answers in one reading. Each node sees the prompt and the nodes above it."""
        read = len(self._read)
        scores = [0.0] * len(trie.tokens)
        _score(scores, trie.children[0], first)
        inner = [node for node in range(1, len(trie.tokens)) if trie.children[node]]
        place = {node: number for number, node in enumerate(inner)}
        depth = [0] * len(trie.tokens)
        for node in range(1, len(trie.tokens)):
            depth[node] = depth[trie.parents[node]] + 1
        seen = torch.zeros(len(inner), len(inner), dtype=torch.bool)
        for node, number in place.items():
            parent = trie.parents[node]
            if parent:
                seen[number] = seen[place[parent]]
            seen[number, number] = True
        for start in range(0, len(inner), NODES_AT_ONCE):
            nodes = inner[start : start + NODES_AT_ONCE]
            end = start + len(nodes)
            mask = torch.cat(
                [torch.ones(len(nodes), read, dtype=torch.bool), seen[start:end, :end]], 1
            )
            kind = self.network.dtype
            added = torch.zeros(mask.shape, dtype=kind).masked_fill(~mask, torch.finfo(kind).min)
            logits = self._forward(
                [trie.tokens[node] for node in nodes],
                attention_mask=added[None, None].to(self.network.device),
                position_ids=torch.tensor(
                    [[read + depth[node] - 1 for node in nodes]], device=self.network.device
                ),
            )
            for node, row in zip(nodes, logits.log_softmax(dim=-1), strict=True):
                _score(scores, trie.children[node], row)
        if inner:
            self._cache.crop(-len(inner))
        return [sum(scores[node] for node in path) for path in trie.paths]

    @torch.inference_mode()
    def _one_by_one(self, first: Tensor, answers: Sequence[Sequence[int]]) -> list[float]:
        """Each answer by itself, after a copy of what was read."""
        read = self._cache
        totals = []
        for answer in answers:
            total = first[answer[0]].item()
            if len(answer) > 1:
                self._cache = deepcopy(read)
                rows = self._forward([*answer[:-1]]).log_softmax(dim=-1)
                total += sum(row[token].item() for row, token in zip(rows, answer[1:], strict=True))
            totals.append(total)
        self._cache = read
        return totals

    @torch.inference_mode()
    def _forward(self, tokens: list[int], **how: Any) -> Tensor:
        """Read tokens after what was read; the logits of what follows each, float32."""
        if self._cache is None:
            from transformers import DynamicCache

            self._cache = DynamicCache(config=self.network.config)
        given = torch.tensor([tokens], device=self.network.device)
        read = self.network(input_ids=given, past_key_values=self._cache, use_cache=True, **how)
        self._cache = read.past_key_values
        logits: Tensor = read.logits[0].float()
        return logits

    def _forget(self, known: int) -> int:
        """Keep the first ``known`` tokens of what was read, or nothing where a cache cannot go
        back; return how many are kept."""
        if not known or not _keeps_everything(self._cache):
            self._cache, self._read = None, []
            return 0
        self._cache.crop(known - len(self._read))
        self._read = self._read[:known]
        return known

    def _tree_agrees(self) -> bool:
        """Whether reading a tree gives what reading each answer does: not with every attention."""
        prompt, answers = [1, 2, 3, 4], [[5, 6, 7, 2], [5, 6, 8, 2], [9, 6, 7, 2]]
        first = self.next_token(prompt)
        one_by_one = self._one_by_one(first, answers)
        tree: list[float] = []
        if _keeps_everything(self._cache):
            with suppress(RuntimeError, ValueError, TypeError, IndexError):
                tree = self._tree(first, Trie(answers))
        self._cache, self._read, self._next = None, [], None
        pairs = zip(tree, one_by_one, strict=False)
        return bool(tree) and all(abs(one - other) < _AGREEMENT for one, other in pairs)


def chat_text(
    tokenizer: Any,
    messages: Sequence[Message],
    tools: Sequence[dict[str, Any]] | None = None,
    *,
    answered: bool = False,
) -> str:
    """Return messages as a tokenizer's chat template writes them, up to where the answer begins.

    Args:
        answered: whether the last message is the answer.

    Raises:
        InputError: there is no chat template, or one that does not take such messages.
    """
    if tokenizer.chat_template is None:
        raise InputError(
            f"{tokenizer.name_or_path}: expected a model with a chat template, got one "
            "without; a prompt file with chat = false is written as plain text"
        )
    how = {"tokenize": False, "add_generation_prompt": not answered, "tools": tools}
    from jinja2 import TemplateError

    try:
        try:
            text: str = tokenizer.apply_chat_template([*messages], **how)
        except TemplateError:  # Some templates take no system message.
            text = tokenizer.apply_chat_template(_without_system(messages), **how)
    except TemplateError as error:
        raise InputError(
            f"{tokenizer.name_or_path}: its chat template does not take this prompt: {error}"
        ) from None
    return text


def prompt_text(
    tokenizer: Any, prompt: Prompt, messages: Sequence[Message], *, answered: bool = False
) -> str:
    """Return a prompt's messages as text: by the chat template if the prompt wants it, else a line
    after the other.

    Args:
        answered: whether the last message is the answer.

    Raises:
        InputError: there is no chat template, or one that does not take such messages.
    """
    if prompt.chat:
        return chat_text(tokenizer, messages, prompt.tool_schemas, answered=answered)
    text = "".join(f"{message['content']}\n" for message in messages)
    return text[:-1] if answered else text


def continuation(tokenizer: Any, prompt: str, text: str) -> list[int]:
    """Return the tokens of a text that follows a prompt: its first characters may be another token
    there than at the beginning of a text."""
    # White space and special tokens, across which nothing is joined, are near.
    tail = prompt[-32:]
    before = tokenizer.encode(tail, add_special_tokens=False)
    both: list[int] = tokenizer.encode(tail + text, add_special_tokens=False)
    if both[: len(before)] == before:
        return both[len(before) :]
    alone: list[int] = tokenizer.encode(text, add_special_tokens=False)
    return alone


def weights_sha256(folder: Path) -> str:
    """Return the SHA-256 of a folder's weights; of a model of the hub, which has no folder, ""."""
    files = sorted(folder.glob("*.safetensors"))
    return hashlib.sha256("".join(map(sha256, files)).encode()).hexdigest() if files else ""


def _score(scores: list[float], children: dict[int, int], row: Tensor) -> None:
    tokens = [*children]
    for token, value in zip(tokens, row[tokens].tolist(), strict=True):
        scores[children[token]] = value


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two prompts begin with alike."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _keeps_everything(cache: Any) -> bool:
    """Whether a cache holds every token by itself, so that the last ones can be taken out."""
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in getattr(cache, "layers", [None]))


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """Messages whose first user message says what the system's did."""
    first, *rest = messages
    if first["role"] != "system" or not rest or rest[0]["role"] != "user":
        return [*messages]
    return [{"role": "user", "content": f"{first['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
