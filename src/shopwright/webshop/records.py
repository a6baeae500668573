"""WebShop's dictionaries: goals, products and rewards under the original's keys, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence, Sequence
from functools import lru_cache
from typing import Any, TypeVar, overload

from shopwright.catalogue.product import Product
from shopwright.errors import InputError
from shopwright.shop.goals import Goal
from shopwright.shop.nouns import NounTagger, best_tagger
from shopwright.shop.reward import Reward
from shopwright.shop.shop import Shop

Record = dict[str, Any]
_Value = TypeVar("_Value")

_GOAL_KEYS = (
    "instruction_text attributes goal_options price_upper query product_category name".split()
)
_PRODUCT_KEYS = "name query product_category Attributes Title BulletPoints Description".split()


def goal_record(goal: Goal) -> Record:
    """Return a goal as the original's dictionary."""
    options = dict(goal.options) if isinstance(goal.options, Mapping) else list(goal.options)
    return {
        "asin": goal.asin,
        "category": goal.category,
        "query": goal.query,
        "name": goal.title,
        "product_category": goal.product_category,
        "instruction_text": goal.instruction,
        "attributes": list(goal.attributes),
        "price_upper": goal.price_upper,
        "goal_options": options,
        "weight": goal.weight,
    }


def goal_of(record: Mapping[str, Any], shop: Shop | None = None) -> Goal:
    """Return the goal of a dictionary that a caller wrote or changed.

    Args:
        record: the original's keys; "asin", "category" and "weight" may be missing.
        shop: where the nouns of the product's title are looked up before they are tagged.

    Raises:
        InputError: a key that the reward needs is missing.
    """
    missing = [key for key in _GOAL_KEYS if key not in record]
    if missing:
        raise InputError(f"goal: expected the keys {', '.join(_GOAL_KEYS)}, got no {missing[0]!r}")
    options, asin, title = record["goal_options"], record.get("asin", ""), record["name"]
    row = shop.catalogue.row_of(asin) if shop is not None and isinstance(asin, str) else None
    known = shop.catalogue[row] if shop is not None and row is not None else None
    return Goal(
        asin=asin,
        instruction=record["instruction_text"],
        attributes=tuple(record["attributes"]),
        options=dict(options) if isinstance(options, Mapping) else tuple(options),
        price_upper=record["price_upper"],
        category=record.get("category", ""),
        query=record["query"],
        product_category=record["product_category"],
        title=title,
        nouns=known.nouns if known is not None and known.title == title else nouns_of(title),
        weight=record.get("weight", 1.0),
    )


@lru_cache(maxsize=1)
def _tagger() -> NounTagger:
    return best_tagger()[0]


@lru_cache(maxsize=1 << 16)
def nouns_of(title: str) -> tuple[str, ...]:
    """Return the nouns of a title, tagged as a shop's titles are when it is built."""
    (nouns,) = _tagger().tag([title])
    return nouns


def product_record(product: Product, *, human_goals: bool = False) -> Record:
    """Return a product as the original's dictionary: the keys of WebShop's file that a shop keeps,
    and those that the original adds.

    Args:
        human_goals: whether it has the requests that people wrote, as "instructions", in place of
            "instruction_text" and "instruction_attributes".
    """
    options = {name: list(values) for name, values in product.options.items()}
    record: Record = {
        "asin": product.asin,
        "name": product.title,
        "full_description": product.description,
        "small_description": list(product.bullets),
        "customization_options": {
            name: [{"value": value, "image": None} for value in values]
            for name, values in options.items()
        },
        "images": [product.image],
        "category": product.category,
        "query": product.query,
        "product_category": product.product_category,
        "Title": product.title,
        "Description": product.description,
        "BulletPoints": list(product.bullets),
        "Price": product.price_tag,
        "pricing": list(product.pricing_dollars),
        "options": options,
        "option_to_image": {value: None for values in options.values() for value in values},
        "Attributes": list(product.attributes),
        "MainImage": product.image,
        "Rating": product.rating,
        "Reviews": [],
    }
    if not human_goals:
        asked = list(product.instruction_attributes)
        return {
            **record,
            "instruction_text": product.instruction,
            "instruction_attributes": asked if product.instruction is not None else None,
        }
    if product.human_instructions:
        record["instructions"] = [
            {
                "instruction": instruction.text,
                "instruction_attributes": list(instruction.attributes),
                "instruction_options": list(instruction.options),
            }
            for instruction in product.human_instructions
        ]
    return record


