"""What agents are called in the log."""

from __future__ import annotations

import hashlib
from pathlib import Path

from shopwright.agents.taste import TASTE
from shopwright.errors import AgentError
from shopwright.rollouts.agent import PrivilegedAgent, Shopper


def label_of(name: str) -> str:
    """Return what an agent is called in the log: its name, and a mark of its weights and taste."""
    files = [Path(name) / file for file in ("agent.json", TASTE)]
    content = b"".join(file.read_bytes() for file in files if file.is_file())
    if not content:
        return name
    return f"{Path(name).resolve().name}-{hashlib.sha256(content).hexdigest()[:8]}"


def check_reads(label: str, agent: Shopper | PrivilegedAgent) -> Shopper:
    """Return an agent that reads requests.

    Raises:
        AgentError: it must be told a goal.
    """
    if isinstance(agent, PrivilegedAgent):
        raise AgentError(
            f"agents: expected ones that read requests, got {label!r}, which must be told a goal"
        )
    return agent
