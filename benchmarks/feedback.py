"""What an agent learns from its customers: success on fresh ones after 100, 500 and 2,000 lists.

    python benchmarks/feedback.py [--shop SHOP] [--agent rule-page] [--worlds tastes none ...]
        [--lists 100 500 2000] [--fresh 300] [--out FILE.json] [--picture FILE.png]

Without --shop a shop of 1,500 invented products is built, with brands, ratings and materials that
are drawn. Simulated customers (`shopwright.customers.feedback`) ask a service, look, click and buy;
the service's own log is learned from. Three seeds: of tastes, of customers and of what they do.
Success is the probability that a fresh customer buys, which the simulator knows, so that lists are
compared on the same customers without the noise of purchases; intervals over customers are paired.
Needs LightGBM (pip install 'shopwright[ranker]').
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from shopwright import Shop
from shopwright.agents.registry import open_agent
from shopwright.catalogue.generate import generate_products
from shopwright.console import note, print_table
from shopwright.customers.feedback.ranker import RankerTaste
from shopwright.customers.feedback.tastes import NO_TASTES, TasteConfig, stocked
from shopwright.files import write_json
from shopwright.intervals import bootstrap_mean
from shopwright.reproduction.market import HEADS, Market
from shopwright.rollouts.agent import PrivilegedAgent
from shopwright.seeding import numpy_rng
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop

RESULTS = Path(__file__).resolve().parent / "results" / "feedback.json"
WORLDS = {
    "tastes": TasteConfig(),
    "weak": TasteConfig(brand=0.5, price=0.4, rating=0.3, material=0.4),
    "drift": TasteConfig(drift=0.5),
    "none": NO_TASTES,
}
SEEDS = (0, 1, 2)
ALL_HEADS = {**HEADS, "lightgbm": RankerTaste}


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--shop", type=Path)
    parser.add_argument("--agent", default="rule-page")
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--lists", nargs="+", type=int, default=[100, 500, 2_000])
    parser.add_argument("--fresh", type=int, default=300)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        shop = _shop(arguments.shop, Path(folder))
        agent = open_agent(arguments.agent, shop)
        if isinstance(agent, PrivilegedAgent):
            parser.error("--agent: expected one that reads requests")
        market = Market(shop, agent, Path(folder))
        rows = []
        for world in arguments.worlds:
            for seed in SEEDS:
                rows += measure(market, world, seed, arguments.lists, arguments.fresh)
                write_json(arguments.out, {"agent": arguments.agent, "rows": rows})
    if arguments.picture:
        _draw(rows, arguments.picture)
    columns = ("world", "lists", "head", "served", "learned", "gain (95 %)", "of what is knowable")
    print_table("feedback", columns, [_line(rows, key) for key in _keys(rows)])


def measure(
    market: Market, world: str, seed: int, sizes: Sequence[int], fresh: int
) -> list[dict[str, Any]]:
    """Let customers of a world be served, learn, and return a row for each head and size."""
    rows = []
    for found in market.measure(replace(WORLDS[world], seed=seed), sizes, fresh, ALL_HEADS):
        served, learned, knowing = found.served, found.learned, found.knowing
        rows.append(
            {
                "world": world,
                "seed": seed,
                "lists": found.lists,
                "bought": found.bought,
                "head": found.head,
                "served": served.tolist(),
                "learned": learned.tolist(),
                "knowing": knowing.tolist(),
            }
        )
        note(
            f"{world}, seed {seed}, {found.lists} lists, {found.bought} purchases, {found.head}: "
            f"{100 * served.mean():.1f} → {100 * learned.mean():.1f} "
            f"(knowing {100 * knowing.mean():.1f})"
        )
    return rows


def _shop(given: Path | None, folder: Path) -> Shop:
    if given is not None:
        return Shop.open(given)
    products = stocked(generate_products(1_500, seed=5))
    return build_shop(products, folder / "shop", source={"kind": "demo"}, tagger=WordTagger())


def _keys(rows: Sequence[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return list(dict.fromkeys((row["world"], row["lists"], row["head"]) for row in rows))


def _draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw the learning curves of the worlds, beside what was served and what is knowable."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    worlds = list(dict.fromkeys(row["world"] for row in rows))
    figure, axes = pyplot.subplots(1, len(worlds), figsize=(4.2 * len(worlds), 3.2), squeeze=False)
    for world, axis in zip(worlds, axes[0], strict=True):
        own = [row for row in rows if row["world"] == world]
        for name, style in (("served", ":"), ("knowing", "--")):
            level = 100 * np.mean([row[name] for row in own])
            axis.axhline(level, linestyle=style, color="grey", label=name)
        for head in dict.fromkeys(row["head"] for row in own):
            sizes = sorted({row["lists"] for row in own})
            means = [
                100 * np.mean([r["learned"] for r in own if (r["head"], r["lists"]) == (head, n)])
                for n in sizes
            ]
            axis.plot(sizes, means, marker="o", label=head)
        axis.set_xscale("log")
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.minorticks_off()
        low, high = axis.get_ylim()
        axis.set_ylim(low - 2.0, high + 2.0)  # Tenths of a point must not look like curves.
        axis.set_title(world)
        axis.set_xlabel("recommendations in the log")
    axes[0][0].set_ylabel("success on fresh customers, %")
    axes[0][0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def _line(rows: Sequence[dict[str, Any]], key: tuple[str, int, str]) -> list[str]:
    same = [row for row in rows if (row["world"], row["lists"], row["head"]) == key]
    served, learned, knowing = (
        100 * np.concatenate([row[name] for row in same])
        for name in ("served", "learned", "knowing")
    )
    low, high = bootstrap_mean(learned - served, rng=numpy_rng(0, "feedback"))
    gap = knowing.mean() - served.mean()
    gain = learned.mean() - served.mean()
    return [
        key[0],
        f"{key[1]:,}",
        key[2],
        f"{served.mean():.1f}",
        f"{learned.mean():.1f}",
        f"{gain:+.1f} ({low:+.1f} to {high:+.1f})",
        f"{100 * gain / gap:.0f} %" if gap > 1.0 else "–",
    ]


if __name__ == "__main__":
    main()
