"""Adaptation of the language model to a shop: its states of requests and of what fulfilled them
grow alike.

The policies read with a frozen language model, whose states of the shop's texts are kept beside the
shop. Here the model itself is trained, by low-rank updates (LoRA) or as a whole, on perfect
trajectories: which of the results was bought. The result is a folder that every trainer takes as
``--language-model``.

Source: the late interaction of Khattab & Zaharia, "ColBERT", 2020 (arXiv 2004.12832), whose scores
the policies' evidence is made from; Hu et al., "LoRA", 2021 (arXiv 2106.09685), by the package
peft. Deviation: the mean over the request's tokens instead of their sum. As there, products of the
other requests of a batch count as wrong ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from shopwright.agents.oracle import best_options
from shopwright.config import setting
from shopwright.encoding.language_model import LanguageModel
from shopwright.encoding.pretrained import BUNDLED
from shopwright.errors import InputError
from shopwright.extras import require
from shopwright.folders import replacing_folder
from shopwright.rollouts.records import Trajectory
from shopwright.runs import Run, one_at_a_time
from shopwright.seeding import numpy_rng
from shopwright.shop.shop import Shop
from shopwright.training.checkpoint import step_randomness
from shopwright.training.examples import drawn
from shopwright.training.inputs import fingerprint, is_held_out
from shopwright.training.loop import Loop, Losses, Progress, TrainingConfig
from shopwright.training.losses import accuracy, imitation_loss
from shopwright.training.schedule import BudgetConfig

MODEL_FOLDER = "model"
_HELD_OUT_AT_MOST = 100


@dataclass(frozen=True, kw_only=True)
class AdaptationConfig(TrainingConfig, BudgetConfig):
    """How the language model is adapted."""

    tuning: Literal["lora", "full"] = setting(
        "lora", help="low-rank updates of the attention, or all weights"
    )
    rank: int = setting(8, help="rank of the low-rank updates", minimum=1)
    steps: int = setting(300, help="gradient steps", minimum=1)
    batch_size: int = setting(8, help="requests of a step", minimum=1)
    wrong: int = setting(3, help="wrong products from each one's own results", minimum=1)
    request_tokens: int = setting(64, help="tokens of a request at most", minimum=1)
    product_tokens: int = setting(128, help="tokens of a product at most", minimum=1)
    temperature: float = setting(0.05, help="scores are divided by this", above=0)
    language_model: str = setting(BUNDLED, help="the encoder: bundled, a folder, or a hub name")
    learning_rate: float = setting(
        3e-4, help="highest learning rate (all weights need about 3e-5)", above=0
    )
    weight_decay: float = 0.01
    log_every: int = 10
    checkpoint_every: int = 100


@dataclass(frozen=True, slots=True)
class _Purchase:
    """A request, the row of the product that fulfils it, and rows of results that do not."""

    request: str
    row: int
    wrong: tuple[int, ...]


@one_at_a_time
def train_encoder(
    shop: Shop,
    trajectories: Sequence[Trajectory],
    out: Path,
    config: AdaptationConfig | None = None,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Adapt a language model to a shop on perfect trajectories and write it to ``out/model``.

    One trajectory in ten, by hash, is held out: the summary says in how many of 100 of their
    requests what was bought came before all wrong results, before and after.

    Raises:
        InputError: the shop has one product, or the trajectories show no wrong ones.
        UnavailableError: the package for low-rank updates is not there.
    """
    config = config or AdaptationConfig()
    if config.tuning == "lora":
        require("peft", "adapt", "tuning lora")
    if len(shop.catalogue) < 2:
        raise InputError(
            f"{shop.folder}: expected at least two products, which a language model learns to tell "
            "apart, got one"
        )
    settings = {"config": asdict(config), "inputs": fingerprint(shop, trajectories)}
    run = Run.open(out, "encoder", settings)
    if run.finished:
        return run.result()
    model = LanguageModel(
        config.language_model, device=config.device, precision="float32", download=True
    )
    purchases = [p for p in (_purchase(shop, t) for t in trajectories) if p is not None]
    training = [purchase for purchase in purchases if not is_held_out(purchase.request)]
    held_out = [p for p in purchases if is_held_out(p.request)][:_HELD_OUT_AT_MOST]
    if not training:
        raise InputError(
            f"trajectories: expected perfect ones whose results hold wrong products too, got "
            f"{len(trajectories)}"
        )
    before = _accuracy(model, shop, held_out, config)
    network = _trainable(model, config)

    def losses(step: int) -> Losses:
        draws = numpy_rng(config.seed, "encoder", step)
        chosen = drawn(training, config.batch_size, draws)
        rows, right = _candidates(chosen, draws, config.wrong)
        with step_randomness(config.seed, "encoder", step):
            scores = _scores(model, shop, [p.request for p in chosen], rows, config)
        targets = torch.from_numpy(right).to(scores.device)
        loss = imitation_loss(scores.log_softmax(dim=1), targets)
        yield loss, {"loss": loss, "accuracy": accuracy(scores, targets)}

    parts = {"network": network}
    loop = Loop(run, config, parts, stage="encoder", steps=config.steps, progress=progress)
    loop.descend(losses)
    parameters = sum(p.numel() for p in network.parameters() if p.requires_grad)
    if config.tuning == "lora":
        model.network = network.merge_and_unload()  # type: ignore[operator]
    with replacing_folder(out / MODEL_FOLDER) as folder:
        model.save(folder)
    return loop.finish(
        {
            "operation": "encoder",
            "tuning": config.tuning,
            "trajectories": len(trajectories),
            "requests": len(training),
            "steps": loop.step,
            "parameters": parameters,
            "held_out": {
                "requests": len(held_out),
                "first_before": before,
                "first_after": _accuracy(model, shop, held_out, config),
            },
        }
    )


