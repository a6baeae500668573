"""The Python interface: an agent is loaded, trained, evaluated, asked, and lets itself be imitated.

The command line's verbs call these functions. Shops and files may be given as paths::

    training = shopwright.train("shops/demo", "runs/agent")
    agent = shopwright.load_agent("runs/agent", "shops/demo")
    shopwright.evaluate(agent, "shops/demo", goals="test")
    shopwright.recommend(agent, "shops/demo", "a soft throw blanket, under 40 dollars")
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopwright.display import html_fields, shortened
from shopwright.errors import InputError, MissingFileError
from shopwright.rollouts.agent import CatalogueAgent
from shopwright.rollouts.generate import GenerateConfig, Generated, generate_perfect
from shopwright.rollouts.records import read_trajectories, write_trajectories
from shopwright.shop import verl_agent
from shopwright.shop.goal_files import read_goals
from shopwright.shop.goals import SPLITS, Goal
from shopwright.shop.shop import Shop

if TYPE_CHECKING:
    from shopwright.config import Configuration
    from shopwright.evaluation.episodes import Evaluation
    from shopwright.language.config import LanguageConfig
    from shopwright.recommending.recommendation import Recommendation
    from shopwright.rollouts.agent import AnyAgent

AnyPath = str | os.PathLike[str]
AnyShop = Shop | AnyPath
# A split's name, a JSON lines file, or the goals themselves.
AnyGoals = AnyPath | Sequence[Goal]


@dataclass(frozen=True, slots=True)
class Training:
    """A finished training.

    Attributes:
        method: its name, one of :data:`~shopwright.training.registry.METHODS`.
        folder: the run folder, which :func:`load_agent` takes.
        summary: what ``result.json`` says.
    """

    method: str
    folder: Path
    summary: Mapping[str, Any] = field(repr=False)

    def _repr_html_(self) -> str:
        return html_fields(self.method, {"run": self.folder, **self.summary})


def load_agent(
    name: AnyPath, shop: AnyShop, *, seed: int = 0, language: LanguageConfig | None = None
) -> AnyAgent:
    """Return an agent for a shop; a warning says if it was trained in another one.

    Args:
        name: a run folder, a built-in agent's name such as "rule-page", a local causal language
            model as ``hf:FOLDER_OR_NAME``, or one behind an endpoint as ``openai:MODEL@URL``.
        shop: where it will act; a trained agent encodes its texts if they are not yet.
        seed: of the built-in agents that draw.
        language: how a language model is asked.

    Raises:
        AgentError: there is no such agent, or it needs another language model.
    """
    from shopwright.agents.registry import is_from_another_shop, open_agent

    opened = Shop.of(shop)
    agent = open_agent(os.fspath(name), opened, seed=seed, language=language)
    if is_from_another_shop(agent, opened):
        warnings.warn(f"{name}: trained in another shop than {opened.folder}", stacklevel=2)
    return agent


def goals_of(shop: Shop, goals: AnyGoals) -> tuple[list[Goal], str]:
    """Return goals, and what results call them.

    Raises:
        InputError: there is neither such a split nor such a file, a line of the file is wrong, or
            the split has no goal.
    """
    if not isinstance(goals, str | os.PathLike):
        return list(goals), "given"
    name = os.fspath(goals)
    if name in verl_agent.NAMES:
        return verl_agent.named_goals(shop, name), name
    if name not in SPLITS:
        if not Path(name).exists():
            expected = f"{', '.join((*SPLITS, *verl_agent.NAMES))}, or a JSON lines file of goals"
            raise MissingFileError(f"goals: expected {expected}, got {name!r}")
        return read_goals(Path(name), shop.catalogue), name
    found = shop.goals.split(name)
    if not found:
        raise InputError(
            f"goals: expected a split that has goals, got {name!r}, which has none in "
            f"{shop.folder} ({len(shop.goals)} goals in all); give a file of goals"
        )
    return found, name


def train(
    shop: AnyShop,
    out: AnyPath,
    *,
    method: str = "recipe",
    config: Configuration | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    **given: Any,
) -> Training:
    """Train an agent, by the default recipe or by one method.

    A training that was interrupted in ``out`` goes on; a finished one is returned as it is.

    Args:
        method: one of :data:`~shopwright.training.registry.METHODS`.
        config: the method's configuration; or give its fields by name: ``steps=300, seed=1``.
        progress: called with (stage, done, in all).
        given: what the method learns from, as far as it takes it (``trajectories``, ``preferences``
            and ``pairs``: files or their contents; ``start`` and ``reward_model``: run folders;
            ``policy``: a causal language model, ``hf:FOLDER_OR_NAME``; ``feedback``: the store of a
            service; ``goals``: "train" if it is
            not given), and fields of its configuration.

    Raises:
        InputError: the method takes no such thing, misses one, or a value is out of its range.
    """
    from shopwright.training.registry import METHODS, load_method

    if method not in METHODS:
        raise InputError(f"method: expected one of {', '.join(METHODS)}, got {method!r}")
    found = load_method(method)
    if config is None:
        own = {each.name for each in fields(found.config)} - set(found.inputs)
        config = found.config(**{name: given.pop(name) for name in own & set(given)})
    if hasattr(config, "language_model"):
        from shopwright.encoding.pretrained import model_source

        # A wrong one is refused before anything is written.
        model_source(config.language_model, download=True)
    opened = Shop.of(shop).check_is_built()
    inputs = _inputs(method, found.inputs, opened, given)
    summary = found.train(shop=opened, out=Path(out), config=config, progress=progress, **inputs)
    return Training(method, Path(out), summary)


def _inputs(
    method: str, taken: Mapping[str, bool], shop: Shop, given: Mapping[str, Any]
) -> dict[str, Any]:
    for name in given:
        if name not in taken:
            raise InputError(
                f"{name}: expected what {method} takes ({', '.join(taken) or 'nothing more'}) or a "
                "field of its configuration, got another name"
            )
    inputs = {name: _read(name, value) for name, value in given.items() if value is not None}
    if "goals" in taken:
        inputs["goals"], _ = goals_of(shop, given.get("goals") or "train")
    for name, needed in taken.items():
        if needed and name not in inputs:
            raise InputError(f"{name}: expected for {method}, got none")
    return inputs


def _read(name: str, value: Any) -> Any:
    """A run folder as a path, and what a file holds."""
    if name in ("policy", "feedback") or not isinstance(value, str | os.PathLike):
        return value
    path = Path(value)
    if name == "trajectories":
        return read_trajectories(path)
    if name == "preferences":
        from shopwright.rollouts.preferences import read_preferences

        return read_preferences(path)
    if name == "pairs":
        from shopwright.training.methods.query import read_pairs

        return read_pairs(path)
    return path


def evaluate(
    agent: AnyAgent | AnyPath,
    shop: AnyShop,
    *,
    goals: AnyGoals = "test",
    protocol: str = "pages",
    step_limit: int | None = 15,
    sample: bool = False,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Let an agent shop for every goal once.

    Args:
        agent: an agent, or what :func:`load_agent` takes.
        protocol: "pages": by what the pages show; "catalogue": as the shop's own recommender.
        step_limit: pages: the number of actions at most; None for no limit.
        sample: whether the agent samples its actions instead of taking the likeliest.
        seed: of the samples and of the bootstrap.
        progress: called with (goals done, goals in all).

    Raises:
        InputError: there are no goals, or a value is out of its range.
    """
    from shopwright.evaluation import episodes

    opened = Shop.of(shop)
    found, name = goals_of(opened, goals)
    return episodes.evaluate(
        _agent(agent, opened, seed),
        opened,
        found,
        protocol=protocol,
        step_limit=step_limit,
        sample=sample,
        seed=seed,
        goals_name=name,
        progress=progress,
    )


