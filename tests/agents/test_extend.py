"""The agent that the documents show shops as they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from shopwright.evaluation.episodes import evaluate
from shopwright.shop.shop import Shop

DOCUMENT = Path(__file__).parents[2] / "docs" / "extend.md"


def test_the_new_agent_of_the_documents_buys_for_every_goal(tiny_shop: Shop) -> None:
    section = DOCUMENT.read_text(encoding="utf-8").split("## A new agent")[1]
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert code is not None
    made: dict[str, Any] = {}
    exec(code[1], made)
    evaluation = evaluate(made["Hasty"](), tiny_shop, list(tiny_shop.goals), protocol="pages")
    assert min(evaluation.rewards) > 0
    assert max(evaluation.steps) <= 5
