"""How the words of a request and those of products meet, before any learning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch

from shopwright.encoding.byte_products import SECOND_STEPS, row_products
from shopwright.encoding.product_states import FIELDS, ONE, ProductStates
from shopwright.policy.features import TEXT_EVIDENCE

# Tokens of products in a matrix product, few enough for the result to be still in the processor's
# cache when it is read; a larger product is a block of its own.
BLOCK_TOKENS = 2048
# Blocks are padded to a multiple of this: oneDNN keeps a compiled kernel for every size.
MULTIPLE_TOKENS = 256


@dataclass(frozen=True, slots=True)
class RequestReading:
    """A request as the policies read it.

    Attributes:
        text: the request.
        tokens: int32, (tokens,).
        word_numbers: int64, (tokens,): the word of the text (split at white space) of each token.
        hidden: float32, (tokens, dimensions): the language model's states.
        states: float32, (tokens, projected dimensions), unit length.
        rarity: float32, (tokens,): the tokens' inverse document frequency in the shop.
        limit_dollars: the price limit that the request names; None without one.
    """

    text: str
    tokens: np.ndarray
    word_numbers: np.ndarray
    hidden: np.ndarray
    states: np.ndarray
    rarity: np.ndarray
    limit_dollars: float | None


@dataclass(frozen=True, slots=True)
class OptionReading:
    """A product's options as the policies read them for a request, in the page's order."""

    groups: tuple[str, ...]  # each option's group, lower case
    values: tuple[str, ...]  # each option's value
    features: np.ndarray  # float32, (options, :data:`OPTION_FEATURES`)


class Matches(NamedTuple):
    """How the tokens of products and a request's meet.

    Attributes:
        evidence: float16, (products, request tokens, TEXT_EVIDENCE).
        best: float64, (tokens,), of each product: each token's highest similarity to one of the
            request.
        asked: float32, (tokens,), of each product: 1 for those that stand in the request.
    """

    evidence: np.ndarray
    best: list[np.ndarray]
    asked: list[np.ndarray]


def matches(request: RequestReading, products: Sequence[ProductStates]) -> Matches:
    """Return how the tokens of several products meet a request's."""
    begins = np.stack([product.starts for product in products])
    ends = np.cumsum([0, *begins[:, -1]])
    starts, lengths = (ends[:-1, None] + begins[:, :-1]).ravel(), np.diff(begins).ravel()
    fields = np.zeros((len(starts), len(request.tokens), 2), dtype=np.float16)
    best = np.empty(ends[-1], dtype=np.float64)
    for begin, end, similar, unit in _similar(request, products):
        first = begin * len(FIELDS)
        filled = first + np.flatnonzero(lengths[first : end * len(FIELDS)])
        if len(filled):
            highest = np.maximum.reduceat(similar, starts[filled] - ends[begin], axis=1)
            fields[filled, :, 0] = unit * highest.T
        best[ends[begin] : ends[end]] = unit * similar.max(axis=0)
    found = _found(request.tokens, np.concatenate([product.tokens for product in products]))
    hits = np.flatnonzero(found >= 0)
    # Of fields that begin at the same token the last one has it: those before are empty.
    field = np.searchsorted(starts, hits, side="right") - 1
    distinct, number = np.unique(request.tokens, return_inverse=True)
    stands = np.zeros((len(starts), len(distinct)), dtype=bool)
    stands[field, number[found[hits]]] = True
    fields[..., 1] = stands[:, number]
    asked = (found >= 0).astype(np.float32)
    spans = [slice(begin, end) for begin, end in pairwise(ends.tolist())]
    by_product = fields.reshape(len(products), -1, len(request.tokens), 2).swapaxes(1, 2)
    return Matches(
        by_product.reshape(len(products), len(request.tokens), TEXT_EVIDENCE),
        [best[span] for span in spans],
        [asked[span] for span in spans],
    )


def _found(asked: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """A place where each token stands in a request, −1 for those that do not: int64, (tokens,)."""
    place_of = np.full(1 + max(asked.max(), tokens.max(initial=-1)), -1)
    words = asked >= 0
    place_of[asked[words]] = np.flatnonzero(words)
    found: np.ndarray = place_of[tokens]
    return found


def in_steps(states: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a request's states, (tokens, dimensions), as whole steps, int8, and what a step is."""
    step = max(float(np.abs(states).max()), 1e-6) / SECOND_STEPS
    return np.rint(states / step).astype(np.int8), step


class _Block(NamedTuple):
    """How similar the tokens of some products are to a request's.

    Attributes:
        begin, end: the number of the first product, and of the one behind the last.
        similar: int32, (request tokens, their tokens).
        unit: what 1 there stands for.
    """

    begin: int
    end: int
    similar: np.ndarray
    unit: np.float32


def _similar(request: RequestReading, products: Sequence[ProductStates]) -> Iterator[_Block]:
    """Yield the similarities of products, block by block, in order."""
    asked, step = in_steps(request.states)
    few, unit = torch.from_numpy(asked), np.float32(step / ONE)
    begin = 0
    while begin < len(products):
        end, count = begin + 1, len(products[begin].tokens)
        while end < len(products) and count + len(products[end].tokens) <= BLOCK_TOKENS:
            count += len(products[end].tokens)
            end += 1
        padded = -(-count // MULTIPLE_TOKENS) * MULTIPLE_TOKENS
        many = np.empty((padded, few.shape[1]), dtype=np.int8)
        np.concatenate([product.states for product in products[begin:end]], out=many[:count])
        similar = row_products(few, torch.from_numpy(many)).numpy()[:, :count]
        yield _Block(begin, end, similar, unit)
        begin = end
