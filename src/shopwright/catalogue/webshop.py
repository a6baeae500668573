"""WebShop's own product files, read by the rules of WebShop's loader.

Source: Yao et al., "WebShop", 2022 (arXiv 2207.01206), its published data and loader. The rules
that count: products whose asin is "nan" or longer than ten characters are skipped, as are
repeated asins; a missing price is 100 dollars; of several prices the first two count; option names
and values are lower-cased and "/" becomes " | ".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Instruction, Product
from shopwright.errors import CatalogueError, InputError
from shopwright.files import read_bytes, read_json
from shopwright.json_fields import take, take_filled, take_texts, wrong

# The original skips longer ones; so the catalogues are the same.
ORIGINAL_ASIN_LENGTH = 10


def _wrong(name: str, expected: str, got: object) -> CatalogueError:
    return CatalogueError(f"field {name}: expected {expected}, got {got!r:.60}")


def _bullets(record: Mapping[str, Any]) -> tuple[str, ...]:
    value = record.get("small_description")
    bullets = (value,) if isinstance(value, str) else take_texts(record, "small_description")
    if not bullets:
        raise wrong(record, "small_description", "at least one text")
    return bullets


def parse_pricing(pricing: object) -> tuple[tuple[float, ...], str]:
    """Return the prices of WebShop's ``pricing`` field and the tag that pages show.

    Raises:
        CatalogueError: it is no text with a price.

    Example:
        >>> parse_pricing("$1,017.99 - $1,200")
        ((1017.99, 1200.0), '$1017.99 to $1200.0')
    """
    if not pricing:
        return (100.0,), "$100.0"
    expected = 'a text such as "$12.99" or "$12.99 to $19.99"'
    if not isinstance(pricing, str):
        raise _wrong("pricing", expected, pricing)
    try:
        prices = tuple(
            float(Decimal(re.sub(r"[^\d.]", "", part))) for part in pricing.split("$")[1:]
        )
    except InvalidOperation:
        raise _wrong("pricing", expected, pricing) from None
    if not prices or not all(map(math.isfinite, prices)):
        raise _wrong("pricing", expected, pricing)
    if len(prices) == 1:
        return prices, f"${prices[0]}"
    return prices[:2], f"${prices[0]} to ${prices[1]}"


def _options(record: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    groups = record.get("customization_options")
    if not groups:
        return {}
    field = "customization_options"
    if not isinstance(groups, dict):
        raise _wrong(field, "an object of option groups", groups)
    options: dict[str, tuple[str, ...]] = {}
    for name, contents in groups.items():
        if contents is None:
            continue
        if not isinstance(contents, list):
            raise _wrong(f"{field}.{name}", "a list of options", contents)
        values = []
        for content in contents:
            value = content.get("value") if isinstance(content, dict) else None
            if not isinstance(value, str):
                raise _wrong(f"{field}.{name}", 'options with a text "value"', content)
            values.append(value.strip().replace("/", " | ").lower())
        options[name.lower()] = tuple(values)
    return options


def _image(record: Mapping[str, Any]) -> str:
    images = record.get("images")
    if not isinstance(images, list) or not images or not isinstance(images[0], str):
        raise wrong(record, "images", "a list of addresses, at least one")
    return images[0]


def _product(record: Mapping[str, Any]) -> Product:
    pricing, tag = parse_pricing(record.get("pricing"))
    return Product(
        asin=take_filled(record, "asin"),
        title=take(record, "name", str),
        description=take(record, "full_description", str),
        bullets=_bullets(record),
        pricing_dollars=pricing,
        price_tag=tag,
        price_dollars=pricing[0],
        priced=bool(record.get("pricing")),
        options=_options(record),
        category=take(record, "category", str),
        query=take(record, "query", str).lower().strip(),
        product_category=take(record, "product_category", str),
        image=_image(record),
    )


def _add_attributes(product: Product, entry: Any) -> Product:
    if not isinstance(entry, dict):
        raise _wrong(product.asin, "an object", entry)
    attributes: tuple[str, ...] = (DEFAULT_ATTRIBUTE,)
    if "attributes" in entry:
        attributes = take_texts(entry, "attributes")
    product = replace(product, attributes=attributes)
    if entry.get("instruction") is None:
        return product
    return replace(
        product,
        instruction=take_filled(entry, "instruction"),
        instruction_attributes=take_texts(entry, "instruction_attributes"),
    )


def _add_instructions(product: Product, entries: Any) -> Product:
    if not isinstance(entries, list):
        raise _wrong(product.asin, "a list of objects", entries)
    instructions = tuple(
        Instruction(
            text=take_filled(entry, "instruction"),
            attributes=take_texts(entry, "instruction_attributes"),
            options=take_texts(entry, "instruction_options"),
        )
        for entry in entries
    )
    return replace(product, human_instructions=instructions)


def _line_of_record(path: Path, index: int) -> int:
    """The line (from 1) where the index-th value of a file's JSON array begins.

    Only errors need it: the fast JSON reader keeps no positions."""
    content = read_bytes(path).decode("utf-8", errors="replace")
    decoder = json.JSONDecoder()
    position = content.index("[") + 1
    for _ in range(index):
        position += len(content[position:]) - len(content[position:].lstrip())
        _, position = decoder.raw_decode(content, position)
        position = content.index(",", position) + 1
    position += len(content[position:]) - len(content[position:].lstrip())
    return content.count("\n", 0, position) + 1


def _line_of_key(path: Path, key: str) -> int:
    content = read_bytes(path)
    return content.count(b"\n", 0, max(content.find(json.dumps(key).encode()), 0)) + 1


def read_webshop(
    items: Path,
    attributes: Path,
    human_instructions: Path | None = None,
    *,
    limit: int | None = None,
) -> Iterator[Product]:
    """Yield the products of WebShop's files, in the order of ``items``.

    Args:
        items: ``items_shuffle*.json``, a list of products as scraped.
        attributes: ``items_ins_v2*.json``, asin → attributes and synthetic instruction.
        human_instructions: ``items_human_ins*.json``, asin → instructions that people wrote.
        limit: how many records of ``items`` to look at, from the first; None for all.

    Raises:
        MissingFileError: a file does not exist.
        CatalogueError: a file is not of its format; the message names file, line and field.
        InputError: a file is not JSON.
    """
    records = read_json(items)
    if not isinstance(records, list):
        raise CatalogueError(f"{items}: expected a list of products, got {records!r:.60}")
    attributes_of = _read_object(attributes)
    instructions_of = _read_object(human_instructions) if human_instructions else {}
    seen: set[str] = set()

    for index, record in enumerate(records[:limit]):
        path, line = items, partial(_line_of_record, items, index)
        try:
            asin = take(record, "asin", str)
            if asin == "nan" or len(asin) > ORIGINAL_ASIN_LENGTH or asin in seen:
                continue
            seen.add(asin)
            product = _product(record)
            if asin in attributes_of:
                path, line = attributes, partial(_line_of_key, attributes, asin)
                product = _add_attributes(product, attributes_of[asin])
            if human_instructions and asin in instructions_of:
                path, line = human_instructions, partial(_line_of_key, human_instructions, asin)
                product = _add_instructions(product, instructions_of[asin])
        except InputError as error:
            raise CatalogueError(f"{path}, line {line()}, product {index + 1}, {error}") from None
        yield product


def _read_object(path: Path) -> dict[str, Any]:
    value = read_json(path)
    if not isinstance(value, dict):
        raise CatalogueError(f"{path}: expected an object with asins as keys, got {value!r:.60}")
    return value