def _trainable(model: LanguageModel, config: AdaptationConfig) -> nn.Module:
    """The model's network with what is to be trained, and nothing else, asking for gradients."""
    if config.tuning == "full":
        model.network.requires_grad_(True)
        return model.network  # type: ignore[no-any-return]
    from peft import LoraConfig, get_peft_model

    names = [
        name for name, module in model.network.named_modules() if isinstance(module, nn.Linear)
    ]
    targets = sorted({name.rpartition(".")[2] for name in names if "attention" in name})
    with step_randomness(config.seed, "encoder", "initial weights"):
        adapted: nn.Module = get_peft_model(
            model.network,
            LoraConfig(r=config.rank, lora_alpha=2 * config.rank, target_modules=targets),
        )
    model.network = adapted
    return adapted.eval()


def _purchase(shop: Shop, trajectory: Trajectory) -> _Purchase | None:
    """What a trajectory teaches; None if nothing."""
    goal = trajectory.goal(shop)
    row = shop.catalogue.row_of(goal.asin)
    if row is None or not trajectory.perfect:
        return None
    wrong = []
    for other in shop.search_rows(goal.instruction):
        options = best_options(shop.catalogue[other], goal)
        if shop.reward_of_row(goal, other, options).total < 1.0:
            wrong.append(other)
    return _Purchase(goal.instruction, row, tuple(wrong)) if wrong and row not in wrong else None


def _candidates(
    chosen: Sequence[_Purchase], draws: np.random.Generator, count: int
) -> tuple[list[int], np.ndarray]:
    """Rows of a batch's products, and which are right: bool, (requests, products)."""
    rows: dict[int, None] = dict.fromkeys(purchase.row for purchase in chosen)
    for purchase in chosen:
        few = draws.permutation(len(purchase.wrong))[:count]
        rows |= dict.fromkeys(purchase.wrong[int(number)] for number in few)
    right = np.array([[row == purchase.row for row in rows] for purchase in chosen])
    return list(rows), right


def _scores(
    model: LanguageModel,
    shop: Shop,
    requests: Sequence[str],
    rows: Sequence[int],
    config: AdaptationConfig,
) -> Tensor:
    """Late interaction of requests and products, (requests, products)."""
    products = [shop.catalogue[row] for row in rows]
    texts = [f"{product.title} {' '.join(product.bullets)}" for product in products]
    asked, asked_mask = _units(model, requests, config.request_tokens)
    shown, shown_mask = _units(model, texts, config.product_tokens)
    similar = torch.einsum("rtd,psd->rpts", asked, shown)
    best = similar.masked_fill(~shown_mask[None, :, None], -1.0).amax(dim=3)
    weights = asked_mask / asked_mask.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.einsum("rpt,rt->rp", best, weights) / config.temperature


def _units(model: LanguageModel, texts: Sequence[str], limit: int) -> tuple[Tensor, Tensor]:
    tokens = model.tokens(texts, limits=[limit] * len(texts))
    states, mask = model.states(tokens)
    return nn.functional.normalize(states, dim=-1), mask


@torch.no_grad()
def _accuracy(
    model: LanguageModel, shop: Shop, purchases: Sequence[_Purchase], config: AdaptationConfig
) -> float | None:
    """In how many of 100 requests what was bought comes before all wrong results."""
    first = 0
    for purchase in purchases:
        rows = [purchase.row, *purchase.wrong]
        first += int(_scores(model, shop, [purchase.request], rows, config).argmax()) == 0
    return 100.0 * first / len(purchases) if purchases else None
