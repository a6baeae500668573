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
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from shopwright import Shop
from shopwright.agents.registry import open_agent
from shopwright.agents.taste import Offer
from shopwright.catalogue.generate import generate_products
from shopwright.console import note, print_table
from shopwright.customers.feedback.heads import bandit_rows, learn, preference_rows
from shopwright.customers.feedback.judgments import judged_lists
from shopwright.customers.feedback.ranker import RankerTaste
from shopwright.customers.feedback.replay import Replay
from shopwright.customers.feedback.shoppers import Crowd, Customer
from shopwright.customers.feedback.tastes import (
    NO_TASTES,
    Standings,
    TasteConfig,
    Tastes,
    stocked,
)
from shopwright.customers.feedback.training import look_again, taste_of
from shopwright.files import write_json
from shopwright.intervals import bootstrap_mean
from shopwright.recommending.recommender import Recommender
from shopwright.rollouts.agent import PrivilegedAgent
from shopwright.seeding import numpy_rng
from shopwright.serving.service import Service
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop
from shopwright.store.store import Store

RESULTS = Path(__file__).resolve().parent / "results" / "feedback.json"
WORLDS = {
    "tastes": TasteConfig(),
    "weak": TasteConfig(brand=0.5, price=0.4, rating=0.3, material=0.4),
    "drift": TasteConfig(drift=0.5),
    "none": NO_TASTES,
}
COUNT = 5
FIRST_FRESH = 1_000_000
SEEDS = (0, 1, 2)


class CachingService(Service):
    """A service that computes an answer once for each request: customers ask the same things."""

    def understand(self, request: str, **given: Any) -> Any:
        return self._understood(request)

    def answer(self, label: str, understood: Any, *leanings: Any, **given: Any) -> Any:
        return self._answered(label, understood.text)

    @cache  # noqa: B019
    def _understood(self, request: str) -> Any:
        return super().understand(request)

    @cache  # noqa: B019
    def _answered(self, label: str, request: str) -> Any:
        from shopwright.serving.messages import Filters

        return super().answer(label, self._understood(request), count=COUNT, filters=Filters())


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
                rows += market.measure(world, seed, arguments.lists, arguments.fresh)
                write_json(arguments.out, {"agent": arguments.agent, "rows": rows})
    if arguments.picture:
        _draw(rows, arguments.picture)
    columns = ("world", "lists", "head", "served", "learned", "gain (95 %)", "of what is knowable")
    print_table("feedback", columns, [_line(rows, key) for key in _keys(rows)])


class Market:
    """A shop with an agent, and customers of many worlds."""

    def __init__(self, shop: Shop, agent: Any, folder: Path) -> None:
        self.shop, self.agent, self.folder = shop, agent, folder
        self.standings = Standings(shop.catalogue)
        self.recommender = Recommender.of(shop)
        self.replay = Replay(shop, agent)
        self.service: CachingService | None = None

    @cache  # noqa: B019
    def offers(self, request: str) -> list[Offer]:
        """What there is to order for a request."""
        return self.replay.offers(self.recommender.understand(request))

    def measure(
        self, world: str, seed: int, sizes: Sequence[int], fresh: int
    ) -> list[dict[str, Any]]:
        """Let customers of a world be served, learn, and return a row for each head and size."""
        config = replace(WORLDS[world], seed=seed)
        crowd = Crowd(self.shop, Tastes(self.standings, config), groups=config.groups, seed=seed)
        store = Store(self.folder / f"{world}-{seed}.sqlite", self.shop.origin)
        self.service = self.service or CachingService(self.shop, {"served": self.agent}, store)
        self.service.store = store
        most = max(sizes)
        for number in range(most):
            crowd.visit(self.service, number, at=number / most)
        lists = judged_lists(store.recommendations(), store.feedback())
        store.close()
        note(f"{world}, seed {seed}: served")
        seen = look_again(lists, self.replay)
        customers = [crowd.customer(FIRST_FRESH + n, at=1.0) for n in range(fresh)]
        served = self.success(crowd, customers, None)
        knowing = np.array([self.known(crowd, customer) for customer in customers])
        rows = []
        for size in sizes:
            for head, taste, bought in heads(seen[:size]):
                learned = self.success(crowd, customers, taste)
                rows.append(
                    {
                        "world": world,
                        "seed": seed,
                        "lists": size,
                        "bought": bought,
                        "head": head,
                        "served": served.tolist(),
                        "learned": learned.tolist(),
                        "knowing": knowing.tolist(),
                    }
                )
                note(
                    f"  {size} lists, {bought} purchases, {head}: {100 * served.mean():.1f} → "
                    f"{100 * learned.mean():.1f} (knowing {100 * knowing.mean():.1f})"
                )
        return rows

    def success(self, crowd: Crowd, customers: Sequence[Customer], taste: Any) -> np.ndarray:
        """The probability of a purchase of each customer, of lists ordered by a taste."""
        found = []
        for customer in customers:
            offers = self.offers(customer.request)
            shares = np.log([offer.share for offer in offers])
            order = np.argsort(-(shares + (taste.gains(offers) if taste else 0.0)), kind="stable")
            found.append(
                crowd.success(customer, [offers[place].product for place in order[:COUNT]])
            )
        return np.array(found)

    def known(self, crowd: Crowd, customer: Customer) -> float:
        """The same of an agent that knows the tastes, but not whose group a customer is of."""
        products = [offer.product for offer in self.offers(customer.request)]
        return crowd.success(customer, crowd.best(customer, products)[:COUNT])


def heads(seen: Sequence[Any]) -> list[tuple[str, Any, int]]:
    """What each head learns."""
    bought = sum(judgment.bought for each in seen for judgment in each.judged.judgments)
    found = []
    for head, rows_of in (("bandit", bandit_rows), ("dpo", preference_rows)):
        rows = rows_of(seen)
        found.append((head, taste_of(rows.names, learn(rows).fit), bought))
    return [*found, ("lightgbm", RankerTaste(seen), bought)]


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
