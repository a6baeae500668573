"""The search policy: how often each word of the request is typed into the search box.

A search engine counts a word that is typed twice twice. So a query that repeats what matters and
leaves out what does not ("find me", "lower than 40 dollars") brings the right product further up,
with nothing but the box that every shopper has. The weights are learned from purchases that were
right (training/methods/term_weights.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.policy.dropout import Dropout
from shopwright.policy.features import RARITY_SCALE
from shopwright.policy.matching import RequestReading

WORD_FEATURES = 4
REPEATS_AT_MOST = 4
# Words that the shop would take for one of its special queries.
_SPECIAL = re.compile(r"<\w>")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a request.

    Attributes:
        texts: lower case, split at white space.
        hidden: float32, (words, dimensions): mean states of each word's tokens.
        features: float32, (words, :data:`WORD_FEATURES`): highest and mean rarity of its tokens,
            its length, whether it has a digit.
    """

    texts: tuple[str, ...]
    hidden: np.ndarray
    features: np.ndarray


def words_of(request: RequestReading) -> Words:
    """Return the words of a request; those beyond what the language model read are left out."""
    texts = [word.lower() for word in request.text.split()]
    order = np.argsort(request.word_numbers, kind="stable")
    numbers, starts, counts = np.unique(
        request.word_numbers[order], return_index=True, return_counts=True
    )
    kept = [
        place
        for place, number in enumerate(numbers.tolist())
        if number < len(texts) and not _SPECIAL.fullmatch(texts[number])
    ]
    own = tuple(texts[number] for number in numbers[kept].tolist())
    count_of = counts.astype(np.float32)[:, None]
    rarity = request.rarity[order, None] / RARITY_SCALE
    features = np.concatenate(
        [np.maximum.reduceat(rarity, starts), np.add.reduceat(rarity, starts) / count_of], axis=1
    )
    form = [(len(text) / 10.0, any(map(str.isdigit, text))) for text in own]
    return Words(
        own,
        (np.add.reduceat(request.hidden[order], starts) / count_of)[kept],
        np.concatenate(
            [features[kept], np.array(form, dtype=np.float32).reshape(len(kept), 2)], axis=1
        ),
    )


class TermWeightNetwork(nn.Module):
    """Weighs words.

    Args:
        dimensions: of the language model's states.
        hidden: units; few, or it learns words by heart.
        dropout: on the states.
    """

    def __init__(self, dimensions: int, *, hidden: int = 8, dropout: float = 0.5) -> None:
        super().__init__()
        self.meaning = nn.Sequential(
            Dropout(dropout), nn.Linear(dimensions, hidden), nn.GELU(), nn.Linear(hidden, 1)
        )
        self.form = nn.Sequential(nn.Linear(WORD_FEATURES, 16), nn.GELU(), nn.Linear(16, 1))

    def forward(self, hidden: Tensor, features: Tensor) -> Tensor:
        """Return the words' weights, above 0, (..., words).

        Args:
            hidden: float, (..., words, dimensions).
            features: float, (..., words, :data:`WORD_FEATURES`).
        """
        weights: Tensor = nn.functional.softplus(self.meaning(hidden) + self.form(features))
        return weights.squeeze(-1)


@torch.inference_mode()
def weighted_query(network: TermWeightNetwork, request: RequestReading) -> str:
    """Return what to type for a request: its words, in order, none to :data:`REPEATS_AT_MOST`
    times each, in proportion to their weights."""
    words = words_of(request)
    if not words.texts:
        return request.text
    weights = network(torch.from_numpy(words.hidden), torch.from_numpy(words.features)).numpy()
    repeats = np.rint(weights * (REPEATS_AT_MOST / weights.max())).astype(int)
    return " ".join(
        word for word, count in zip(words.texts, repeats, strict=True) for _ in range(count)
    )


def with_title(query: str, title: str) -> str:
    """Return a query that also asks for a product's title."""
    return " ".join([query, *(word for word in title.split() if not _SPECIAL.fullmatch(word))])
