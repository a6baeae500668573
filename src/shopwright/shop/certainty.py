"""What can be measured in a shop, and how certainly."""

from __future__ import annotations

from typing import Any

from shopwright.intervals import wilson
from shopwright.shop.goals import Goals

# The success rate at which certainty is told, in percent.
AT_SUCCESS_RATE = 90


def half_width(goals: int) -> float:
    """Return half the width, in percentage points, of the 95 % interval of a success rate of about
    :data:`AT_SUCCESS_RATE` on so many goals, at least one."""
    interval = wilson(round(goals * AT_SUCCESS_RATE / 100), goals)
    return 50.0 * (interval.high - interval.low)


def certainty(goals: Goals) -> dict[str, dict[str, Any]]:
    """Return for "test" and "test-unseen" the number of goals, of products, and the half-width of
    the interval in percentage points; None without goals."""
    record: dict[str, dict[str, Any]] = {}
    for split in ("test", "test-unseen"):
        numbers = goals.numbers(split)
        record[split] = {
            "goals": len(numbers),
            "products": len({goals.asin_of(number) for number in numbers}),
            "half_width": round(half_width(len(numbers)), 1) if numbers else None,
        }
    return record


def in_words(goals: Goals, products: int) -> list[str]:
    """Return what can be measured in a shop, a sentence a line."""
    lines = []
    for split, known in certainty(goals).items():
        if known["goals"]:
            lines.append(
                f"{split}: a success rate of {AT_SUCCESS_RATE} % on its {known['goals']:,} goals "
                f"(of {known['products']:,} products) is certain to ± {known['half_width']:.1f} "
                "points (95 %)"
            )
    if products == 1:
        lines.append(
            "one product: nothing tells whether an agent finds the right one, only whether it "
            "chooses the right options; a language model has nothing to learn there (train encoder)"
        )
    elif goals.is_of_table and not goals.splits.holds_out:
        lines.append(
            f"no product is held out of {products:,}: nothing tells how an agent does on products "
            "that it was not trained on"
        )
    further = len(goals) - goals.splits.derived
    if further:
        lines.append(
            f"the products give {goals.splits.derived:,} requests of their own; {further:,} "
            "further ones ask for the same products with other attributes and options"
        )
    if not goals.count("train"):
        lines.append(
            "no goals to train on: "
            + (
                "no product can be asked for"
                if not len(goals)
                else "the first are kept for "
                f"test ({goals.splits.test:,}) and dev ({goals.splits.dev:,})"
            )
        )
    return lines
