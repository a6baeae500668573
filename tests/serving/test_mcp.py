"""The catalogue's tools, driven by the official client of the Model Context Protocol."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from typing import Any

import pytest

pytest.importorskip("mcp", reason="needs mcp (pip install 'shopwright[mcp]')")

from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

from shopwright.serving.agent_queue import AgentQueue
from shopwright.serving.mcp_endpoint import create_server

from running import Running  # isort: skip

META = {"ucp-agent": {"profile": "https://assistant.example/profile.json"}}


def call(server: Any, name: str, catalog: Any, mode: str = "auto", **arguments: Any) -> Any:
    """What a client gets from a tool, or the error."""

    async def calling() -> Any:
        async with Client(server, mode=mode) as client:
            await client.list_tools()
            try:
                return await client.call_tool(name, {"catalog": catalog, **arguments})
            except MCPError as error:
                return error

    return asyncio.run(calling())


@pytest.fixture
def server(service):
    queue = AgentQueue(4)
    yield create_server(service, queue)
    queue.close()


def test_the_tools_are_listed_with_their_schemas(server):
    async def listing() -> Any:
        async with Client(server) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listing())}
    assert tools.keys() == {"search_catalog", "lookup_catalog", "get_product"}
    for tool in tools.values():
        assert tool.input_schema["required"] == ["catalog"]
        assert set(tool.input_schema["properties"]) == {"meta", "catalog"}
        assert tool.annotations.read_only_hint


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_searches_and_looks_up(server, served_shop, mode):
    found = call(server, "search_catalog", {"query": served_shop.goals[0].title}, mode, meta=META)
    first = found.structured_content["products"][0]
    assert json.loads(found.content[0].text) == found.structured_content
    looked_up = call(server, "lookup_catalog", {"ids": [first["id"]]}, mode)
    assert looked_up.structured_content["products"][0]["title"] == first["title"]
    detail = call(server, "get_product", {"id": first["variants"][0]["id"]}, mode)
    assert detail.structured_content["product"]["id"] == first["id"]


@pytest.mark.parametrize(
    ("name", "catalog", "message"),
    [
        ("search_catalog", {"query": ""}, "catalog.query"),
        ("search_catalog", {}, "expected a query"),
        ("search_catalog", {"query": "x" * 2_001}, "catalog.query"),
        ("search_catalog", {"query": "lamp", "filters": {"price": {"max": -1}}}, "price.max"),
        ("search_catalog", {"query": "lamp", "pagination": {"cursor": "n" * 22}}, "cursor"),
        ("lookup_catalog", {"ids": []}, "catalog.ids"),
        ("lookup_catalog", {"ids": ["x"] * 51}, "catalog.ids"),
        ("get_product", {"id": 7}, "catalog.id"),
        ("get_product", "lamp", "catalog"),
        ("buy", {}, "expected a tool among search_catalog"),
    ],
)
def test_wrong_arguments_are_invalid_parameters(server, name, catalog, message):
    error = call(server, name, catalog)
    assert error.code == -32602
    assert message in error.message


def test_hostile_identifiers_find_nothing(server):
    answer = call(server, "lookup_catalog", {"ids": ["\0", "-", "x" * 300, "ü-1"]})
    assert answer.structured_content["products"] == []


def test_too_many_requests_are_told_to_come_again(service):
    queue = AgentQueue(-1)
    error = call(create_server(service, queue), "search_catalog", {"query": "lamp"})
    assert (error.code, error.data) == (-32000, {"retry_after": 1})
    queue.close()


def test_a_store_that_cannot_be_written_is_told_without_what_it_says(server, store, caplog):
    other = sqlite3.connect(store.place, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    error = call(server, "search_catalog", {"query": "lamp"})
    assert (error.code, error.data) == (-32000, {"retry_after": 1})
    assert "locked" not in error.message
    assert [line.getMessage() for line in caplog.records if line.levelname == "ERROR"] == [
        "nothing can be written: database is locked"
    ]
    other.close()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_service_answers_at_its_endpoint(service, client_of, mode):
    running = Running(service)
    try:
        profile = client_of(service).get("/.well-known/ucp")
        assert profile.headers["cache-control"] == "public, max-age=300"
        assert profile.json()["ucp"]["services"]["dev.ucp.shopping"][0]["endpoint"].endswith("/mcp")
        found = call(f"{running.address}/mcp", "search_catalog", {"query": "a lamp"}, mode)
        id = found.structured_content["products"][0]["metadata"]["recommendation"]["id"]
        assert service.store.recommendation(id).request == "a lamp"
    finally:
        running.end()


def test_the_endpoint_wants_the_token_and_takes_no_streams(service, client_of):
    client = client_of(service, token="sesame")
    assert client.get("/.well-known/ucp").status_code == 200
    assert client.post("/mcp", json={}).status_code == 401
    headers = {"authorization": "Bearer sesame"}
    assert client.get("/mcp", headers=headers).status_code == 405
    assert client.post("/mcp", json={}, headers=headers | {"origin": "https://evil.example"}
    ).status_code == 403  # fmt: skip


@pytest.mark.slow  # A process that loads its agent.
def test_the_verb_answers_on_standard_input_and_output(served_shop, tmp_path):
    command = ["-m", "shopwright.cli", "mcp", "--shop", str(served_shop.folder)]
    agent = ["--agent", "rule-page", "--feedback", str(tmp_path / "f.sqlite")]
    parameters = StdioServerParameters(command=sys.executable, args=[*command, *agent])
    found = call(parameters, "search_catalog", {"query": "a lamp"}, meta=META)
    assert found.structured_content["products"]
