"""A choice policy without any pretraining: a bag of embeddings, learned from demonstrations alone.

It is the row that shows what the language model adds. Source: WebShop's ablation, which puts a
recurrent network without pretraining in the place of BERT (Yao et al., 2022, section 5.3);
deviation: words are hashed, and a text is the mean of its words' embeddings.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.agents.learned import ranked
from shopwright.agents.options import pick
from shopwright.policy.batch import NEVER
from shopwright.policy.checkpoint import NetworkFiles
from shopwright.rollouts.agent import Answer, Choice, Visitor
from shopwright.search.searchable_catalogue import SearchableCatalogue
from shopwright.shop.actions import BUY_NOW, SEARCH_BUTTON, click, search
from shopwright.shop.page import Page
from shopwright.shop.pages import PageKind

SCRATCH_AGENT = NetworkFiles(
    "an agent without pretraining",
    "shopwright scratch agent",
    1,
    "scratch.safetensors",
    "scratch.json",
)
# Is a product, an option, Buy Now; opened before; chosen already; group set; steps left.
_FEATURES = 7
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TextDecision:
    """A choice among actions as texts.

    Attributes:
        request: int64, hashed words of the request.
        texts: hashed words of each action's text.
        features: float32, (actions, features).
        actions: the action strings; asins and option values under the catalogue protocol.
    """

    request: np.ndarray
    texts: tuple[np.ndarray, ...]
    features: np.ndarray
    actions: tuple[str, ...]


def hashed(text: str, buckets: int) -> np.ndarray:
    """Return a text's words as numbers from 1; 0 stands for a text without words."""
    words = [zlib.crc32(word.encode()) % (buckets - 1) + 1 for word in _WORD.findall(text.lower())]
    return np.array(words or [0], dtype=np.int64)


class ScratchNetwork(nn.Module):
    """Scores actions by the embeddings of request and action.

    Args:
        buckets: different hashed words.
        dimensions: of a word's embedding.
    """

    def __init__(self, *, buckets: int = 8192, dimensions: int = 64, hidden: int = 64) -> None:
        super().__init__()
        self.sizes = {"buckets": buckets, "dimensions": dimensions, "hidden": hidden}
        self.buckets = buckets
        self.embed = nn.EmbeddingBag(buckets, dimensions, mode="mean")
        self.score = nn.Sequential(
            nn.Linear(3 * dimensions + _FEATURES, hidden), nn.GELU(), nn.Linear(hidden, 1)
        )

    def forward(self, decisions: Sequence[TextDecision]) -> Tensor:
        """Return the actions' log probabilities, (B, A); padding is very negative."""
        requests = self._bags([decision.request for decision in decisions])
        counts = [len(decision.actions) for decision in decisions]
        actions = self._bags([text for decision in decisions for text in decision.texts])
        asked = requests.repeat_interleave(torch.tensor(counts), dim=0)
        features = torch.from_numpy(np.concatenate([decision.features for decision in decisions]))
        logits = self.score(torch.cat([asked, actions, asked * actions, features], dim=1))
        padded = torch.full((len(decisions), max(counts)), NEVER)
        places = torch.tensor([row for row, count in enumerate(counts) for _ in range(count)])
        columns = torch.tensor([number for count in counts for number in range(count)])
        padded = padded.index_put((places, columns), logits[:, 0])
        return padded.log_softmax(dim=1)

    def _bags(self, texts: Sequence[np.ndarray]) -> Tensor:
        starts = np.cumsum([0, *map(len, texts[:-1])])
        bags: Tensor = self.embed(
            torch.from_numpy(np.concatenate(texts)), torch.from_numpy(starts.astype(np.int64))
        )
        return bags


