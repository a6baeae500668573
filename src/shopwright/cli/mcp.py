"""`mcp`: the shop's catalogue as tools for assistants."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from shopwright.cli.command import FAST, READING_AGENT_HELP, SHOP, Argument, Command, agents
from shopwright.cli.loading import open_service
from shopwright.cli.serve import ADDRESS, serve_agents
from shopwright.console import note
from shopwright.errors import InputError
from shopwright.extras import require
from shopwright.language.config import LanguageConfig
from shopwright.serving.agent_queue import LoadLimits
from shopwright.serving.allocation import AllocationConfig


def _run(arguments: Namespace) -> None:
    if not arguments.agent:
        raise InputError("--agent: expected at least one, got none")
    require("mcp", "mcp", "the verb mcp")
    if arguments.transport == "http":
        serve_agents(arguments)
        return
    from shopwright.serving.mcp_endpoint import serve_stdio

    # Each assistant starts a process of its own.
    service, begin = open_service(arguments, is_shared=True)
    begin()
    note("answering on standard input and output")
    asyncio.run(serve_stdio(service))


COMMANDS = {
    "mcp": Command(
        description=(
            "Serves the shop's catalogue as tools for assistants (Model Context Protocol):\n"
            "search_catalog, lookup_catalog and get_product, as the Universal Commerce Protocol\n"
            "has them, ranked by the agent, with reasons. Over HTTP it is the service that\n"
            "`serve` runs, which answers at /mcp, and says so at /.well-known/ucp."
        ),
        example="shopwright mcp --shop shops/demo --agent runs/agent",
        arguments=(
            SHOP,
            agents(f"one or several: {READING_AGENT_HELP}"),
            FAST,
            Argument(
                "--transport",
                choices=("stdio", "http"),
                default="stdio",
                help="standard input and output, or streamable HTTP (default: stdio)",
            ),
            *ADDRESS,
        ),
        configs=(AllocationConfig, LoadLimits, LanguageConfig),
        run=_run,
        seed="decides the draws among several agents",
    )
}
