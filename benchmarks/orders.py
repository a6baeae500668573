"""What customers order next: a year of real orders of a wholesaler of gifts.

    python benchmarks/orders.py --orders ../shared/real/online-retail/online-retail.csv.gz

Time decides what is learned from and what is predicted. Each week's orders of customers who ordered
before are predicted (each customer's first of the week) from all orders before that week. What a
model can be told is chosen on six weeks from 2011-09-05 on, the mixture's weights are learned on
the four weeks before those that are predicted, and the eight weeks from 2011-10-17 to the end are
looked at once. Intervals are bootstrapped over customers, each with the mean of their weeks.

Prints tables and writes ``benchmarks/results/orders.json``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shopwright.console import print_line, print_table
from shopwright.customers.next_order import (
    Mixture,
    Model,
    ease,
    item_item,
    popularity,
    repeat_purchase,
    tifu_knn,
)
from shopwright.customers.orders import Measures, OrderLine, Orders, measure
from shopwright.files import write_json
from shopwright.intervals import bootstrap_mean, paired_bootstrap
from shopwright.seeding import numpy_rng

RESULTS = Path(__file__).resolve().parent / "results" / "orders.json"
BEGIN = datetime(2010, 12, 1)
VALIDATION, TEST, END = (
    (datetime(2011, *date) - BEGIN).days for date in ((9, 5), (10, 17), (12, 12))
)
LEARNED_DAYS = 4 * 7
RESAMPLES = 2_000
_PRODUCT = re.compile(r"\d{5}")  # Others are postage, fees and corrections.

Weeks = Sequence[tuple[float, float]]
# A model and its settings.
Told = tuple[str, str]
Reached = dict[str, NDArray[np.float64]]
MIXTURE: Told = ("mixture", "")


def read_lines(path: Path) -> Iterator[OrderLine]:
    """Yield the lines of known customers' orders, without cancellations."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            is_sold = float(row["Quantity"]) > 0 and float(row["UnitPrice"]) > 0
            if row["CustomerID"] and is_sold and _PRODUCT.match(row["StockCode"]):
                placed = datetime.fromisoformat(row["InvoiceDate"])
                yield OrderLine(
                    row["InvoiceNo"],
                    row["CustomerID"],
                    row["StockCode"].upper(),
                    (placed - BEGIN).total_seconds() / 86_400,
                )


def weeks(begin: float, end: float) -> Weeks:
    """Return the weeks of a time."""
    return [(day, day + 7) for day in np.arange(begin, end, 7).tolist()]


def candidates() -> dict[str, dict[str, Model]]:
    """Return what each model can be told: name → settings in words → model."""
    lately = popularity(7)
    return {
        "popularity": {f"half-life {days} days": popularity(days) for days in (3, 7, 14)},
        "repeat purchase": {
            f"half-life {days} days": repeat_purchase(days, lately) for days in (None, 60, 120)
        },
        "item-item": {"without itself": item_item(itself=False), "with": item_item(itself=True)},
        "EASE": {"regularisation 100": ease(regularisation=100)},
        "TIFU-KNN": {
            f"half-life 120 days, 100 neighbours, alpha {alpha}": tifu_knn(
                half_life_days=120, neighbours=100, alpha=alpha
            )
            for alpha in (0.3, 0.7)
        },
    }


def mixed() -> dict[str, Model]:
    """Return the models of the mixture: the same evidence over different times."""
    lately = popularity(7)
    return {
        **{f"sold, {days} days": popularity(days) for days in (3, 14, 60)},
        **{f"own, {days} days": repeat_purchase(days, lately) for days in (15, 60, None)},
        "item-item": item_item(itself=False, half_life_days=60),
        "EASE": ease(regularisation=100, half_life_days=60),
        "like customers": tifu_knn(half_life_days=120, neighbours=100, alpha=0.0),
    }