def reads_requests(agent: AnyAgent) -> CatalogueAgent:
    """Return the agent if it answers requests in plain words.

    Raises:
        InputError: it must be told a goal, or only acts on pages.
    """
    if isinstance(agent, CatalogueAgent):
        return agent
    reason = "must be told a goal" if hasattr(agent, "for_goal") else "only acts on pages"
    raise InputError(f"agent: expected one that reads requests, got {agent.name!r}, which {reason}")


def recommend(
    agent: AnyAgent | AnyPath,
    shop: AnyShop,
    request: str,
    *,
    count: int = 5,
    rollouts: int | None = None,
    fast: bool = False,
    seed: int = 0,
) -> Recommendation:
    """Return products for a request, best first: what fits, or, where the shop has nothing of the
    kind or within the limits, what comes nearest.

    Args:
        agent: an agent, or what :func:`load_agent` takes.
        count: how many products at most.
        rollouts: None: ranked by what the agent and the search find and by what the products meet.
            A number: by how many of so many sampled rollouts bought a product, as in the paper's
            section 6.
        fast: whether to find by words alone and ask no agent, for an answer in a fraction of the
            time; not together with rollouts.

    Raises:
        InputError: the request is empty or too long, a number is too small, or the agent must be
            told a goal.
    """
    from shopwright.recommending.recommender import Recommender, check_request

    check_request(request)
    if count < 1:
        raise InputError(f"count: expected at least 1, got {count}")
    if rollouts is not None and rollouts < 0:
        raise InputError(f"rollouts: expected at least 0, got {rollouts}")
    if rollouts is not None and fast:
        raise InputError("rollouts: expected none with fast, which asks no agent")
    opened = Shop.of(shop)
    recommender = Recommender.of(opened)
    understood = recommender.understand(request)
    if fast:
        return recommender.recommend(None, understood, count=count)
    reader = reads_requests(_agent(agent, opened, seed))
    if rollouts is None:
        return recommender.recommend(reader, understood, count=count)
    return recommender.recommend_by_rollouts(
        reader, understood, count=count, rollouts=rollouts, seed=seed
    )


