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
from torch.nn.functional import binary_cross_entropy_with_logits

from shopwright.config import setting
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.pretrained import BUNDLED
from shopwright.errors import InputError
from shopwright.files import read_json
from shopwright.policy.batch import padded
from shopwright.policy.checkpoint import NetworkFiles
from shopwright.policy.query import (
    QueryPolicy,
    Tagger,
    TaggerNetwork,
    bare,
    word_states,
    words_of,
)
from shopwright.policy.query_generation import QueryGenerator
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import dropping_out, step_randomness
from shopwright.training.inputs import is_held_out
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig

Pairs = Mapping[str, Sequence[str]]

QUERY_POLICY = NetworkFiles(
    "a query policy", "shopwright query policy", 1, "query.safetensors", "query.json"
)
MODEL_FOLDER = "model"
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


@one_at_a_time
def train_query(
    shop: Shop,
    pairs: Pairs,
    out: Path,
    config: QueryConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a query policy on request → queries, of which one request in ten is held out.

    The summary says how well it agrees with people's words on these, and at what place of the
    shop's search results its queries find what is asked for, beside the whole request.
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
    policy: Tagger | QueryGenerator
    if config.kind == "tagger":
        model = LanguageModel(config.language_model, device=config.device, download=True)
        with step_randomness(config.seed, "query", "initial weights"):
            network: Any = TaggerNetwork(model.dimensions)
        states = word_states(model, requests)
        shares = [_typed_shares(request, training[request]) for request in requests]
        policy = Tagger(network, model)
    else:
        policy = written = QueryGenerator(config.language_model, download=True)
        network = written.model

    def losses(step: int) -> Losses:
        draws = numpy_rng(config.seed, "query", "batch", step)
        chosen = draws.integers(0, len(requests), size=config.batch_size)
        with dropping_out(network, config.seed, "query", step):
            if config.kind == "tagger":
                words, mask = padded([states[number] for number in chosen])
                wanted, _ = padded([shares[number] for number in chosen])
                # Binary cross entropy with the share of queries that have a word.
                logits = network(words, mask)
                each = binary_cross_entropy_with_logits(logits, wanted, reduction="none")
                loss = each[mask].mean()
            else:
                asked = [requests[number] for number in chosen]
                queries = [training[a][int(draws.integers(len(training[a])))] for a in asked]
                loss = written.loss(asked, queries)
        yield loss, {"loss": loss}

    parts = {"network": network}
    loop = Loop(run, config, parts, stage="query", steps=config.steps, progress=progress)
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


def _write(out: Path, policy: Tagger | QueryGenerator) -> None:
    if isinstance(policy, QueryGenerator):
        policy.save(out / MODEL_FOLDER)
        QUERY_POLICY.describe(out, kind="generator", language_model={"name": MODEL_FOLDER})
    else:
        model = {"name": policy.model.name, "checksum": policy.model.checksum}
        sizes = policy.network.sizes
        QUERY_POLICY.write(out, policy.network, kind="tagger", network=sizes, language_model=model)


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
    same F1 of the whole request."""
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
