"""Language models against other agents on the same goals, from the transcripts of `evaluate`.

    shopwright evaluate --shop SHOP --agent hf:MODEL --decide generate --goals test \
        --protocol pages --transcript sft.jsonl
    python benchmarks/transcripts.py --shop SHOP sft.jsonl dpo.jsonl --agents rule-options rule-page

Of each pair: the difference of success with the paired bootstrap's 95 % interval, and p by
McNemar's exact test. No model is run; the rewards of a transcript are those of its actions.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
import orjson

from shopwright.agents.registry import built_in
from shopwright.console import print_table
from shopwright.intervals import mcnemar, paired_bootstrap, wilson
from shopwright.rollouts.rollout import roll_out
from shopwright.shop.shop import Shop


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("transcripts", nargs="+", type=Path)
    parser.add_argument("--shop", required=True, type=Path)
    parser.add_argument("--goals", default="test")
    parser.add_argument("--agents", nargs="*", default=["rule-options"])
    arguments = parser.parse_args()
    shop = Shop.open(arguments.shop)
    goals = shop.goals.split(arguments.goals)
    rewards = {}
    for path in arguments.transcripts:
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines()[1:]]
        by_request = {line["request"]: line["reward"] for line in lines}
        rewards[path.stem] = np.array([by_request[goal.instruction] for goal in goals])
    for name in arguments.agents:
        agent = built_in(name)
        rewards[name] = np.array(
            [roll_out(agent, shop, goal, step_limit=15).trajectory.reward for goal in goals]
        )
    rows = []
    for name, values in rewards.items():
        low, high = wilson(int((values == 1.0).sum()), len(values))
        success = f"{100 * (values == 1.0).mean():.1f} ({100 * low:.1f} to {100 * high:.1f})"
        rows.append((name, f"{100 * values.mean():.1f}", success))
    print_table(f"{len(goals)} goals", ("agent", "score", "success % (95 %)"), rows)
    pairs = []
    for one, other in combinations(rewards, 2):
        first, second = rewards[one] == 1.0, rewards[other] == 1.0
        rng = np.random.default_rng(0)
        less = paired_bootstrap(first.astype(float), second.astype(float), rng=rng)
        low, high = (100 * end for end in less.interval)
        difference = f"{100 * less.mean:+.1f} ({low:+.1f} to {high:+.1f})"
        pairs.append((f"{one} less {other}", difference, f"{mcnemar(first, second).p_value:.2g}"))
    print_table("pairs", ("agents", "success % (95 %)", "p"), pairs)


if __name__ == "__main__":
    main()