def page_decision(page: Page, buckets: int, *, step_limit: int | None) -> TextDecision:
    """Return the choice on a page.

    Args:
        page: any but the search page.
        step_limit: of the episode; None for no limit.
    """
    left = 1.0
    if page.steps_left is not None and step_limit is not None:
        left = max(0.0, 1.0 - (step_limit - page.steps_left + 1) / step_limit)
    listed = {product.row: product for product in page.results}
    actions, texts, features = [], [], []
    for name, target in page.clickables.items():
        if name == SEARCH_BUTTON.lower():
            continue
        text, opened, chosen, group_set = name, False, False, False
        if isinstance(target, int):
            text = listed[target].title
            opened = listed[target].asin in page.opened
        elif isinstance(target, str):
            text = f"{target} {name}"
            group_set = target in page.chosen
            chosen = page.chosen.get(target) == name
        actions.append(click(name))
        texts.append(hashed(text, buckets))
        kinds = isinstance(target, int), isinstance(target, str), name == BUY_NOW.lower()
        features.append([*kinds, opened, chosen, group_set, left])
    return TextDecision(
        request=hashed(page.request, buckets),
        texts=tuple(texts),
        features=np.array(features, dtype=np.float32),
        actions=tuple(actions),
    )


def answer_decision(
    request: str, texts: Mapping[str, str], buckets: int, *, product: bool
) -> TextDecision:
    """Return the choice among search results or among the values of an option group.

    Args:
        product: whether the actions are products.
    """
    features = np.zeros((len(texts), _FEATURES), dtype=np.float32)
    features[:, 0 if product else 1] = 1.0
    features[:, -1] = 1.0
    return TextDecision(
        request=hashed(request, buckets),
        texts=tuple(hashed(text, buckets) for text in texts.values()),
        features=features,
        actions=tuple(texts),
    )


class _Visit(NamedTuple):
    """The policy in one episode."""

    network: ScratchNetwork
    step_limit: int | None
    rng: random.Random | None

    @torch.no_grad()
    def choose(self, page: Page) -> Choice:
        if page.kind is PageKind.SEARCH:
            return Choice.certain(search(page.request))
        decision = page_decision(page, self.network.buckets, step_limit=self.step_limit)
        scores = self.network([decision])[0].tolist()
        return Choice(decision.actions[pick(scores, self.rng)], ranked(decision.actions, scores))


@dataclass(eq=False)
class ScratchAgent:
    """A trained policy without pretraining; its network is in evaluation mode."""

    network: ScratchNetwork
    name: str = "no-pretraining"
    deterministic: bool = False
    independent: bool = True

    def __repr__(self) -> str:
        return f"<ScratchAgent {self.name!r}>"

    def visit(self, request: str, *, step_limit: int | None, rng: random.Random | None) -> Visitor:
        """Begin an episode under the pages protocol."""
        return _Visit(self.network, step_limit, rng)

    @torch.no_grad()
    def answer(
        self, catalogue: SearchableCatalogue, request: str, *, rng: random.Random | None
    ) -> Answer | None:
        """Answer with a product of the search results and its options; None without results."""
        buckets = self.network.buckets
        rows = catalogue.search_rows(request)
        if not rows:
            return None
        titles = {listing.asin: listing.title for listing in catalogue.listings(rows)}
        decision = answer_decision(request, titles, buckets, product=True)
        scores = self.network([decision])[0].tolist()
        chosen = pick(scores, rng)
        total, options = scores[chosen], {}
        for group, values in catalogue[rows[chosen]].options.items():
            texts = {value: f"{group.lower()} {value}" for value in values}
            if texts:
                choice = answer_decision(request, texts, buckets, product=False)
                chances = self.network([choice])[0].tolist()
                number = pick(chances, rng)
                total += chances[number]
                options[group.lower()] = choice.actions[number]
        return Answer(decision.actions[chosen], options, ranked(decision.actions, scores), total)


def write_scratch_agent(folder: Path, network: ScratchNetwork, training: Mapping[str, Any]) -> None:
    """Write a trained policy into a run folder."""
    SCRATCH_AGENT.write(folder, network, network=network.sizes, training=dict(training))


def read_scratch_agent(folder: Path) -> ScratchAgent:
    """Return the agent that :func:`write_scratch_agent` wrote.

    Raises:
        AgentError: the folder holds none, or its weights were changed.
    """
    said = SCRATCH_AGENT.read(folder)
    return ScratchAgent(SCRATCH_AGENT.fill(folder, said, lambda: ScratchNetwork(**said["network"])))