def generate(
    agent: AnyAgent | AnyPath,
    shop: AnyShop,
    goals: AnyGoals = "train",
    *,
    trajectories: int = 300,
    config: GenerateConfig | None = None,
    out: AnyPath | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Generated:
    """Let an agent shop and return its perfect rollouts (reward 1), without their loops.

    Args:
        agent: an agent, or what :func:`load_agent` takes.
        trajectories: how many rollouts to find, where there is no ``config``.
        config: see :class:`~shopwright.rollouts.generate.GenerateConfig`.
        out: a JSON lines file to write them to.
        progress: called with (rollouts found, wanted).

    Raises:
        InputError: there are no goals, or no rollout is perfect.
    """
    opened = Shop.of(shop)
    config = config or GenerateConfig(trajectories=trajectories)
    found, name = goals_of(opened, goals)
    shopper = _agent(agent, opened, config.seed)
    generated = generate_perfect(shopper, opened, found, config, progress=progress)
    if not generated.trajectories:
        raise InputError(
            f"goals: expected goals that {shopper.name} can fulfil, got no perfect rollout for "
            f"{name} in {generated.tries} tries"
        )
    if out is not None:
        write_trajectories(Path(out), generated.trajectories)
    return generated


def _agent(agent: AnyAgent | AnyPath, shop: Shop, seed: int) -> AnyAgent:
    if isinstance(agent, str | os.PathLike):
        return load_agent(agent, shop, seed=seed)
    if not any(hasattr(agent, method) for method in ("visit", "answer", "for_goal")):
        raise InputError(
            "agent: expected a run folder, a built-in agent's name, or an object with a method "
            f"visit, answer or for_goal, got {shortened(repr(agent))}"
        )
    return agent
