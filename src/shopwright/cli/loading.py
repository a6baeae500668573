"""The service of the agents that a command line names."""

from __future__ import annotations

import os
import secrets
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shopwright.cli.command import open_agent_with_progress
from shopwright.cli.release import to_serve
from shopwright.cli.settings import settings_of
from shopwright.console import Stages
from shopwright.errors import InputError
from shopwright.language.config import LanguageConfig
from shopwright.serving.allocation import AllocationConfig
from shopwright.shop.shop import Shop

if TYPE_CHECKING:
    from shopwright.rollouts.agent import Shopper
    from shopwright.serving.service import Service

TOKEN_VARIABLE = "SHOPWRIGHT_TOKEN"
STORE_NAME = "feedback.sqlite"


def store_path(shop: Path, agents: Sequence[str], *, of_another_shop: bool = False) -> Path:
    """Return where a service keeps feedback and demonstrations unless it is told: in the run folder
    of its first agent; of a built-in agent, or one of another shop, beside the shop, as
    ``SHOP.feedback.sqlite``."""
    run = Path(agents[0])
    if not of_another_shop and (run / "agent.json").is_file():
        return run / STORE_NAME
    shop = shop.resolve()
    return shop.with_name(f"{shop.name}.{STORE_NAME}")


def read_token() -> str | None:
    """Return the token that clients must send; None for none.

    Raises:
        InputError: no client could send it.
    """
    token = os.environ.get(TOKEN_VARIABLE) or None
    if token is not None and (token != token.strip() or not token.isprintable()):
        raise InputError(
            f"{TOKEN_VARIABLE}: expected one line without white space around it, got another text"
        )
    return token


def open_service(
    arguments: Namespace, *, is_shared: bool = False
) -> tuple[Service, Callable[[], None]]:
    """Load all that a service needs, and return it with what opens its store, in this process or in
    one that is forked from it.

    Args:
        is_shared: whether other processes may use the same store, as workers do.
    """
    from shopwright.agents.registry import is_from_another_shop, open_agent
    from shopwright.serving.labels import check_reads, label_of
    from shopwright.serving.messages import Filters
    from shopwright.serving.pictures import Pictures
    from shopwright.serving.service import Service
    from shopwright.store.database import is_address
    from shopwright.store.store import Store

    allocation = settings_of(AllocationConfig, arguments)
    language = settings_of(LanguageConfig, arguments)
    shop = Shop.open(arguments.shop)
    agents = {}
    with Stages() as stages:
        for name in arguments.agent:
            label = label_of(name)
            if label in agents:
                raise InputError(f"--agent: expected different agents, got {name!r} twice")
            agent = open_agent_with_progress(
                stages, name, shop, seed=arguments.seed, language=language
            )
            agents[label] = check_reads(label, agent)
    # A store holds the feedback of one shop: an agent's run folder is for its own shop's.
    foreign = is_from_another_shop(next(iter(agents.values())), shop)
    place = arguments.store or store_path(arguments.shop, arguments.agent, of_another_shop=foreign)
    store = Store(place, shop.origin)
    released = to_serve(store, [*agents])
    store.close()
    names = dict(zip(agents, arguments.agent, strict=True))
    if released is not None:
        names[released.agent] = released.run
        agents[released.agent] = check_reads(
            released.agent, open_agent(released.run, shop, seed=arguments.seed, language=language)
        )

    def reopen(changed: Shop) -> dict[str, Shopper]:
        return {
            label: check_reads(
                label, open_agent(name, changed, seed=arguments.seed, language=language)
            )
            for label, name in names.items()
        }

    pictures = None
    if arguments.images is not None:
        pictures = Pictures([host.lower() for host in arguments.images], read_token() or "")
    service = Service(
        shop, agents, None, allocation, reopen, fast=arguments.fast, pictures=pictures
    )
    for label in agents:
        # What is loaded at first use is loaded now, not while somebody waits.
        service.answer(label, service.understand("warm up"), count=1, filters=Filters())

    is_shared = is_shared or arguments.workers is not None or is_address(place)

    def begin() -> None:
        stream = secrets.token_hex(8) if is_shared else ""
        service.begin(Store(place, shop.origin, shared=is_shared), stream=stream)

    return service, begin
