"""What to type into the search box: a tagger that keeps or drops the words of a request.

A small network on the language model's states says of each word how likely people would type it.
Several thresholds give several queries. Source: WebShop's search model (Yao et al., 2022) generates
queries with BART; deviation: keeping words needs no generator, and learns from 1,506 pairs in
seconds (query_generation.py has the generator).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.encoding.language_model import LanguageModel
from shopwright.policy.batch import padded

REQUEST_TOKENS = 128
# The first decides the best query; the others give further queries.
_THRESHOLDS = (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)
_PRICE = re.compile(r",? and price (?:lower|less) than .*$", re.IGNORECASE | re.DOTALL)
_EDGES = ".,;:!?\"'()"
_WORD_FEATURES = 4


class QueryPolicy(Protocol):
    """Anything that proposes what to search for."""

    def propose(self, request: str, count: int) -> list[str]:
        """Return at most ``count`` different queries, the best first, at least one."""


class TaggerNetwork(nn.Module):
    """How likely each word of a request is typed, seen with the words beside it.

    Args:
        state_dimensions: of the language model.
        dropout: on the states.
    """

    def __init__(self, state_dimensions: int, *, hidden: int = 64, dropout: float = 0.3) -> None:
        super().__init__()
        self.sizes = {"state_dimensions": state_dimensions, "hidden": hidden, "dropout": dropout}
        self.read = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(state_dimensions + _WORD_FEATURES, hidden), nn.GELU()
        )
        self.beside = nn.Conv1d(hidden, hidden, kernel_size=3, padding=1)
        self.keep = nn.Linear(hidden, 1)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """Return each word's logit, (B, W).

        Args:
            words: float, (B, W, state dimensions + features).
            mask: bool, (B, W): false for padding.
        """
        read = self.read(words) * mask[..., None]
        beside = nn.functional.gelu(self.beside(read.transpose(1, 2))).transpose(1, 2)
        logits: Tensor = self.keep(read + beside).squeeze(-1)
        return logits


def words_of(request: str) -> list[str]:
    """Return the words of a request, without the price limit that WebShop adds to it."""
    return _PRICE.sub("", request).split()


def bare(word: str) -> str:
    """Return a word as it is typed: lower case, without punctuation at its ends."""
    return word.lower().strip(_EDGES)


def word_states(model: LanguageModel, requests: Sequence[str]) -> list[np.ndarray]:
    """Return what the tagger reads: for each request float32, (words, dimensions + features).

    Args:
        model: the language model; a word's state is the mean of its tokens'.
    """
    lists = [words_of(request) for request in requests]
    texts = [" ".join(words) for words in lists]
    encoded = model.encode(texts, limits=[REQUEST_TOKENS] * len(texts))
    states = []
    for words, text in zip(lists, encoded, strict=True):
        lengths = [
            len(tokens) for tokens in model.tokens(words, limits=[REQUEST_TOKENS] * len(words))
        ]
        ends = np.minimum(np.cumsum(lengths), len(text.states)) if words else np.zeros(0, int)
        found = np.zeros((len(words), model.dimensions + _WORD_FEATURES), dtype=np.float32)
        start = 0
        for number, end in enumerate(ends):
            if end > start:
                found[number, : model.dimensions] = text.states[start:end].mean(axis=0)
            start = max(start, int(end))
            word = words[number]
            found[number, model.dimensions :] = (
                number / len(words),
                len(words) / 20.0,
                any(character.isdigit() for character in word),
                word != bare(word),
            )
        states.append(found)
    return states


@dataclass(frozen=True, slots=True)
class Tagger:
    """A trained tagger, its network in evaluation mode, with the language model it was trained
    on."""

    network: TaggerNetwork
    model: LanguageModel

    @torch.no_grad()
    def kept(self, request: str) -> list[tuple[str, float]]:
        """Return each word of a request and the probability that it is typed."""
        words = words_of(request)
        if not words:
            return []
        batch, mask = padded(word_states(self.model, [request]))
        chances = self.network(batch, mask)[0].sigmoid().tolist()
        return list(zip(words, chances, strict=True))

    def propose(self, request: str, count: int) -> list[str]:
        """Return at most ``count`` different queries, the best first; the request itself if no
        word of it is worth typing."""
        kept = self.kept(request)
        queries: dict[str, None] = {}
        for threshold in _THRESHOLDS:
            typed = [bare(word) for word, chance in kept if chance >= threshold]
            if any(typed):
                queries.setdefault(" ".join(filter(None, typed)))
        return [*queries][:count] or [request]
