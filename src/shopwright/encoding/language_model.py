"""The language model, and the states that it gives the tokens of a text.

The model is frozen: it reads every text once. What the policies work with are its states per
token, centred, projected to fewer dimensions and normalised, so that the dot product of two tokens
is their cosine similarity ("late interaction": Khattab & Zaharia, ColBERT, 2020).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from shopwright.encoding.bert import Bert
from shopwright.encoding.compute import Precision, device_of, quickest_precision
from shopwright.encoding.encoded_text import EncodedText
from shopwright.encoding.pretrained import BUNDLED, load_pretrained
from shopwright.errors import UnavailableError

# What comes of so many stays in the cache: in 8 bits each of twice as many takes a seventh longer.
TOKENS_PER_BATCH = 2048
# A request is encoded, and then asked which word each token belongs to.
_TEXTS_TAKEN_APART = 8


class _TakenApart(NamedTuple):
    """A text's tokens, without special ones, and the number of the word that each belongs to."""

    tokens: tuple[int, ...]
    word_numbers: tuple[int, ...]


class LanguageModel:
    """A frozen Hugging Face encoder, ``network``; who trains that reads other states with it.

    Args:
        name: :data:`BUNDLED` (comes as a package), a local folder, or a hub name.
        precision: in what it computes; None: the quickest here. States have a cosine of 0.9999 in
            bfloat16 and of 0.996 in int8 to those in float32. But for BERT int8 is float32.
        download: see :func:`model_source`.
        device: where it computes, see :func:`~shopwright.encoding.compute.device_of`. Only
            language models are large enough to gain by a GPU: the policies' own networks, of some
            20,000 parameters, stay on the CPU.

    Raises:
        InputError: there is no such device.
        MissingFileError: there is no such model.
        UnavailableError: the model cannot be loaded, or its weights are not the known ones.
    """

    def __init__(
        self,
        name: str = BUNDLED,
        *,
        precision: Precision | None = None,
        device: str = "cpu",
        download: bool = False,
    ) -> None:
        self.name = name
        self._tokenizer, self.network = load_pretrained(
            "AutoModel", name, noun="language model", download=download
        )
        self.network.to(device_of(device))
        self.precision: Precision = precision or quickest_precision(self.device)
        if self.precision == "bfloat16":
            # Of the weights as they came. Autocast would round them again for every text.
            _ = self.checksum
            for module in self.network.modules():
                if isinstance(module, torch.nn.Linear):
                    module.to(torch.bfloat16)

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process loads the same weights; it has no GPU of this one's.
        is_folder = self.name != BUNDLED and Path(self.name).is_dir()
        name = str(Path(self.name).absolute()) if is_folder else self.name
        return _reloaded, (name, self.precision, self.checksum)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        device: torch.device = next(self.network.parameters()).device
        return device

    @property
    def dimensions(self) -> int:
        """The width of a state."""
        return int(self.network.config.hidden_size)

    @property
    def vocabulary_size(self) -> int:
        """The number of different tokens."""
        return len(self._tokenizer)

    @cached_property
    def checksum(self) -> str:
        """A hexadecimal SHA-256 over the weights and the vocabulary."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        vocabulary = sorted(self._tokenizer.get_vocab().items())
        digest.update(json.dumps(vocabulary).encode())
        return digest.hexdigest()

    def tokens(self, texts: Sequence[str], *, limits: Sequence[int]) -> list[list[int]]:
        """Return the texts' tokens, without special ones, of each at most its limit."""
        if not texts:
            return []
        encoded = self._tokenizer(
            # The tokenizer takes no lone surrogates.
            [text.encode("utf-8", "replace").decode() for text in texts],
            add_special_tokens=False,
            truncation=True,
            max_length=max(limits),
        )
        return [ids[:limit] for ids, limit in zip(encoded["input_ids"], limits, strict=True)]

    def word_numbers(self, text: str, limit: int) -> Sequence[int]:
        """Return, for each token of a text, the number of the word (between white space) that it
        belongs to."""
        return self._taken_apart(text, limit).word_numbers

    @lru_cache(maxsize=_TEXTS_TAKEN_APART)  # noqa: B019 (a process has one or two models)
    def _taken_apart(self, text: str, limit: int) -> _TakenApart:
        encoded = self._tokenizer(
            text.encode("utf-8", "replace").decode(),  # It takes no lone surrogates.
            add_special_tokens=False,
            truncation=True,
            max_length=limit,
            return_offsets_mapping=True,
        )
        word_at = [0] * (len(text) + 1)
        for number, word in enumerate(re.finditer(r"\S+", text)):
            word_at[word.start() : word.end()] = [number] * (word.end() - word.start())
        # Some tokenizers count the space before a word as part of its first token.
        spans = encoded["offset_mapping"]
        numbers = tuple(word_at[max(start, end - 1)] for start, end in spans)
        return _TakenApart(tuple(encoded["input_ids"]), numbers)

    @lru_cache(maxsize=1 << 14)  # noqa: B019 (a process has one or two models)
    def near_words(
        self, word: str, *, count: int = 5, least_similarity: float = 0.5
    ) -> tuple[str, ...]:
        """Return the vocabulary's words whose embeddings are near a word's, nearest first; none
        for a word that is not one token."""
        words, embeddings, place_of = self._vocabulary
        place = place_of.get(word)
        if place is None:
            return ()
        similar = embeddings @ embeddings[place]
        best = np.argsort(-similar, kind="stable")[1 : count + 1]
        return tuple(words[int(n)] for n in best if similar[n] > least_similarity)

    @cached_property
    def _vocabulary(self) -> tuple[list[str], np.ndarray, dict[str, int]]:
        """Whole words of the vocabulary, their centred embeddings of unit length, their places."""
        vocabulary = self._tokenizer.get_vocab()
        words = sorted(w for w in vocabulary if w.isalpha() and w.isascii() and len(w) > 2)
        table = self.network.get_input_embeddings().weight.detach().float().cpu().numpy()
        embeddings = table[[vocabulary[word] for word in words]]
        embeddings = embeddings - embeddings.mean(axis=0)
        embeddings = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
        return words, embeddings, {word: place for place, word in enumerate(words)}

    def encode(self, texts: Sequence[str], *, limits: Sequence[int]) -> Iterator[EncodedText]:
        """Yield each text's tokens and states, in order.

        Args:
            limits: how many tokens of each text are read at most.
        """
        tokens = self.tokens(texts, limits=limits)
        encoded: list[EncodedText | None] = [None] * len(tokens)
        for batch in _batches([len(ids) for ids in tokens]):
            with torch.inference_mode():
                states = self._read([tokens[number] for number in batch])
            for number, row in zip(batch, states, strict=True):
                encoded[number] = EncodedText.of(tokens[number], row)
        for text in encoded:
            assert text is not None
            yield text

    @cached_property
    def _frozen(self) -> Bert | None:
        return Bert.of(self.network, in_bytes=self.precision == "int8")

    def _read(self, tokens: Sequence[Sequence[int]]) -> list[Tensor]:
        """The states of texts, perhaps with padding behind."""
        if self._frozen is None:
            return [*self.states(tokens)[0]]
        whole = [self._whole(ids) for ids in tokens]
        return [states[1:-1] for states in self._frozen.states(whole)]

    def _read_each(self, tokens: Sequence[Sequence[int]]) -> list[Tensor]:
        """The states of texts, none of which depend on the others."""
        apart = [tokens] if self._frozen else [[ids] for ids in tokens]
        return [states for together in apart for states in self._read(together)]

    @torch.inference_mode()
    def encode_each(self, texts: Sequence[str], *, limit: int) -> list[EncodedText]:
        """Return the tokens, at most ``limit``, and states of a few texts, at least one: to the
        last bit what :meth:`encode` gives for each alone, in less time."""
        tokens = [self._taken_apart(text, limit).tokens for text in texts]
        return [*map(EncodedText.of, tokens, self._read_each(tokens))]

    def _whole(self, tokens: Sequence[int]) -> list[int]:
        """A text's tokens with the special ones at its ends."""
        return [self._tokenizer.cls_token_id, *tokens, self._tokenizer.sep_token_id]

    def states(self, tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Return the last hidden layer of texts, float32 (texts, tokens, dimensions), with their
        gradients where they are wanted, and bool (texts, tokens), which of them are tokens.

        Args:
            tokens: each text's, without special ones.
        """
        width = max(len(ids) for ids in tokens) + 2
        shape = (len(tokens), width)
        ids = torch.full(shape, self._tokenizer.pad_token_id, dtype=torch.long)
        mask = torch.zeros(shape, dtype=torch.long)
        for row, content in enumerate(tokens):
            whole = self._whole(content)
            ids[row, : len(whole)] = torch.tensor(whole)
            mask[row, : len(whole)] = 1
        device = self.device.type
        with torch.autocast(device, dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            output = self.network(
                input_ids=ids.to(self.device), attention_mask=mask.to(self.device)
            )
        states = output.last_hidden_state.float()
        lengths = torch.tensor([len(content) for content in tokens], device=self.device)
        return states[:, 1:-1], torch.arange(width - 2, device=self.device) < lengths[:, None]

    def save(self, folder: Path) -> None:
        """Write the model and its vocabulary as a local folder that its path names."""
        self.network.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)


@lru_cache(maxsize=2)
def _reloaded(name: str, precision: Precision, checksum: str) -> LanguageModel:
    model = LanguageModel(name, precision=precision)
    if model.checksum != checksum:
        raise UnavailableError(f"language model {name}: expected the same everywhere, got another")
    return model


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Numbers of texts, the longest first, so that a batch pads little."""
    order = sorted(range(len(lengths)), key=lambda number: -lengths[number])
    start = 0
    while start < len(order):
        count = max(1, TOKENS_PER_BATCH // (lengths[order[start]] + 2))
        yield order[start : start + count]
        start += count
