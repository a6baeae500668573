"""Which column of a table is which field of a product.

Known without configuration: a Google Merchant feed, a Shopify product export (both the older and
the newer column names), shopwright's own export, and plain tables with customary names. The fields
that ``--map FIELD=COLUMN`` takes are those of :data:`FIELDS` and ``option:NAME``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shopwright.errors import InputError

# Field → customary column names, in the form of :func:`normal`; earlier ones first.
FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "asin", "sku", "product id", "item id", "handle", "url handle", "variant sku"),
    "group": ("item group id", "group id", "parent id", "parent sku"),
    "title": ("title", "name", "product name", "product title", "item name"),
    "description": ("description", "body html", "full description", "long description", "body"),
    "bullets": (
        "bullets", "product highlight", "highlights", "features", "bullet points",
        "small description",
    ),
    "price": ("price", "variant price", "pricing", "regular price", "amount"),
    "sale_price": ("sale price",),
    "category": ("department", "main category"),
    "kind": ("query", "type", "kind"),
    "category_path": (
        "product category", "product type", "google product category", "category", "categories",
        "category path", "breadcrumbs",
    ),
    "brand": ("brand", "vendor", "manufacturer"),
    "image": ("image link", "image src", "product image url", "image url", "image", "images"),
    "rating": ("rating", "average rating", "stars"),
    "attributes": ("attributes",),
    "options": ("options",),
    "tags": ("tags", "keywords"),
}  # fmt: skip
# Columns whose values a buyer chooses among; the other variants of Google's feed describe.
OPTION_COLUMNS = {
    "color": "color", "colour": "color", "size": "size", "variant color": "color",
    "variant size": "size",
}  # fmt: skip
VARIANT_COLUMNS = ("material", "pattern", "gender", "age group", "size type", "size system")
GOOGLE, SHOPIFY, SHOPWRIGHT, PLAIN = "google", "shopify", "shopwright", "plain"
# What shopwright's own export has, all of it: field names of a product.
OWN_COLUMNS = (
    "asin", "title", "description", "bullets", "pricing_dollars", "price_tag", "options",
    "attributes", "category", "query", "product_category", "image", "rating", "instruction",
    "instruction_attributes", "human_instructions", "priced", "currency", "variants", "brand",
    "address", "images", "barcode", "availability", "stock", "details", "keywords", "derived",
)  # fmt: skip
# What exports of earlier versions do not say.
LATER_COLUMNS = {
    "priced", "currency", "variants", "brand", "address", "images", "barcode", "availability",
    "stock", "details", "keywords", "derived",
}  # fmt: skip
SHOPIFY_OPTIONS = 3
OPTION_PREFIX = "option:"


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        layout: "google", "shopify", "shopwright" or "plain".
        of_field: field → column, by the names of the file.
        options: option group → column.
        variants: describing feature → column; an option where it varies within a product.
        shopify_options: (name column, value column) of up to three options.
        unused: the other columns.
    """

    layout: str
    of_field: dict[str, str]
    options: dict[str, str] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    shopify_options: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()

    def to_record(self) -> dict[str, str]:
        """Return field → column, options included."""
        shown = dict(self.of_field)
        shown.update({f"{OPTION_PREFIX}{name}": column for name, column in self.options.items()})
        shown.update(self.variants)
        for number, (name, value) in enumerate(self.shopify_options, start=1):
            shown[f"option {number}"] = f"{name}, {value}"
        return shown


def normal(name: str) -> str:
    """Return a column's name in lower case, words parted by one space, without Google's prefix."""
    name = name.strip().lower().removeprefix("\ufeff").removeprefix("g:")
    return " ".join(re.sub(r"[\W_]+", " ", name).split())


