"""`serve`: the agent over HTTP and as a page."""

from __future__ import annotations

import gc
import os
import socket
from argparse import Namespace
from collections.abc import Callable
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
    path,
    store_place,
    switch,
)
from shopwright.cli.loading import STORE_NAME, TOKEN_VARIABLE, open_service, read_token
from shopwright.cli.settings import settings_of
from shopwright.console import note
from shopwright.errors import InputError
from shopwright.extras import require
from shopwright.language.config import LanguageConfig
from shopwright.serving.agent_queue import LoadLimits
from shopwright.serving.allocation import AllocationConfig
from shopwright.shop.shop import Shop

if TYPE_CHECKING:
    from shopwright.serving.conversations import Conversations
    from shopwright.serving.service import Service
    from shopwright.serving.supervisor import Serve

# Says what becomes of the service.
Say = Callable[[str], None]
MOST_WORKERS = 256
WEBHOOK_VARIABLE = "SHOPWRIGHT_WEBHOOK_SECRET"


def serve_agents(arguments: Namespace) -> None:
    """Serve the agents that a command line names over HTTP, until a signal ends it."""
    say = _set_up(arguments)
    from shopwright.serving.running import serve

    with _listen(arguments.host, arguments.port) as listening:
        if arguments.workers is None:
            app = _load(arguments)()
            # A collection that looks at all that was loaded holds up an answer by a third of a
            # second.
            gc.collect()
            gc.freeze()
            serve(app, listening, partial(_announce, arguments, listening, say))
        else:
            _supervise(arguments, listening, say)
        say("ended in good order")


def _set_up(arguments: Namespace) -> Say:
    if arguments.port > 65_535:
        raise InputError(f"--port: expected at most 65535, got {arguments.port}")
    if (arguments.workers or 0) > MOST_WORKERS:
        raise InputError(f"--workers: expected at most {MOST_WORKERS}, got {arguments.workers}")
    if arguments.traces:
        require("opentelemetry.sdk", "telemetry", "--traces")
    from shopwright.serving.logs import set_up

    return set_up(arguments.log_format, note)


def _run(arguments: Namespace) -> None:
    if bool(arguments.agent) == arguments.webshop_site:
        raise InputError("expected either --agent or --webshop-site, got both or neither")
    if arguments.agent:
        serve_agents(arguments)
        return
    say = _set_up(arguments)
    if arguments.workers is not None:
        raise InputError("--workers: expected --agent beside it, got --webshop-site")
    from shopwright.serving.origins import CheckHost
    from shopwright.serving.running import serve
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
        serve(site, listening, partial(_announce, arguments, listening, say))
        say("ended in good order")


def _load(arguments: Namespace) -> Callable[[], Any]:
    """Load all that a service needs, and return what makes its ASGI application, in this process
    or in one that is forked from it."""
    from shopwright.serving.app import create_app
    from shopwright.serving.origins import check_origin
    from shopwright.serving.webhooks import read_secrets

    token = read_token()
    limits = settings_of(LoadLimits, arguments)
    origins = tuple(map(check_origin, arguments.embed_origins))
    webhook_secrets = read_secrets(os.environ.get(WEBHOOK_VARIABLE, ""))
    service, begin = open_service(arguments)

    def app() -> Any:
        begin()
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
            origins=origins,
            webhook_secrets=webhook_secrets,
        )

    return app


def _supervise(arguments: Namespace, listening: socket.socket, say: Say) -> None:
    """Serve with several workers until a signal ends them."""
    from shopwright.serving.metrics import shared_counters
    from shopwright.serving.running import SHUTDOWN_SECONDS, serve
    from shopwright.serving.sharing import Loads
    from shopwright.serving.supervisor import supervise

    def load() -> Serve:
        app, loads = _load(arguments), Loads(arguments.workers)
        return lambda worker, ready: serve(app(), listening, ready, loads.of(worker))

    with shared_counters():
        supervise(
            load,
            arguments.workers,
            partial(_announce, arguments, listening, say),
            say,
            seconds_to_end=SHUTDOWN_SECONDS,
        )


def _conversations(service: Service, arguments: Namespace) -> Conversations:
    """The conversations of a service, as the command line has them."""
    from shopwright.conversations.agents import SERVED, Converser
    from shopwright.serving.conversations import Conversations

    converser: Converser = SERVED
    if arguments.conversation is not None:
        from shopwright.conversations.policy import LearnedConverser, open_policy

        converser = LearnedConverser(open_policy(arguments.conversation))
    speaker = None
    if arguments.chat_model is not None:
        from shopwright.language.endpoint import Endpoint
        from shopwright.language.prompts import prompt_of_model

        require("httpx", "openai", "--chat-model")
        prompt = prompt_of_model(Path(arguments.chat_model))
        speaker = Endpoint(arguments.chat_model, prompt, settings_of(LanguageConfig, arguments))
    return Conversations(service, converser, speaker)


def _hosts(arguments: Namespace) -> tuple[str, ...]:
    return (arguments.host, *arguments.allowed_hosts)


def _announce(arguments: Namespace, listening: socket.socket, say: Say) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    say(f"serving on http://{shown}:{port} (Ctrl-C ends)")
    if arguments.host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get(
        TOKEN_VARIABLE
    ):
        say(f"anyone who reaches {arguments.host} may ask; set {TOKEN_VARIABLE} to ask for a token")


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


# Where a service answers, what it tells, and what it keeps.
ADDRESS = (
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
    Argument(
        "--embed-origins",
        nargs="+",
        default=[],
        metavar="ORIGIN",
        help="shops whose pages may embed the search box, e.g. https://shop.example; their "
        "visitors need no token",
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
        "send a span for each request to where OTEL_EXPORTER_OTLP_ENDPOINT says (OpenTelemetry)",
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
)
COMMANDS = {
    "serve": Command(
        description=(
            "Serves recommendations over HTTP, and a page to ask, to watch the agent and to shop\n"
            "yourself. Several agents share the requests by Thompson sampling on the feedback.\n"
            f"If the environment has {TOKEN_VARIABLE}, clients must send it as a bearer token.\n"
            f"With {WEBHOOK_VARIABLE} (whsec_...), the shop's own system may send signed events."
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
            *ADDRESS,
        ),
        configs=(AllocationConfig, LoadLimits, LanguageConfig),
        run=_run,
        seed="decides the draws among several agents",
    )
}
