"""Descriptions of layouts, read from the TOML files beside this module.

A platform is described as data; docs/layouts.md explains every key. A new one needs one file here
and one test.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib import resources
from typing import Any

from shopwright.errors import InputError

PLAIN, SHOPWRIGHT = "plain", "shopwright"
# Why a product is not for sale. Where two columns say different things, the later one counts.
NOT_FOR_SALE = ("out of stock", "discontinued", "hidden", "archived", "draft")
STATES = ("in stock", "preorder", "backorder", *NOT_FOR_SALE)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What tells a layout.

    Attributes:
        all: columns that there must be; "a | b" is either of two.
        any: columns of which there must be some.
        fewest: how many of those.
        none: columns that there must not be.
        over: layouts whose signature may fit, too, and that this one is a kind of.
    """

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    fewest: int = 1
    none: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rows:
    """How rows become products.

    Attributes:
        join: which rows are one product. "": each is its own. "id": those with the same id.
            "title": those with the same id or title. "group": those with the same group.
            "parent": variants name their product's id or SKU. "before": variants follow their
            product. "listed": the product lists its variants.
        role: the column that says what a row is; without it a row without title is a variant where
            ``join`` is "before".
        product, variant, picture, rule: its words for a product, for one of its variants, for a row
            that only has a picture, and for a rule that changes the price of a variant.
        article: its words for what is either a product or a variant.
        others: whether rows of other words are products, too.
        variants: the path of variants that are nested in a product.
        several_ids: what divides the ids of an id cell, of which the first counts.
        repeated: columns that, when they hold something, say that the row repeats a product, as
            Magento's rows for other views of a store do.
    """

    join: str = ""
    role: str = ""
    product: tuple[str, ...] = ()
    variant: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    article: tuple[str, ...] = ()
    others: bool = True
    variants: str = ""
    several_ids: str = ""
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Where pairs of a label and values stand: options to choose among, or details.

    Attributes:
        columns: columns whose names are the labels.
        names, values: columns of labels and of their values, {n} for the number.
        label: the label where ``values`` has no column of names.
        zipped: whether ``names`` and ``values`` are lists of the same length in two cells.
        text: a column of texts such as "color=Red,size=M".
        pattern: a regular expression for a pair of such a text, whose groups are label and value.
        nested: the path of objects, or of one object whose keys are the labels; ``name`` and
            ``value`` are paths in them.
        flag: the path, in those objects, of what says which of them are meant.
        flagged: what it says of those that are; all if it is empty.
        unflagged: what it says of those that are not.
        matching: a regular expression for columns whose first group is the label.
        between: what divides pairs of a text.
        sign: what stands between the label and the value of a text.
        divided_by: what divides the values of a cell; none are divided if it is empty.
        drop: a regular expression for what is no part of labels and values.
        only, but: labels that are meant, or that are not.
        alone: whether it counts only where nothing else says an option.
        of_variants: whether the values of a product that has no variants are no choice.
        varying: whether details that differ between variants are options.
        in_variants: whether it stands in nested variants, not in their product.
        names_in_product: the path of the labels of nested variants' values, by number.
    """

    columns: tuple[str, ...] = ()
    names: str = ""
    values: str = ""
    label: str = ""
    zipped: bool = False
    text: str = ""
    pattern: str = ""
    nested: str = ""
    name: str = "name"
    value: str = "value"
    flag: str = ""
    flagged: tuple[str, ...] = ()
    unflagged: tuple[str, ...] = ()
    matching: str = ""
    between: str = ","
    sign: str = "="
    divided_by: str = ""
    drop: str = ""
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    alone: bool = False
    of_variants: bool = False
    varying: bool = False
    in_variants: bool = False
    names_in_product: str = ""


@dataclass(frozen=True, kw_only=True)
class State:
    """A column that says whether something is for sale.

    Attributes:
        columns: its names.
        words: how it is written → one of :data:`STATES`.
        alone: whether it counts only for what is no variant of another product.
    """

    columns: tuple[str, ...]
    words: Mapping[str, str]
    alone: bool = False


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A column that holds one of some words."""

    columns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Categories:
    """How category paths are written.

    Attributes:
        between: what divides several paths; none if it is empty.
        within: what divides the parts of a path; what is customary if it is empty.
        roots: first parts that say nothing.
        lists: whether a list's entries are "paths", or the "parts" of one.
    """

    between: str = ""
    within: str = ""
    roots: tuple[str, ...] = ()
    lists: str = "parts"