def recognise(names: Sequence[str], mapping: Mapping[str, str] | None = None) -> Columns:
    """Return what the columns of a table are.

    Args:
        names: the columns of the file.
        mapping: field → column, as ``--map`` gives; they come before what is recognised.

    Raises:
        InputError: a mapped field or column does not exist, or no column can be the title.
    """
    mapping = mapping or {}
    _check_mapping(mapping, names)
    if not mapping and set(OWN_COLUMNS) - LATER_COLUMNS <= set(names):
        unused = tuple(name for name in names if name not in OWN_COLUMNS)
        return Columns(
            layout=SHOPWRIGHT,
            of_field={name: name for name in OWN_COLUMNS if name in names},
            unused=unused,
        )
    first_of: dict[str, str] = {}
    for name in names:
        first_of.setdefault(normal(name), name)
    layout = _layout(first_of)
    taken = set(mapping.values())

    def claim(*candidates: str) -> str | None:
        """Take the first of some columns that is there and free."""
        free = (first_of[c] for c in candidates if c in first_of and first_of[c] not in taken)
        column = next(free, None)
        if column is not None:
            taken.add(column)
        return column

    of_field = {n: column for n, column in mapping.items() if not n.startswith(OPTION_PREFIX)}
    options = {
        name.removeprefix(OPTION_PREFIX).lower(): column
        for name, column in mapping.items()
        if name.startswith(OPTION_PREFIX)
    }
    for name, known in FIELDS.items():
        if name in of_field or (name == "group" and layout == SHOPIFY):
            continue
        if column := claim(*_preferred(name, known, layout)):
            of_field[name] = column
    variants: dict[str, str] = {}
    shopify_options: list[tuple[str, str]] = []
    if layout == SHOPIFY:
        for number in range(1, SHOPIFY_OPTIONS + 1):
            pair = (f"option{number} name", f"option{number} value")
            if first_of.keys() >= set(pair):
                shopify_options.append((first_of[pair[0]], first_of[pair[1]]))
                taken.update(shopify_options[-1])
    else:
        for name, group in OPTION_COLUMNS.items():
            if group not in options and (column := claim(name)):
                options[group] = column
        for name in VARIANT_COLUMNS:
            if column := claim(name):
                variants[name] = column
    if "title" not in of_field:
        raise InputError(
            f"expected a column for the title, got {', '.join(map(repr, names)):.300}; "
            "name it with --map title=COLUMN"
        )
    return Columns(
        layout=layout,
        of_field=of_field,
        options=options,
        variants=variants,
        shopify_options=tuple(shopify_options),
        unused=tuple(name for name in names if name not in taken),
    )


def _preferred(name: str, known: tuple[str, ...], layout: str) -> tuple[str, ...]:
    if layout == SHOPIFY and name == "id":
        return ("handle", "url handle")
    if layout == GOOGLE and name == "category_path":
        # The merchant's own path before Google's, which is often a bare number.
        return ("product type", "google product category")
    return known


def _layout(first_of: Mapping[str, str]) -> str:
    has_handle = "handle" in first_of or "url handle" in first_of
    if has_handle and "option1 name" in first_of:
        return SHOPIFY
    google = {"item group id", "google product category", "image link", "availability", "gtin"}
    if "id" in first_of and "title" in first_of and len(google & set(first_of)) >= 2:
        return GOOGLE
    return PLAIN


def _check_mapping(mapping: Mapping[str, str], names: Sequence[str]) -> None:
    for name, column in mapping.items():
        if name not in FIELDS and not name.startswith(OPTION_PREFIX):
            raise InputError(
                f"--map: expected a field ({', '.join(FIELDS)} or {OPTION_PREFIX}NAME), "
                f"got {name!r}"
            )
        if name == OPTION_PREFIX:
            raise InputError(f"--map: expected {OPTION_PREFIX}NAME=COLUMN, got no name")
        if column not in names:
            close = difflib.get_close_matches(column, names, n=1)
            advice = f"; did you mean {close[0]!r}?" if close else ""
            raise InputError(
                f"--map {name}: expected a column of the table ({', '.join(names):.300}), "
                f"got {column!r}{advice}"
            )
