"""BERT's forward pass, for inference alone.

Transformers spends as long again on masks, hooks and checks as on a text of a few words, and torch
brings the weights of a plain linear layer into the order of its matrix product anew each time. Here
the steps are the same and in the same order, on weights in that order: in bfloat16 the states are
the same to the last bit where the library adds in one order, whatever the number of rows. Texts go
through the layers one behind the other, without padding, and meet only in reading the weights: a
few are read as each alone, many in a third less time than with padding.

In 8 bits each row of weights and each token has a step of its own, so that a token's states depend
on no other text here either.

Source: Devlin et al., "BERT", 2019, as ``transformers.BertModel`` has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, pad, scaled_dot_product_attention

from shopwright.encoding.byte_products import FIRST_STEPS, SECOND_STEPS, byte_product

Linear = Callable[[Tensor], Tensor]

# The library keeps a program of half a megabyte for every number of rows that it has multiplied, up
# to a thousand of them. Texts that are read together are filled up to multiples of this, so that
# there are few: some 250 MB less where requests of all lengths were read by fours.
ROWS = 16
# Some processors add long sums (the wide layer's) in another order where there are few rows or very
# many: a Xeon with AMX up to 36, and from 384 on. So many rows are multiplied at once, so that a
# text has the same states alone and among others.
LONG_SUM = 1024
FEWEST_ROWS, MOST_ROWS = 48, 256


class _Packed:
    """Linear layers of the same input as one, whose weights are packed, as TorchInductor packs
    those that it freezes."""

    def __init__(self, *plain: nn.Linear) -> None:
        weight = torch.cat([layer.weight.detach() for layer in plain])
        self._dtype = weight.dtype
        self._is_long_sum = weight.shape[1] >= LONG_SUM
        self._bias = torch.cat([layer.bias.detach() for layer in plain])
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, None)
        # By its name alone torch would look for the right one of its forms at each call.
        self._multiply = torch.ops.mkldnn._linear_pointwise.default

    def __call__(self, inputs: Tensor) -> Tensor:
        rows = inputs.to(self._dtype)
        if not self._is_long_sum or FEWEST_ROWS <= len(rows) <= MOST_ROWS:
            return self._product(rows)
        parts = [
            self._product(_filled_up(part))[: len(part)] for part in torch.split(rows, MOST_ROWS)
        ]
        return torch.cat(parts) if len(parts) > 1 else parts[0]

    def _product(self, rows: Tensor) -> Tensor:
        product: Tensor = self._multiply(rows, self._weight, self._bias, "none", [], "")
        return product


def _filled_up(rows: Tensor) -> Tensor:
    """Rows with empty ones behind them, at least :data:`FEWEST_ROWS`."""
    return pad(rows, (0, 0, 0, max(0, FEWEST_ROWS - len(rows))))


class _Bytes:
    """Linear layers of the same input as one, in 8 bits."""

    def __init__(self, *plain: nn.Linear) -> None:
        weight = torch.cat([layer.weight.detach() for layer in plain]).float()
        self._step = weight.abs().amax(dim=1).clamp(min=1e-12) / SECOND_STEPS
        self._weight = (weight / self._step[:, None]).round().to(torch.int8).T.contiguous()
        self._bias = torch.cat([layer.bias.detach() for layer in plain]).float()

    def __call__(self, inputs: Tensor) -> Tensor:
        # The largest magnitude of each row; torch's norm takes ten times as long.
        largest = torch.maximum(
            inputs.amax(dim=1, keepdim=True), inputs.amin(dim=1, keepdim=True).neg_()
        )
        step = largest.clamp_(min=1e-12).div_(FIRST_STEPS)
        whole = (inputs / step).round_().to(torch.int8)
        product = byte_product(whole, self._weight).float()
        return product.mul_(step).mul_(self._step).add_(self._bias)


class _Norm:
    """A layer norm in two thirds of a module's time, to the same bits."""

    def __init__(self, plain: nn.LayerNorm) -> None:
        self._shape, self._step = plain.normalized_shape, plain.eps
        self._weight, self._bias = plain.weight.detach(), plain.bias.detach()

    def __call__(self, states: Tensor) -> Tensor:
        return torch.layer_norm(states, self._shape, self._weight, self._bias, self._step)


class _Layer(NamedTuple):
    query_key_value: Linear
    attended: Linear
    attended_norm: _Norm
    intermediate: Linear
    output: Linear
    output_norm: _Norm


class Bert:
    """A frozen BERT.

    Args:
        network: the ``transformers.BertModel`` whose weights it takes; changes of them later are
            not followed.
        in_bytes: whether it multiplies in 8 bits.
    """

    def __init__(self, network: Any, *, in_bytes: bool = False) -> None:
        linear = _Bytes if in_bytes else _Packed
        embeddings = network.embeddings
        self._words = embeddings.word_embeddings.weight.detach()
        self._kind = embeddings.token_type_embeddings.weight.detach()[0]
        self._positions = embeddings.position_embeddings.weight.detach()
        self._norm = _Norm(embeddings.LayerNorm)
        self._heads = int(network.config.num_attention_heads)
        self._layers = [
            _Layer(
                query_key_value=linear(
                    layer.attention.self.query,
                    layer.attention.self.key,
                    layer.attention.self.value,
                ),
                attended=linear(layer.attention.output.dense),
                attended_norm=_Norm(layer.attention.output.LayerNorm),
                intermediate=linear(layer.intermediate.dense),
                output=linear(layer.output.dense),
                output_norm=_Norm(layer.output.LayerNorm),
            )
            for layer in network.encoder.layer
        ]

    @classmethod
    def of(cls, network: nn.Module, *, in_bytes: bool = False) -> Bert | None:
        """Return a network as a frozen one; None if it is another kind, or not on a processor whose
        library packs weights."""
        config: Any = getattr(network, "config", None)
        if (
            type(network).__name__ != "BertModel"
            or config.hidden_act != "gelu"
            or config.is_decoder
            or next(network.parameters()).device.type != "cpu"
            or not torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        ):
            return None
        try:
            return cls(network, in_bytes=in_bytes)
        except (AttributeError, RuntimeError):  # These operators are torch's own affair.
            return None

    @torch.inference_mode()
    def states(self, texts: Sequence[Sequence[int]]) -> list[Tensor]:
        """Return the last hidden layer of each text, float32 (tokens, dimensions).

        Args:
            texts: the tokens of each, with special ones; at least one text.
        """
        count = len(texts)
        if count > 1 and (missing := -sum(map(len, texts)) % ROWS):
            texts = [*texts, [0] * missing]
        lengths = [len(tokens) for tokens in texts]
        states = self._words[list(chain.from_iterable(texts))] + self._kind
        positions = [self._positions[:length] for length in lengths]
        states = self._norm(states + (torch.cat(positions) if len(lengths) > 1 else positions[0]))
        for layer in self._layers:
            projected = layer.query_key_value(states).view(len(states), 3, self._heads, -1)
            apart = [
                # (1, heads, tokens, dimensions of a head), of queries, keys and values
                scaled_dot_product_attention(*own.permute(1, 2, 0, 3)[:, None]).transpose(1, 2)
                for own in (torch.split(projected, lengths) if len(lengths) > 1 else [projected])
            ]
            together = torch.cat(apart, dim=1) if len(apart) > 1 else apart[0]
            attended = layer.attended(together.reshape(len(states), -1))
            states = layer.attended_norm(attended + states)
            expanded = gelu(layer.intermediate(states))
            states = layer.output_norm(layer.output(expanded) + states)
        return list(torch.split(states.float(), lengths)[:count])
