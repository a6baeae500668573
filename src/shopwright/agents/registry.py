"""Agents by name: a built-in one, the trained one of a run folder, or a language model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from shopwright.agents.oracle import Oracle
from shopwright.agents.rules import Browser, Explorer, Random, Rule, RulePage
from shopwright.agents.taste import TASTE, Taste
from shopwright.errors import AgentError
from shopwright.extras import require
from shopwright.rollouts.agent import AnyAgent, PrivilegedAgent, Shopper
from shopwright.shop.history import was_built_as
from shopwright.shop.shop import Shop

if TYPE_CHECKING:
    from shopwright.language.config import LanguageConfig

LOCAL, ENDPOINT = "hf:", "openai:"
# Each takes a seed; a new agent is known by name once it stands here.
_BUILT_IN: dict[str, Callable[[int], Shopper | PrivilegedAgent]] = {
    "random": Random,
    "rule": lambda _: Rule(choose_options=False),
    "rule-options": lambda _: Rule(choose_options=True),
    "rule-page": lambda _: RulePage(),
    "explorer": Explorer,
    "browser": Browser,
    "oracle": lambda _: Oracle(),
    "target": lambda _: Oracle(target_only=True),
}
BUILT_IN = tuple(_BUILT_IN)


def built_in(name: str, *, seed: int = 0) -> Shopper | PrivilegedAgent:
    """Return a built-in agent by name; the names are :data:`BUILT_IN`."""
    return _BUILT_IN[name](seed)


def is_language_model(name: str) -> bool:
    """Return whether an agent's name is that of a language model."""
    return name.startswith((LOCAL, ENDPOINT))


def open_agent(
    name: str,
    shop: Shop,
    *,
    seed: int = 0,
    device: str = "cpu",
    language: LanguageConfig | None = None,
) -> Shopper | PrivilegedAgent:
    """Return an agent for a shop.

    Args:
        name: a name of :data:`BUILT_IN`, a run folder, ``hf:FOLDER_OR_NAME`` or
            ``openai:MODEL@URL``.
        shop: where it will act; its texts are encoded if they are not yet.
        device: where the encoder of a trained one computes.
        language: how a language model is asked.

    Raises:
        AgentError: there is no such agent, or it needs another language model.
        MissingFileError, UnavailableError: there is no such language model, or it cannot be loaded.
    """
    if name in BUILT_IN:
        return built_in(name, seed=seed)
    if is_language_model(name):
        return _language_model(name, shop, language)
    folder = Path(name)
    if not name or not folder.is_dir():
        raise AgentError(
            f"agent: expected {', '.join(BUILT_IN)}, a run folder, {LOCAL}FOLDER or "
            f"{ENDPOINT}MODEL@URL, got {name!r}"
        )
    if (folder / TASTE).is_file():
        return _with_taste(folder, shop, seed=seed, device=device)
    return _trained(folder, shop, device=device)


def _with_taste(folder: Path, shop: Shop, *, seed: int, device: str) -> Shopper | PrivilegedAgent:
    taste, said = Taste.read(folder)
    name = said.get("agent")
    if name is not None and name not in BUILT_IN:
        raise AgentError(
            f"{folder / TASTE}, field agent: expected a built-in one, got {name!r:.60}"
        )
    agent = built_in(name, seed=seed) if name else _trained(folder, shop, device=device)
    agent.taste = taste  # type: ignore[union-attr]
    return agent


def _trained(folder: Path, shop: Shop, *, device: str) -> Shopper:
    # torch is only needed from here on.
    if (folder / "scratch.json").is_file():
        from shopwright.agents.scratch import read_scratch_agent

        return read_scratch_agent(folder)
    from shopwright.agents.learned import LearnedAgent
    from shopwright.policy.checkpoint import open_policy

    network, reader, said = open_policy(folder, shop, device=device)
    trained_in = said.get("shop_manifest_sha256")
    return LearnedAgent(network, reader, name=said["name"], trained_in=trained_in)


def _language_model(name: str, shop: Shop, config: LanguageConfig | None) -> Shopper:
    from shopwright.language.agent import LanguageAgent
    from shopwright.language.config import LanguageConfig
    from shopwright.language.prompts import load_prompt, prompt_of_model
    from shopwright.language.speaking import Speaker

    config = config or LanguageConfig()
    local = Path(name.removeprefix(LOCAL))
    prompt = load_prompt(config.prompt) if config.prompt else prompt_of_model(local)
    speaker: Speaker
    if name.startswith(ENDPOINT):
        require("httpx", "openai", f"agent {name}")
        from shopwright.language.endpoint import Endpoint

        speaker = Endpoint(name, prompt, config)
    else:
        from shopwright.language.causal import CausalModel, weights_sha256
        from shopwright.language.local import LocalSpeaker

        model = CausalModel.open(
            name.removeprefix(LOCAL), device=config.device, download=config.download
        )
        speaker = LocalSpeaker(name, model, prompt, config, weights_sha256(local))
    return LanguageAgent(shop, speaker, prompt, config)


def is_from_another_shop(agent: AnyAgent, shop: Shop) -> bool:
    """Return whether an agent was trained in another shop, or in one that this was before it was
    built anew; one that was only compacted since is the same.

    An agent that was not trained, or whose file does not say where, is from none.
    """
    trained_in = getattr(agent, "trained_in", None)
    return trained_in is not None and not was_built_as(shop.folder, trained_in)
