"""Files of goals: what to shop for, as people write it down."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from shopwright.catalogue.product import WEBSHOP_GOALS
from shopwright.catalogue.storage import Catalogue
from shopwright.errors import GoalError
from shopwright.files import read_json_lines
from shopwright.json_fields import Number, take, take_filled, take_options, take_texts, wrong
from shopwright.shop.goals import Goal, goal_of
from shopwright.shop.price_limits import NO_PRICE_LIMIT, UNLIMITED


def read_goals(path: Path, catalogue: Catalogue) -> list[Goal]:
    """Read a file of goals: JSON lines with ``asin``, ``instruction``, ``attributes``,
    ``options`` (an object or a list) and ``price_upper``.

    Raises:
        GoalError: a line is wrong; the message names file, line and field.
    """
    goals = list(read_json_lines(path, partial(_goal, catalogue=catalogue), GoalError))
    if not goals:
        raise GoalError(f"{path}: expected at least one goal, got none")
    return goals


def _goal(record: Any, catalogue: Catalogue) -> Goal:
    row = catalogue.row_of(take(record, "asin", str))
    if row is None:
        raise wrong(record, "asin", "the asin of a product of this shop")
    product = catalogue[row]
    none = NO_PRICE_LIMIT if product.goal_rule == WEBSHOP_GOALS else UNLIMITED
    record = {"attributes": [], "options": {}, "price_upper": none, **record}
    limit = take(record, "price_upper", Number)
    if not limit > 0:
        raise wrong(record, "price_upper", "an amount above 0")
    return goal_of(
        product,
        instruction=take_filled(record, "instruction"),
        attributes=take_texts(record, "attributes"),
        options=take_options(record),
        price_upper=limit,
    )