@dataclass(frozen=True, kw_only=True)
class Prices:
    """How prices are written.

    Attributes:
        minor_units: whether whole numbers are cents.
        percent: the words for a discount that is a percentage, lower case.
    """

    minor_units: bool = False
    percent: tuple[str, ...] = ("percent",)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What the tables of a platform look like.

    Attributes:
        name: as ``--layout`` takes it.
        title: the platform, and what is exported.
        note: what one should know about it, may be empty.
        signature: what tells it.
        needed: fields without which it is refused.
        columns: field → its columns, earlier ones first; a dotted path names what is nested, {n}
            stands for numbers, and a * at the end of a name for any ending.
        variant_columns: the same of nested variants.
        customary: whether fields that it does not name are looked for under customary names.
        ignored: columns that are no field, whatever their names.
        line_break: how line breaks of texts are written, where not as such.
        rows, options, details, states, categories, prices: see there.
        untracked: when a stock of 0 says nothing; one of them is enough.
        oversold: when what is out of stock can be bought.
        none: field → its words for none.
    """

    name: str
    title: str
    note: str = ""
    signature: Signature = Signature()
    needed: tuple[str, ...] = ("title",)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variant_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    customary: bool = True
    ignored: tuple[str, ...] = ()
    line_break: str = ""
    rows: Rows = Rows()
    options: tuple[Labelled, ...] = ()
    details: tuple[Labelled, ...] = ()
    states: tuple[State, ...] = ()
    untracked: tuple[Condition, ...] = ()
    oversold: Condition = Condition()
    categories: Categories = Categories()
    prices: Prices = Prices()
    none: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_record(self) -> dict[str, Any]:
        """Return what people may want to know of it, as JSON types."""
        told = list(self.signature.all)
        if self.signature.any:
            any_ = ", ".join(self.signature.any)
            told.append(f"{self.signature.fewest} of {any_}")
        states = [
            f"{each.columns[0]} {', '.join(words)}"
            for each in self.states
            if (words := [w or "empty" for w, s in each.words.items() if s in NOT_FOR_SALE])
        ]
        return {
            "name": self.name,
            "title": self.title,
            "told by": "; ".join(told),
            "variants": _VARIANTS[self.rows.join] + _NESTED * bool(self.rows.variants),
            "not for sale": "; ".join(states),
            "needed": list(self.needed),
            "columns": {name: list(each) for name, each in self.columns.items() if each},
        }


_VARIANTS = {
    "": "",
    "id": "rows of the same id",
    "title": "rows of the same id or title",
    "group": "rows of the same group",
    "parent": "rows that name their product",
    "before": "rows below their product",
    "listed": "rows that their product lists",
}
_NESTED = "nested in their product"
_TABLES: dict[str, type[Any]] = {
    "signature": Signature, "rows": Rows, "oversold": Condition,
    "categories": Categories, "prices": Prices,
}  # fmt: skip


@cache
def layouts() -> dict[str, Layout]:
    """Return all layouts by name, in alphabetical order, the plain one last."""
    folder = resources.files(__package__)
    by_name: dict[str, Layout] = {}
    files = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".toml")),
        key=lambda each: (each.name == f"{PLAIN}.toml", each.name),
    )
    found = [read_layout(each.name, each.read_text("utf-8")) for each in files]
    usual = next(layout.none for layout in found if layout.name == PLAIN)
    for layout in found:
        # What is a word for none in plain tables is one everywhere.
        none = {name: (*usual.get(name, ()), *layout.none.get(name, ())) for name in usual}
        by_name[layout.name] = replace(layout, none={**layout.none, **none})
    return by_name


def layout_named(name: str) -> Layout:
    """Return a layout.

    Raises:
        InputError: there is none of that name.
    """
    if name not in layouts():
        raise InputError(f"--layout: expected one of {', '.join(layouts())}, got {name!r}")
    return layouts()[name]


def read_layout(file: str, text: str) -> Layout:
    """Return the layout that a description describes.

    Raises:
        InputError: the description is wrong; the message names the key.
    """
    try:
        record = tomllib.loads(text)
        for name, kind in _TABLES.items():
            if name in record:
                record[name] = _made(kind, record[name])
        for name in ("options", "details"):
            record[name] = tuple(_made(Labelled, each) for each in record.get(name, ()))
        record["untracked"] = tuple(_made(Condition, each) for each in record.get("untracked", ()))
        record["states"] = tuple(map(_state, record.get("states", ())))
        for name in ("columns", "variant_columns", "none"):
            record[name] = {key: tuple(value) for key, value in record.get(name, {}).items()}
        layout: Layout = _made(Layout, record)
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise InputError(f"{file}: expected the description of a layout: {error}") from None
    if layout.rows.join not in _VARIANTS:
        known = ", ".join(map(repr, _VARIANTS))
        raise InputError(f"{file}, rows.join: expected one of {known}, got {layout.rows.join!r}")
    return layout


def _made(kind: type[Any], record: Mapping[str, Any]) -> Any:
    unknown = set(record) - {each.name for each in fields(kind)}
    if unknown:
        raise ValueError(f"expected no key {', '.join(sorted(unknown))}")
    return kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in record.items()})


def _state(record: Mapping[str, Any]) -> State:
    words = {word: state for state, all_ in record["words"].items() for word in all_}
    unknown = set(words.values()) - {*STATES}
    if unknown:
        raise ValueError(f"states: expected {STATES}, got {', '.join(sorted(unknown))}")
    return _made(State, {**record, "words": words})  # type: ignore[no-any-return]
