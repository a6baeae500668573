"""Training of the query policy on (request, query) pairs: the tagger, or a generator.

Source: WebShop's search imitation (Yao et al., 2022). Deviation: by default a tagger that keeps or
drops words, whose loss is the binary cross entropy with the share of a request's queries that have
the word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
import torch
from torch import Tensor

from shopwright.config import setting
from shopwright.encoding.language_model import BUNDLED, LanguageModel
from shopwright.errors import AgentError, InputError
from shopwright.files import read_json, sha256, write_json
from shopwright.policy.checkpoint import read_tensors, write_tensors
from shopwright.policy.query import (
    QueryPolicy,
    Tagger,
    TaggerConfig,
    TaggerNetwork,
    bare,
    padded,
    word_states,
    words_of,
)
from shopwright.policy.query_generation import QueryGenerator
from shopwright.runs import Run
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import dropping_out, step_randomness
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig

Pairs = Mapping[str, Sequence[str]]

FORMAT = "shopwright query policy"
WEIGHTS, DESCRIPTION = "query.safetensors", "query.json"
MODEL_FOLDER = "model"
# One request in ten, by hash, is never trained on.
_HELD_OUT_SHARE = 10
_SEARCH_GOALS = 200


@dataclass(frozen=True, kw_only=True)
class QueryConfig(TrainingConfig):
    """How the query policy learns."""

    kind: Literal["tagger", "generator"] = setting(
        "tagger", help="keep or drop words, or generate with a sequence-to-sequence model"
    )
    language_model: str = setting(
        BUNDLED, help="the encoder, or the generator's model: a folder, or a hub name"
    )
    steps: int = setting(600, help="gradient steps", minimum=1)
    batch_size: int = setting(32, help="requests of a step", minimum=1)
    learning_rate: float = setting(
        2e-3, help="highest learning rate (a generator needs about 5e-5)", above=0
    )
    weight_decay: float = 0.05


def read_pairs(path: Path) -> dict[str, list[str]]:
    """Read (request, query) pairs in the form of WebShop's ``goal_query_map.json``: an object of
    lists of queries by request.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is otherwise, or has no pair.
    """
    pairs = read_json(path)
    if not isinstance(pairs, dict):
        raise InputError(f"{path}: expected an object of queries by request")
    for request, queries in pairs.items():
        texts = isinstance(queries, list) and all(isinstance(query, str) for query in queries)
        if not texts:
            raise InputError(f"{path}, {request!r:.60}: expected a list of queries")
    found = {request: queries for request, queries in pairs.items() if request.split() and queries}
    if not found:
        raise InputError(f"{path}: expected at least one pair, got none")
    return found


def is_held_out(request: str) -> bool:
    """Whether a request is kept to measure on: one in ten, by hash."""
    number = int.from_bytes(hashlib.sha256(request.encode("utf-8", "replace")).digest()[:8], "big")
    return number % _HELD_OUT_SHARE == 0


def train_query(
    shop: Shop,
    pairs: Pairs,
    out: Path,
    config: QueryConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a query policy and write it into a run folder.

    A run that was killed goes on from its last checkpoint and ends at the same weights; a finished
    one is returned as it is.

    Args:
        shop: where it is measured: at what place its queries find what is asked for.
        pairs: request → queries; one request in ten is held out to measure on.

    Returns:
        The summary, as in the folder's result.json: agreement with people's words on held-out
        requests, and places in the search results beside those of the whole request.

    Raises:
        InputError: no pair is left to train on, or the folder holds another run.
    """
    config = config or QueryConfig()
    training = {request: queries for request, queries in pairs.items() if not is_held_out(request)}
    held_out = {request: queries for request, queries in pairs.items() if is_held_out(request)}
    if not training:
        raise InputError(f"pairs: expected some to train on, got {len(pairs)}, all held out")
    checksum = hashlib.sha256(orjson.dumps(dict(pairs), option=orjson.OPT_SORT_KEYS)).hexdigest()
    run = Run.open(out, "query", {"config": asdict(config), "inputs": {"pairs_sha256": checksum}})
    if run.finished:
        return run.result()
    requests = list(training)
    if config.kind == "tagger":
        model = LanguageModel(config.language_model, device=config.device)
        with step_randomness(config.seed, "query", "initial weights"):
            network: Any = TaggerNetwork(TaggerConfig(state_dimensions=model.dimensions))
        states = word_states(model, requests)
        shares = [_typed_shares(request, training[request]) for request in requests]
        policy: Tagger | QueryGenerator = Tagger(network, model)
    else:
        written = QueryGenerator(config.language_model)
        network, policy = written.model, written

    def losses(step: int) -> Losses:
        draws = numpy_rng(config.seed, "query", "batch", step)
        chosen = draws.integers(0, len(requests), size=config.batch_size)
        with dropping_out(network, config.seed, "query", step):
            if config.kind == "tagger":
                loss = _tagging_loss(
                    network, [states[n] for n in chosen], [shares[n] for n in chosen]
                )
            else:
                asked = [requests[number] for number in chosen]
                queries = [training[a][int(draws.integers(len(training[a])))] for a in asked]
                loss = written.loss(asked, queries)
        yield loss, {"loss": loss}

    loop = Loop(
        run, config, {"network": network}, stage="query", steps=config.steps, progress=progress
    )
    loop.descend(losses)
    result = {
        "operation": "query",
        "kind": config.kind,
        "pairs": sum(map(len, pairs.values())),
        "requests": len(requests),
        "steps": config.steps,
        "held_out": agreement(policy, held_out),
        "search": found_places(policy, shop),
    }
    _write(out, policy)
    return loop.finish(result)


