"""Simulated shoppers ask a running service and buy what is exactly right: an online experiment to
try `shopwright online-report` with.

    python examples/simulated_shoppers.py SHOP --address http://127.0.0.1:8000 --requests 300

They ask for the shop's dev goals, which no agent was trained on, look at the first item only, buy
it if the reward is 1 and dismiss it otherwise.
"""

from __future__ import annotations

import argparse
import json
import urllib.request
from pathlib import Path
from typing import Any

from shopwright import Shop


def post(address: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send a JSON body and return the answer's."""
    request = urllib.request.Request(
        address + path, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        value: dict[str, Any] = json.load(answer)
        return value


def main() -> None:
    """Read the command line and shop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("shop", type=Path, help="the shop folder that is served")
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="of the service")
    parser.add_argument("--requests", type=int, default=300, help="how many")
    arguments = parser.parse_args()
    shop = Shop.open(arguments.shop)
    bought = 0
    for goal in shop.goals.split("dev")[: arguments.requests]:
        record = post(arguments.address, "/recommend", {"request": goal.instruction, "count": 1})
        if not record["items"]:
            continue
        item = record["items"][0]
        right = shop.reward(goal, item["asin"], item["options"]).success
        bought += right
        body = {
            "recommendation_id": record["recommendation_id"],
            "kind": "bought" if right else "dismissed",
            "asin": item["asin"],
        }
        post(arguments.address, "/feedback", body)
    print(f"{arguments.requests} requests, {bought} bought")


if __name__ == "__main__":
    main()
