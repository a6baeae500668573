"""`serve`: the agent over HTTP and as a page."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopwright.cli.command import (
    FAST,
    READING_AGENT_HELP,
    SHOP,
    Argument,
    Command,
    agents,
    number,
    open_agent_with_progress,
    path,
    store_place,
    switch,
)
from shopwright.cli.settings import settings_of
from shopwright.console import Stages, note
from shopwright.errors import InputError
from shopwright.extras import require
from shopwright.language.config import LanguageConfig
from shopwright.serving.agent_queue import LoadLimits
from shopwright.serving.allocation import AllocationConfig
from shopwright.shop.shop import Shop

if TYPE_CHECKING:
    from shopwright.rollouts.agent import Shopper
    from shopwright.serving.conversations import Conversations
    from shopwright.serving.service import Service
    from shopwright.serving.supervisor import Serve

TOKEN_VARIABLE = "SHOPWRIGHT_TOKEN"
STORE_NAME = "feedback.sqlite"
SHUTDOWN_SECONDS = 8


def store_path(shop: Path, agents: Sequence[str], *, of_another_shop: bool = False) -> Path:
    """Return where a service keeps feedback and demonstrations unless it is told: in the run folder
    of its first agent; of a built-in agent, or one of another shop, beside the shop, as
    ``SHOP.feedback.sqlite``."""
    run = Path(agents[0])
    if not of_another_shop and (run / "agent.json").is_file():
        return run / STORE_NAME
    shop = shop.resolve()
    return shop.with_name(f"{shop.name}.{STORE_NAME}")


def _run(arguments: Namespace) -> None:
    if arguments.port > 65_535:
        raise InputError(f"--port: expected at most 65535, got {arguments.port}")
    if bool(arguments.agent) == arguments.webshop_site:
        raise InputError("expected either --agent or --webshop-site, got both or neither")
    if arguments.traces:
        require("opentelemetry.sdk", "telemetry", "--traces")
    from shopwright.serving.logs import set_up

    set_up(arguments.log_format)
    if not arguments.webshop_site:
        with _listen(arguments.host, arguments.port) as listening:
            if arguments.workers is None:
                _serve(_load(arguments)(), listening, partial(_announce, arguments, listening))
            else:
                _supervise(arguments, listening)
            note("ended in good order")
        return
    if arguments.workers is not None:
        raise InputError("--workers: expected --agent beside it, got --webshop-site")
    from shopwright.serving.middleware import CheckHost
    from shopwright.serving.webshop_site import create_site

    shop = Shop.open(arguments.shop)
    human_goals = arguments.site_goals == "human"
    if human_goals and not shop.goals.count("human"):
        raise InputError(
            f"--webshop-site: expected a shop with requests that people wrote, got none in "
            f"{shop.folder}; --site-goals synthetic serves the goals made from its products"
        )
    site = CheckHost(create_site(shop, human_goals=human_goals), hosts=_hosts(arguments))
    with _listen(arguments.host, arguments.port) as listening:
        _serve(site, listening, partial(_announce, arguments, listening))
        note("ended in good order")


def _load(arguments: Namespace) -> Callable[[], Any]:
    """Load all that a service needs, and return what makes its ASGI application, in this process
    or in one that is forked from it."""
    from shopwright.agents.registry import is_from_another_shop, open_agent
    from shopwright.serving.app import create_app
    from shopwright.serving.messages import Filters
    from shopwright.serving.pictures import Pictures
    from shopwright.serving.service import Service, check_reads, label_of
    from shopwright.store.database import is_address
    from shopwright.store.store import Store

    token = _token()
    allocation = settings_of(AllocationConfig, arguments)
    limits = settings_of(LoadLimits, arguments)
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
    Store(place, shop.origin).close()

    def reopen(changed: Shop) -> dict[str, Shopper]:
        return {
            label: check_reads(
                label, open_agent(name, changed, seed=arguments.seed, language=language)
            )
            for label, name in zip(agents, arguments.agent, strict=True)
        }

    pictures = None
    if arguments.images is not None:
        pictures = Pictures([host.lower() for host in arguments.images], token or "")
    service = Service(
        shop, agents, None, allocation, reopen, fast=arguments.fast, pictures=pictures
    )
    for label in agents:
        # What is loaded at first use is loaded now, not while somebody waits.
        service.answer(label, service.understand("warm up"), count=1, filters=Filters())

    def app() -> Any:
        is_shared = arguments.workers is not None or is_address(place)
        stream = secrets.token_hex(8) if is_shared else ""
        service.begin(Store(place, shop.origin, check=False), stream=stream)
        tracer = None
        if arguments.traces:
            from shopwright.serving.tracing import new_tracer

            tracer = new_tracer()
        return create_app(
            service,
            limits,
            token=token,
            hosts=_hosts(arguments),
            access_log=arguments.access_log,
            tracer=tracer,
            conversations=_conversations(service, arguments),
        )

    return app


def _supervise(arguments: Namespace, listening: socket.socket) -> None:
    """Serve with several workers until a signal ends them."""
    from shopwright.serving.metrics import shared_counters
    from shopwright.serving.supervisor import supervise

    def load() -> Serve:
        app = _load(arguments)
        return lambda ready: _serve(app(), listening, ready)

    with shared_counters():
        supervise(
            load,
            arguments.workers,
            partial(_announce, arguments, listening),
            seconds_to_end=SHUTDOWN_SECONDS,
        )


def _conversations(service: Service, arguments: Namespace) -> Conversations:
    """The conversations of a service, as the command line has them."""
    from shopwright.conversations.agents import GAIN, Converser
    from shopwright.conversations.policy import LearnedConverser, open_policy
    from shopwright.serving.conversations import Conversations

    converser: Converser = GAIN
    if arguments.conversation is not None:
        converser = LearnedConverser(open_policy(arguments.conversation))
    speaker = None
    if arguments.chat_model is not None:
        from shopwright.extras import require
        from shopwright.language.endpoint import Endpoint
        from shopwright.language.prompts import prompt_of_model

        require("httpx", "openai", "--chat-model")
        prompt = prompt_of_model(Path(arguments.chat_model))
        speaker = Endpoint(arguments.chat_model, prompt, settings_of(LanguageConfig, arguments))
    return Conversations(service, converser, speaker)


def _token() -> str | None:
    """The token that clients must send.

    Raises:
        InputError: no client could send it.
    """
    token = os.environ.get(TOKEN_VARIABLE) or None
    if token is not None and (token != token.strip() or not token.isprintable()):
        raise InputError(
            f"{TOKEN_VARIABLE}: expected one line without white space around it, got another text"
        )
    return token


def _hosts(arguments: Namespace) -> tuple[str, ...]:
    return (arguments.host, *arguments.allowed_hosts)


def _serve(app: Any, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve an ASGI application until a signal ends it.

    Args:
        ready: called once requests are taken.
    """
    import uvicorn

    from shopwright.serving.connections import IDLE_SECONDS, TimedConnection
    from shopwright.serving.supervisor import RETIRE

    calls = iter([ready])

    async def started() -> None:
        for call in calls:
            call()

    config = uvicorn.Config(
        app,
        http=TimedConnection,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        callback_notify=started,
        timeout_notify=0,
    )
    server = uvicorn.Server(config)

    def retire(*_: Any) -> None:
        TimedConnection.retiring = True
        server.should_exit = True

    # From here on signals end it in good order. uvicorn takes them itself while it serves, then
    # sends them again to whom they were for.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, server.handle_exit)
    signal.signal(RETIRE, retire)
    server.run(sockets=[listening])


