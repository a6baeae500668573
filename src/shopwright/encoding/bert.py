"""BERT's forward pass over one text, for inference alone.

Transformers spends as long again on masks, hooks and checks as on a text of a few words, and torch
brings the weights of a plain linear layer into the order of its matrix product anew each time. Here
the steps are the same and in the same order, on weights in that order: in bfloat16 the states are
the same to the last bit.

Source: Devlin et al., "BERT", 2019, as ``transformers.BertModel`` has it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention


class _Linear:
    """A linear layer whose weights are packed, as TorchInductor packs those that it freezes."""

    def __init__(self, plain: nn.Linear) -> None:
        self._dtype = plain.weight.dtype
        self._bias = plain.bias.detach()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(plain.weight.detach(), None)

    def __call__(self, inputs: Tensor) -> Tensor:
        product: Tensor = torch.ops.mkldnn._linear_pointwise(
            inputs.to(self._dtype), self._weight, self._bias, "none", [], ""
        )
        return product


class _Layer(NamedTuple):
    query: _Linear
    key: _Linear
    value: _Linear
    attended: _Linear
    attended_norm: nn.LayerNorm
    intermediate: _Linear
    output: _Linear
    output_norm: nn.LayerNorm


class Bert:
    """A frozen BERT.

    Args:
        network: the ``transformers.BertModel`` whose weights it takes; changes of them later are
            not followed.
    """

    def __init__(self, network: Any) -> None:
        self._embeddings = network.embeddings
        self._heads = int(network.config.num_attention_heads)
        self._layers = [
            _Layer(
                query=_Linear(layer.attention.self.query),
                key=_Linear(layer.attention.self.key),
                value=_Linear(layer.attention.self.value),
                attended=_Linear(layer.attention.output.dense),
                attended_norm=layer.attention.output.LayerNorm,
                intermediate=_Linear(layer.intermediate.dense),
                output=_Linear(layer.output.dense),
                output_norm=layer.output.LayerNorm,
            )
            for layer in network.encoder.layer
        ]

    @classmethod
    def of(cls, network: nn.Module) -> Bert | None:
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
            return cls(network)
        except (AttributeError, RuntimeError):  # These operators are torch's own affair.
            return None

    @torch.inference_mode()
    def states(self, tokens: Tensor) -> Tensor:
        """Return the last hidden layer of a text, float32 (tokens, dimensions).

        Args:
            tokens: int64, (tokens,), with special ones.
        """
        embeddings, count = self._embeddings, len(tokens)
        states = embeddings.word_embeddings.weight[tokens]
        states = states + embeddings.token_type_embeddings.weight[0]
        states = states + embeddings.position_embeddings.weight[:count]
        states = embeddings.LayerNorm(states)
        for layer in self._layers:
            query, key, value = (
                project(states).view(1, count, self._heads, -1).transpose(1, 2)
                for project in (layer.query, layer.key, layer.value)
            )
            attended = scaled_dot_product_attention(query, key, value)
            attended = layer.attended(attended.transpose(1, 2).reshape(count, -1))
            states = layer.attended_norm(attended + states)
            expanded = gelu(layer.intermediate(states))
            states = layer.output_norm(layer.output(expanded) + states)
        result: Tensor = states.float()
        return result
