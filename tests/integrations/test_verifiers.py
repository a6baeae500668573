"""The task set and the tools, through verifiers' own classes and MCP server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("verifiers", reason="needs verifiers (make test-integrations installs it)")

import verifiers.v1 as vf
from mcp.server.mcpserver import MCPServer

from scripted_server import Scripted, called, said, streamed
from shopwright.integrations import verifiers as ours
from shopwright.shop.shop import Shop


class Rollout(ours.ShopToolset):
    """Tools whose state goes through JSON, as over the wire, into a rollout's."""

    rollout = ours.ShopState()

    async def _pull_state(self) -> ours.ShopState:
        return ours.ShopState.model_validate_json(self.rollout.model_dump_json())

    async def _push_state(self, before: bytes) -> None:
        self.rollout = ours.ShopState.model_validate_json(self.state.model_dump_json())


def config_of(shop: Shop, **more: Any) -> ours.ShopTasksetConfig:
    return ours.ShopTasksetConfig(shop=str(shop.folder), **more)


def test_a_task_for_each_goal(demo_shop: Shop) -> None:
    taskset = ours.ShopTaskset(config_of(demo_shop, split="test"))
    tasks = list(taskset.take(3))
    assert [task.data.idx for task in tasks] == [0, 1, 2]
    for task, goal in zip(tasks, demo_shop.goals.split("test"), strict=False):
        assert goal.instruction in task.data.prompt_text
    assert len({task.key for task in tasks}) == 3
    assert ours.ShopTaskset.task_type() is ours.ShopTask
    (tools,) = ours.ShopTaskset.toolsets(config_of(demo_shop, step_limit=4))
    assert isinstance(tools, vf.Toolset)
    assert tools.config.step_limit == 4


def test_a_rollout_by_the_tools_and_its_score(demo_shop: Shop) -> None:
    async def play() -> None:
        (task,) = ours.ShopTaskset(config_of(demo_shop, split="test")).skip(2).take(1)
        goal = demo_shop.goals.split("test")[2]
        tools = Rollout(ours.ShopToolsConfig(shop=str(demo_shop.folder), step_limit=4))
        trace = SimpleNamespace(state=tools.rollout)
        await task.setup(trace, None)
        server = MCPServer("shop")
        tools.register(server)
        listed = {tool.name: tool for tool in await server.list_tools()}
        assert set(listed) == {"search", "click"}
        assert "Searches the shop" in (listed["search"].description or "")

        async def call(tool: str, **arguments: str) -> str:
            return json.dumps(str(await server.call_tool(tool, arguments)))

        assert goal.asin in await call("search", query=demo_shop.product(goal.asin).title)
        assert "does not offer that" in await call("click", name="no such thing")
        await call("click", name=goal.asin)
        assert "Bought." in await call("click", name="Buy Now")
        assert "The visit is over." in await call("click", name="Buy Now")
        expected = demo_shop.reward(goal, goal.asin, {}).total
        trace.state = tools.rollout
        assert await ours.ShopTask.purchase(task, trace) == expected
        assert [hook.__name__ for hook in task.hooks("reward")] == ["purchase"]

    asyncio.run(play())


def test_an_evaluation_from_end_to_end(demo_shop: Shop, tmp_path: Path) -> None:
    """verifiers' own programs, against a server that buys what is asked for, without options."""

    goals = demo_shop.goals.split("test")[:2]

    def answer(body: dict[str, Any]) -> Any:
        prompt = str(body["messages"])
        (goal,) = (goal for goal in goals if goal.instruction in prompt)
        calls = (
            ("search", {"query": demo_shop.product(goal.asin).title}),
            ("click", {"name": goal.asin}),
            ("click", {"name": "Buy Now"}),
        )
        done = sum(message["role"] == "tool" for message in body["messages"])
        if done == len(calls):
            return streamed(said("Done."))
        name, arguments = calls[done]
        return streamed(called(name, json.dumps(arguments)))

    (tmp_path / "own_shop.py").write_text(
        "from shopwright.integrations.verifiers import ShopTaskset\n__all__ = ['ShopTaskset']\n"
    )
    scripted = Scripted()
    scripted.answer = answer
    command = (
        f"own_shop --env.taskset.shop {demo_shop.folder} --env.taskset.split test -n 2 -r 1 "
        f"-m scripted --client.base-url {scripted.url} --client.api-key-var OWN_KEY "
        "--env.agent.harness.id null --env.agent.runtime.type subprocess --no-rich --no-push"
    )
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "OWN_KEY": "x",
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": f"{os.environ['PYTHONPATH']}:{tmp_path}",
    }
    ended = subprocess.run(
        [programs / "vf-eval", *command.split()],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    (written,) = tmp_path.glob("outputs/*/traces.jsonl")
    episodes = [json.loads(line) for line in written.read_text().splitlines()]
    assert len(episodes) == 2
    rewards = [trace["rewards"] for episode in episodes for trace in episode["traces"]]
    expected = {demo_shop.reward(goal, goal.asin, {}).total for goal in goals}
    assert {reward["purchase"]["score"] for reward in rewards} == expected
    assert min(expected) > 0
