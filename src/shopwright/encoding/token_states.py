"""A shop's texts as token states: computed once per language model, kept beside the shop.

Files of ``SHOP/states/KEY/`` (KEY names model, weights and settings):
    mean.npy, components.npy: the projection (projection.py).
    tokens.npy: int32, all texts' tokens, one after the other.
    states.bin: int8, (tokens, dimensions): their states, 127 for 1.
    offsets.npy: int64, texts + 1: where each text begins.
    product_texts.npy: int64, (products, 4): the number of each product's title, bullets,
        description and kind.
    option_starts.npy: int64, products + 1; option_texts.npy: int64: the texts "group: value" of
        each product's options, in the page's order; option_skips.npy: int16: how many of a text's
        first tokens are the group's name.
    document_frequencies.npy: int32, (vocabulary,): how many products have a token.
    vectors.npy: int8, (products, dimensions of the model): see product_vectors.py.
    states.json: what it was made from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

import numpy as np

from shopwright.catalogue.delta import ChangedCatalogue
from shopwright.catalogue.product import Product
from shopwright.catalogue.storage import Catalogue, read_array, write_array
from shopwright.encoding.compute import threads
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.product_states import FIELDS, ONE, ProductStates
from shopwright.encoding.product_vectors import gathered_vectors, mean_vector
from shopwright.encoding.projection import Projection
from shopwright.files import replacing, reserve, write_json
from shopwright.folders import kept
from shopwright.shop.reward import CATEGORY_SEPARATOR
from shopwright.shop.shop import Shop
from shopwright.workers import current_pool, mapped

FORMAT_VERSION = 3
CACHED_PRODUCTS = 1024
TEXTS_PER_CHUNK = 2048
SAMPLE_PRODUCTS = 256
SAMPLE_TOKENS = 1 << 19
SAMPLE_RUN = 1 << 13  # that many one after the other

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class StatesConfig:
    """How a shop's texts are encoded: the dimensions of a token's state, and how many tokens of
    each text are read at most."""

    dimensions: int = 128
    title_tokens: int = 64
    text_tokens: int = 256  # of the bullets, and of the description
    kind_tokens: int = 64
    option_tokens: int = 32


def texts_of(product: Product, config: StatesConfig) -> list[tuple[str, int]]:
    """Return what is read of a product: the texts of its fields, then its options, each with how
    many tokens are read of it at most."""
    options = ((group, value) for group, values in product.options.items() for value in values)
    return [
        (product.title, config.title_tokens),
        (" ".join(product.bullets), config.text_tokens),
        (product.description, config.text_tokens),
        (_kind(product), config.kind_tokens),
        *((f"{group}: {value}", config.option_tokens) for group, value in options),
    ]


def _kind(product: Product) -> str:
    narrowest = product.product_category.split(CATEGORY_SEPARATOR)[-1].strip()
    parts = [product.query, narrowest, *product.attributes]
    return " . ".join(part for part in parts if part)


class TokenStates:
    """The token states of a shop's products, opened memory-mapped.

    Attributes:
        vectors: int8, (products as they were written, dimensions of the model).
    """

    def __init__(self, folder: Path, config: StatesConfig) -> None:
        self.folder, self.config = folder, config
        self.projection = Projection(
            np.array(read_array(folder / "mean.npy")),
            np.array(read_array(folder / "components.npy")),
        )
        self._tokens = read_array(folder / "tokens.npy")
        width = self.projection.components.shape[1]
        self._states = np.memmap(folder / "states.bin", dtype=np.int8, mode="r").reshape(-1, width)
        self._offsets = np.array(read_array(folder / "offsets.npy"))
        self._product_texts = read_array(folder / "product_texts.npy")
        self._option_starts = read_array(folder / "option_starts.npy")
        self._option_texts = read_array(folder / "option_texts.npy")
        self._option_skips = read_array(folder / "option_skips.npy")
        frequencies = np.array(read_array(folder / "document_frequencies.npy"))
        rare = (1 + len(self._product_texts)) / (1 + frequencies)
        self.inverse_document_frequency = np.log(rare).astype(np.float32)
        self.vectors = read_array(folder / "vectors.npy")
        self.product = lru_cache(maxsize=CACHED_PRODUCTS)(self._product)

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process maps the same files.
        return TokenStates, (self.folder.absolute(), self.config)

    def added_vectors(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows after :attr:`vectors` whose vectors are known, int64, (rows,), and these,
        float32, (rows, dimensions of the model), of unit length."""
        return np.zeros(0, dtype=np.int64), np.zeros((0, self.vectors.shape[1]), dtype=np.float32)

    def reading(self, row: int) -> Iterator[None]:
        """Read a product's texts, some at each step; these are all known."""
        return iter(())

    @cached_property
    def word_states(self) -> np.ndarray:
        """The direction of each token's mean state in the shop's texts, or in a sample of them:
        int8, (vocabulary, dimensions), :data:`ONE` for 1; zeros for tokens that are in none."""
        shape = (len(self.inverse_document_frequency), self._states.shape[1])
        sums = np.zeros(shape, dtype=np.float32)
        step = SAMPLE_RUN * max(1, len(self._tokens) // SAMPLE_TOKENS)
        for start in range(0, len(self._tokens), step):
            run = slice(start, start + SAMPLE_RUN)
            order = np.argsort(self._tokens[run], kind="stable")
            tokens, begins = np.unique(self._tokens[run][order], return_index=True)
            states = self._states[run][order].astype(np.float32)
            sums[tokens] += np.add.reduceat(states, begins)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        directions: np.ndarray = np.rint(sums * (ONE / np.maximum(lengths, 1.0))).astype(np.int8)
        return directions

    def _product(self, row: int) -> ProductStates:
        """Return the tokens of a row's product."""
        first, last = int(self._option_starts[row]), int(self._option_starts[row + 1])
        options = self._option_texts[first:last]
        texts = np.concatenate([self._product_texts[row], options])
        spans = [slice(int(self._offsets[t]), int(self._offsets[t + 1])) for t in texts]
        return ProductStates.of(
            [self._tokens[span] for span in spans],
            [self._states[span] for span in spans],
            self._option_skips[first:last].astype(np.int64),
        )

    def at(
        self, catalogue: Catalogue, model: LanguageModel, *, patient: bool = False
    ) -> TokenStates:
        """Return the states of the same shop's products after changes.

        Args:
            patient: whether new texts are read by :meth:`ChangedStates.reading` alone, not when
                they are asked for.
        """
        from shopwright.encoding.changed_states import ChangedStates  # It extends this class.

        if patient:
            _ = self.word_states  # Made now, not while somebody waits for an answer.
        if not isinstance(catalogue, ChangedCatalogue):
            return self
        states = ChangedStates(self, model, catalogue.delta, patient=patient)
        return states.at(catalogue, model, patient=patient)


def states_folder(shop: Shop, model: LanguageModel, config: StatesConfig) -> Path:
    """Return where a shop's token states of a model are kept."""
    made_from = json.dumps([FORMAT_VERSION, model.checksum, asdict(config)], sort_keys=True)
    return shop.folder / "states" / hashlib.sha256(made_from.encode()).hexdigest()[:16]


def open_states(
    shop: Shop,
    model: LanguageModel,
    config: StatesConfig | None = None,
    progress: Progress | None = None,
) -> TokenStates:
    """Return a shop's token states; they are computed if they are not there yet, on all cores,
    or by the pool where work is divided.

    Args:
        shop: the shop; its folder must be writable the first time.
    """
    config = config or StatesConfig()
    folder = states_folder(shop, model, config)
    kept(folder, lambda new: _write(new, shop, model, config, progress))
    return TokenStates(folder, config).at(shop.catalogue, model)


@threads()
def _write(
    folder: Path,
    shop: Shop,
    model: LanguageModel,
    config: StatesConfig,
    progress: Progress | None,
) -> None:
    numbers: dict[tuple[str, int], int] = {}  # (text, limit) → its number
    product_texts: list[list[int]] = []
    option_texts: list[int] = []
    option_groups: list[str] = []
    option_starts = [0]
    for product in shop.catalogue.base:
        texts = [numbers.setdefault(each, len(numbers)) for each in texts_of(product, config)]
        product_texts.append(texts[: len(FIELDS) - 1])
        option_texts += texts[len(FIELDS) - 1 :]
        option_groups += groups_of(product)
        option_starts.append(len(option_texts))

    projection = _fit(shop, model, config)
    tokens, offsets, means = _write_states(folder, list(numbers), model, projection, progress)
    frequencies = np.zeros(model.vocabulary_size, dtype=np.int32)
    for row, texts in enumerate(product_texts):
        every = [*texts, *option_texts[option_starts[row] : option_starts[row + 1]]]
        found = [tokens[offsets[text] : offsets[text + 1]] for text in every]
        frequencies[np.unique(np.concatenate(found))] += 1
    arrays = {
        "mean": projection.mean,
        "components": projection.components,
        "tokens": tokens,
        "offsets": offsets,
        "product_texts": np.array(product_texts, dtype=np.int64),
        "option_starts": np.array(option_starts, dtype=np.int64),
        "option_texts": np.array(option_texts, dtype=np.int64),
        "option_skips": option_skips(option_groups, model, config),
        "document_frequencies": frequencies,
        "vectors": gathered_vectors(means, product_texts),
    }
    for name, array in arrays.items():
        write_array(folder / f"{name}.npy", array)
    write_json(
        folder / "states.json",
        {
            "version": FORMAT_VERSION,
            "model": model.name,
            "model_checksum": model.checksum,
            "texts": len(numbers),
            "tokens": len(tokens),
            **asdict(config),
        },
    )


def _fit(shop: Shop, model: LanguageModel, config: StatesConfig) -> Projection:
    """The projection, fitted on products spread over the catalogue."""
    catalogue = shop.catalogue.base
    count = min(SAMPLE_PRODUCTS, len(catalogue))
    rows = np.linspace(0, len(catalogue) - 1, count).astype(int)
    products = [catalogue[int(row)] for row in rows]
    texts = [text for product in products for text in (product.title, " ".join(product.bullets))]
    encoded = model.encode(texts, limits=[config.title_tokens] * len(texts))
    states = np.concatenate([text.states for text in encoded])
    return Projection.fit(states, min(config.dimensions, model.dimensions))


def _write_states(
    folder: Path,
    texts: list[tuple[str, int]],
    model: LanguageModel,
    projection: Projection,
    progress: Progress | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Write the states of (text, limit) pairs; return all tokens, where each text begins, and the
    mean of each text, int8, (texts, dimensions of the model)."""
    tokens: list[np.ndarray] = []
    shape = (len(texts), model.dimensions)
    starts = range(0, len(texts), TEXTS_PER_CHUNK)
    chunks = [texts[start : start + TEXTS_PER_CHUNK] for start in starts]
    read = partial(_read_chunk, model, projection)
    with TemporaryFile(dir=folder) as file:
        reserve(file, len(texts) * model.dimensions, folder)
        means: np.ndarray = np.memmap(file, dtype=np.int8, mode="w+", shape=shape)
    with replacing(folder / "states.bin") as file:
        for chunk in mapped(read, chunks, current_pool()):
            means[len(tokens) : len(tokens) + len(chunk.tokens)] = chunk.means
            tokens += chunk.tokens
            file.write(chunk.states)
            if progress:
                progress(len(tokens), len(texts))
    offsets = np.cumsum([0, *map(len, tokens)]).astype(np.int64)
    return np.concatenate(tokens), offsets, means


class _Chunk(NamedTuple):
    """The tokens of some texts, their states as they are kept, one text after the other, and the
    mean of each."""

    tokens: list[np.ndarray]
    states: bytes
    means: np.ndarray


def _read_chunk(
    model: LanguageModel, projection: Projection, texts: Sequence[tuple[str, int]]
) -> _Chunk:
    read = [*model.encode([text for text, _ in texts], limits=[limit for _, limit in texts])]
    return _Chunk(
        [text.tokens for text in read],
        b"".join(rounded(projection, text.states).tobytes() for text in read),
        np.array([mean_vector(text.states) for text in read]),
    )


def rounded(projection: Projection, states: np.ndarray) -> np.ndarray:
    """Return a text's states as they are kept: int8, (tokens, dimensions), :data:`ONE` for 1."""
    kept: np.ndarray = np.rint(projection.apply(states) * ONE).astype(np.int8)
    return kept


def groups_of(product: Product) -> list[str]:
    """Return the group of each of a product's options, in the page's order."""
    return [group for group, values in product.options.items() for _ in values]


def option_skips(groups: Sequence[str], model: LanguageModel, config: StatesConfig) -> np.ndarray:
    names = sorted(set(groups))
    limits = [config.option_tokens] * len(names)
    prefixes = model.tokens([f"{name}:" for name in names], limits=limits)
    skips = {name: len(tokens) for name, tokens in zip(names, prefixes, strict=True)}
    return np.array([skips[group] for group in groups], dtype=np.int16)