def measured(orders: Orders, asked: Weeks, models: Mapping[Told, Model]) -> dict[Told, Reached]:
    """Return what models reach in some weeks: measure → the mean of each customer's weeks."""
    who: list[Any] = []
    found: dict[Told, list[Measures]] = {told: [] for told in models}
    for begin, end in asked:
        customers, baskets = orders.next_orders(begin, end)
        who.append(customers)
        for told, model in models.items():
            found[told].append(measure(model(orders, begin, customers), baskets))
    _, rows = np.unique(np.concatenate(who), return_inverse=True)
    times = np.bincount(rows)

    def by_customer(weekly: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return 100 * np.bincount(rows, np.concatenate(weekly)) / times

    return {
        told: {
            "recall@20": by_customer([each.recall for each in weekly]),
            "ndcg@20": by_customer([each.ndcg for each in weekly]),
        }
        for told, weekly in found.items()
    }


def best_of(found: Mapping[Told, Reached]) -> list[Told]:
    """Return of each model what it is best told, by nDCG."""
    best: dict[str, Told] = {}
    for name, settings in found:
        now = best.setdefault(name, (name, settings))
        if found[name, settings]["ndcg@20"].mean() > found[now]["ndcg@20"].mean():
            best[name] = (name, settings)
    return [*best.values()]


def report(found: Mapping[Told, Reached]) -> dict[str, Any]:
    """Return means with intervals, and differences of the mixture to each other model."""
    record: dict[str, Any] = {}
    for (name, settings), measures in found.items():
        record[name] = {"told": settings}
        for measure_name, values in measures.items():
            rng = numpy_rng(0, "orders", measure_name)
            interval = bootstrap_mean(values, resamples=RESAMPLES, rng=rng)
            better = paired_bootstrap(
                found[MIXTURE][measure_name], values, resamples=RESAMPLES, rng=rng
            )
            record[name][measure_name] = {
                "mean": float(values.mean()),
                "interval": [*interval],
                "mixture_minus_it": {
                    "mean": better.mean,
                    "interval": [*better.interval],
                    "p": better.p_value,
                },
            }
    return record


def show(record: Mapping[str, Any], title: str) -> None:
    """Print a report."""
    rows = []
    for name, said in record.items():
        row = [name]
        for measure_name in ("recall@20", "ndcg@20"):
            entry = said[measure_name]
            better = entry["mixture_minus_it"]
            row.append("{:.2f} ({:.2f} to {:.2f})".format(entry["mean"], *entry["interval"]))
            row.append("{:+.2f} ({:+.2f} to {:+.2f})".format(better["mean"], *better["interval"]))
        rows.append(row)
    columns = ("model", "recall@20", "mixture minus it", "nDCG@20", "mixture minus it")
    print_table(title, columns, rows)
    told = [f"{name}: {said['told']}" for name, said in record.items() if said["told"]]
    print_line("; ".join(told))


def main() -> None:
    """Choose, learn, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=Path, required=True)
    orders = Orders.of(read_lines(parser.parse_args().orders))
    print_line(
        f"{len(orders.days):,} orders, {orders.customer_count:,} customers, "
        f"{orders.product_count:,} products"
    )
    models: dict[Told, Model] = {
        (name, settings): model
        for name, several in candidates().items()
        for settings, model in several.items()
    }
    results: dict[str, Any] = {}
    for name, begin, end in (("validation", VALIDATION, TEST), ("test", TEST, END)):
        mixture = Mixture.learned(mixed(), orders, weeks(begin - LEARNED_DAYS, begin))
        found = measured(orders, weeks(begin, end), {**models, MIXTURE: mixture})
        results[name] = {
            "customers": len(found[MIXTURE]["ndcg@20"]),
            "weights": dict(zip(mixture.models, mixture.weights.tolist(), strict=True)),
            "models": report({told: found[told] for told in best_of(found)}),
        }
        show(results[name]["models"], f"{name}: {results[name]['customers']} customers")
        weights = results[name]["weights"].items()
        print_line(", ".join(f"{model} {weight:.2f}" for model, weight in weights))
        # The test weeks are for what was best before them.
        models = {told: model for told, model in models.items() if told in best_of(found)}
    write_json(RESULTS, results)


if __name__ == "__main__":
    main()