def _tagging_loss(
    network: TaggerNetwork, states: Sequence[np.ndarray], shares: Sequence[np.ndarray]
) -> Tensor:
    """The binary cross entropy of the words' states with the shares of queries that have them."""
    words, mask = padded(states)
    wanted = torch.zeros(mask.shape)
    for row, own in enumerate(shares):
        wanted[row, : len(own)] = torch.from_numpy(own)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        network(words, mask), wanted, reduction="none"
    )
    return loss[mask].mean()


def _write(out: Path, policy: Tagger | QueryGenerator) -> None:
    """Write a query policy into a run folder."""
    if isinstance(policy, Tagger):
        network, model = policy.network, policy.model
        write_tensors(out / WEIGHTS, network.state_dict())
        description = {
            "kind": "tagger",
            "network": asdict(network.config),
            "language_model": {"name": model.name, "checksum": model.checksum},
            "weights_sha256": sha256(out / WEIGHTS),
        }
    else:
        policy.save(out / MODEL_FOLDER)
        description = {"kind": "generator", "language_model": {"name": MODEL_FOLDER}}
    write_json(out / DESCRIPTION, {"format": FORMAT, "version": 1, **description})


def read_query_policy(folder: Path) -> QueryPolicy:
    """Return the query policy of a run folder.

    Raises:
        AgentError: the folder holds none, or its language model has other weights.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        raise AgentError(f"{folder}: expected a run folder with a query policy, found none")
    description = read_json(path)
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise AgentError(f"{path}, field format: expected {FORMAT!r}")
    if description["kind"] == "generator":
        return QueryGenerator(str(folder / MODEL_FOLDER))
    model = LanguageModel(description["language_model"]["name"])
    if model.checksum != description["language_model"]["checksum"]:
        raise AgentError(
            f"{folder}: expected the language model {model.name} that the query policy was "
            "trained on, got one with other weights"
        )
    network = TaggerNetwork(TaggerConfig(**description["network"]))
    network.load_state_dict(read_tensors(folder / WEIGHTS))
    return Tagger(network.eval(), model)


def _typed_shares(request: str, queries: Sequence[str]) -> np.ndarray:
    """For each word of a request, the share of its queries that have it: float32, (words,)."""
    typed = [{bare(word) for word in query.split()} for query in queries]
    return np.array(
        [np.mean([bare(word) in words for words in typed]) for word in words_of(request)],
        dtype=np.float32,
    )


def agreement(policy: QueryPolicy, pairs: Pairs) -> dict[str, float]:
    """Return how well a policy's first query agrees with what people typed: mean precision, recall
    and F1 of its words, against the query of the same request that it agrees with best; and the
    same F1 of the whole request.

    Args:
        pairs: request → queries; may be none.
    """
    found = []
    for request, queries in pairs.items():
        (proposed, *_) = policy.propose(request, 1)
        typed = [{bare(word) for word in query.split()} for query in queries]
        mine = {bare(word) for word in proposed.split()}
        whole = {bare(word) for word in words_of(request)}
        best = max((_f1(mine, words) for words in typed), key=lambda scores: scores[2])
        found.append((*best, max(_f1(whole, words)[2] for words in typed)))
    if not found:
        return {"requests": 0}
    precision, recall, f1, f1_of_request = np.mean(found, axis=0).tolist()
    return {
        "requests": len(found),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "f1_of_the_whole_request": f1_of_request,
    }


def _f1(mine: set[str], theirs: set[str]) -> tuple[float, float, float]:
    shared = len(mine & theirs)
    precision, recall = shared / max(1, len(mine)), shared / max(1, len(theirs))
    return precision, recall, 2 * shared / max(1, len(mine) + len(theirs))


def found_places(policy: QueryPolicy, shop: Shop) -> dict[str, float]:
    """Return in how many of 100 searches the product asked for is among the first 10 and 50
    results, for the policy's query and for the whole request, on dev goals."""
    goals = [shop.goals[n] for n in shop.goals.numbers("dev")[:_SEARCH_GOALS]]
    if not goals:
        return {"goals": 0}
    record: dict[str, float] = {"goals": len(goals)}
    for name in ("query", "request"):
        places = []
        for goal in goals:
            text = goal.instruction if name == "request" else policy.propose(goal.instruction, 1)[0]
            rows, row = shop.search_rows(text), shop.catalogue.row_of(goal.asin)
            places.append(rows.index(row) if row in rows else len(rows))
        for first in (10, 50):
            record[f"{name}_in_first_{first}"] = 100.0 * sum(p < first for p in places) / len(goals)
    return record