def _announce(arguments: Namespace, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    note(f"serving on http://{shown}:{port} (Ctrl-C ends)")
    if arguments.host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get(
        TOKEN_VARIABLE
    ):
        note(
            f"anyone who reaches {arguments.host} may ask; set {TOKEN_VARIABLE} to ask for a token"
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        raise InputError(
            f"--host, --port: expected an address to listen on, got {host} port {port}: "
            f"{error.strerror or error}"
        ) from None
    # Connections inherit it: an answer of two packets would wait 40 ms for the client's delayed
    # acknowledgement of the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


COMMANDS = {
    "serve": Command(
        description=(
            "Serves recommendations over HTTP, and a page to ask, to watch the agent and to shop\n"
            "yourself. Several agents share the requests by Thompson sampling on the feedback.\n"
            f"If the environment has {TOKEN_VARIABLE}, clients must send it as a bearer token."
        ),
        example=(
            "shopwright serve --shop shops/demo --agent runs/agent --port 8000\n"
            "  shopwright serve --shop shops/own --agent runs/own --images cdn.example.com"
        ),
        arguments=(
            SHOP,
            agents(f"one or several: {READING_AGENT_HELP}"),
            FAST,
            switch(
                "--webshop-site",
                "serve WebShop's own addresses instead, for agents that fetch its pages; "
                "no --agent",
            ),
            Argument(
                "--site-goals",
                choices=("human", "synthetic"),
                default="human",
                help="the requests of WebShop's site (default: human, those that people wrote)",
            ),
            Argument(
                "--host",
                default="127.0.0.1",
                metavar="HOST",
                help="where to listen (default: 127.0.0.1)",
            ),
            Argument(
                "--allowed-hosts",
                nargs="+",
                default=[],
                metavar="NAME",
                help="names that it is served under, besides --host, addresses and localhost; "
                "*.example.com for all below one, * for any",
            ),
            Argument(
                "--images",
                nargs="*",
                metavar="HOST",
                help="show the products' pictures, fetched from the catalogue's addresses and "
                "kept by the service: from these hosts only (*.example.com for all below one), "
                "or from any public one",
            ),
            path(
                "--conversation",
                "RUN",
                "a run folder of `shopwright train conversation`, which then decides what "
                "conversations ask (default: the most telling question)",
            ),
            Argument(
                "--chat-model",
                metavar="openai:MODEL@URL",
                help="puts the answers of conversations in its own words",
            ),
            switch("--access-log", "write a line for each answer to standard error"),
            Argument(
                "--log-format",
                choices=("plain", "json"),
                default="plain",
                help="lines for people, or a JSON object on each (default: plain)",
            ),
            switch(
                "--traces",
                "send a span for each request to where OTEL_EXPORTER_OTLP_ENDPOINT says "
                "(OpenTelemetry)",
            ),
            number(
                "--workers",
                "N",
                "worker processes that share the shop and the agents in memory; SIGHUP replaces "
                "them by ones that have loaded both anew, without a failed request (default: this "
                "process serves alone)",
            ),
            number("--port", "PORT", "0 takes a free one", at_least=0, default=8000),
            store_place(
                "where feedback and demonstrations are kept (default: "
                f"{STORE_NAME} in the first agent's run folder; for a built-in agent, or one of "
                f"another shop, SHOP.{STORE_NAME})"
            ),
        ),
        configs=(AllocationConfig, LoadLimits, LanguageConfig),
        run=_run,
        seed="decides the draws among several agents",
    )
}