def product_of(record: Mapping[str, Any]) -> Product:
    """Return the product of a dictionary, as far as a reward needs it.

    Raises:
        InputError: a key is missing.
    """
    missing = [key for key in _PRODUCT_KEYS if key not in record]
    if missing:
        raise InputError(
            f"product: expected the keys {', '.join(_PRODUCT_KEYS)}, got no {missing[0]!r}"
        )
    return Product(
        asin=record.get("asin") or "unnamed",
        title=record["Title"],
        description=record["Description"],
        bullets=tuple(record["BulletPoints"]) or ("",),
        attributes=tuple(record["Attributes"]),
        query=record["query"],
        product_category=record["product_category"],
        nouns=nouns_of(record["name"]),
    )


def reward_record(reward: Reward) -> Record:
    """Return a reward's parts under the original's names; parts not asked for are left out."""
    record = {
        "r_type": reward.type,
        "r_att": reward.attributes,
        "w_att": reward.attributes_weight,
        "query_match": reward.query_match,
        "category_match": reward.category_match,
        "title_score": reward.title_score,
        "r_option": reward.options,
        "w_option": reward.options_weight,
        "r_price": reward.price,
        "w_price": reward.price_weight,
    }
    return {name: value for name, value in record.items() if value is not None}


class PerProduct(Mapping[str, _Value]):
    """Asin → something of each product of a shop, made at the first use and kept."""

    def __init__(self, shop: Shop, make: Callable[[Product], _Value]) -> None:
        self._shop = shop
        self._make = make
        self._made: dict[str, _Value] = {}

    def __len__(self) -> int:
        return len(self._shop.catalogue)

    def __iter__(self) -> Iterator[str]:
        return map(self._shop.catalogue.asin_of, range(len(self)))

    def __getitem__(self, asin: str) -> _Value:
        if asin not in self._made:
            row = self._shop.catalogue.row_of(asin) if isinstance(asin, str) else None
            if row is None:
                raise KeyError(asin)
            self._made[asin] = self._make(self._shop.catalogue[row])
        return self._made[asin]


class GoalRecords(MutableSequence[Record]):
    """Goals as the original's dictionaries, in a list whose entries are made when asked for.

    An entry is the same dictionary every time, so that a change to it stays, as in the original.

    Args:
        human: whether they are those that people wrote.
        entries: which goals, by number, or dictionaries; in order.
    """

    def __init__(self, shop: Shop, human: bool, entries: Iterable[int | Record]) -> None:
        self._made_from = shop, human
        self._goals: Sequence[Goal] = shop.goals.human if human else shop.goals
        self._entries = list(entries)

    def __reduce__(self) -> tuple[Any, ...]:
        return GoalRecords, (*self._made_from, self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _made(self, position: int) -> Record:
        entry = self._entries[position]
        if not isinstance(entry, dict):
            entry = self._entries[position] = goal_record(self._goals[entry])
        return entry

    @overload
    def __getitem__(self, position: int) -> Record: ...
    @overload
    def __getitem__(self, position: slice) -> list[Record]: ...
    def __getitem__(self, position: int | slice) -> Record | list[Record]:
        if isinstance(position, slice):
            return [self._made(number) for number in range(*position.indices(len(self)))]
        return self._made(position)

    def __setitem__(self, position: Any, record: Any) -> None:
        self._entries[position] = record

    def __delitem__(self, position: int | slice) -> None:
        del self._entries[position]

    def insert(self, position: int, record: Record) -> None:
        """Put a goal before a position."""
        self._entries.insert(position, record)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Iterable[Record]) -> list[Record]:
        return [*self, *other]

    def __repr__(self) -> str:
        return f"<{len(self)} goals>"
