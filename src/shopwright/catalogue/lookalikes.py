"""Columns that are not used and look like a title, a price or an option: advice for ``--map``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shopwright.catalogue.cells import is_nothing, text_of
from shopwright.catalogue.columns import OPTION_PREFIX
from shopwright.catalogue.names import bare, normal
from shopwright.catalogue.prices import PriceReader
from shopwright.errors import InputError

_PRICE_NAME = re.compile(
    r"price|preis|prix|precio|prezzo|preço|preco|prijs|pris\b|cena|цена|cost|kosten|betrag|amount|"
    r"mrp|msrp|rrp|uvp|価格|价格|가격"
)
_SIZE_NAME = re.compile(r"size|größe|groesse|taille|talla|maat|storlek|размер")
_PLAIN_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_MOST_SHOWN = 5
_ENOUGH = 0.8
_MOST_OPTION_SHARE = 0.4
_SWITCHES = frozenset("true false yes no y n 0 1 on off".split())


def lookalikes(
    unused: Iterable[str], samples: Sequence[Mapping[str, Any]], missing: Iterable[str]
) -> dict[str, str]:
    """Return what ``--map`` could say: a field, or an option such as "option:farbe" → a column.

    Args:
        unused: the columns that are no field yet.
        samples: the cells of some rows.
        missing: the fields among "title" and "price" that no column is.
    """
    columns = [
        (name, texts)
        for name in unused
        if len(texts := [t for t in map(text_of, _cells(samples, name)) if not is_nothing(t)]) > 1
    ]
    found: dict[str, str] = {}
    if "title" in missing and (titles := [each for each in columns if _is_title(each[1])]):
        found["title"] = max(titles, key=lambda each: len(set(each[1])))[0]
    prices = [name for name, texts in columns if _is_price(name, texts, "price" in missing)]
    if prices:
        found["price"] = prices[0]
    options = (
        name for name, texts in columns if name not in found.values() and _is_option(name, texts)
    )
    for name in [*options][:_MOST_SHOWN]:
        found[f"{OPTION_PREFIX}{bare(name)}"] = name
    return found


def _cells(samples: Sequence[Mapping[str, Any]], name: str) -> Iterable[Any]:
    return (cells.get(name) for cells in samples)


def _share(texts: Sequence[str], fits: Iterable[bool]) -> float:
    return sum(fits) / len(texts)


def _is_title(texts: Sequence[str]) -> bool:
    words = [len(text.split()) for text in texts]
    is_text = _share(texts, (any(map(str.isalpha, text)) for text in texts)) >= _ENOUGH
    is_varied = len(set(texts)) >= _ENOUGH * len(texts)
    return is_text and is_varied and 1.5 <= sum(words) / len(words) <= 20


def _is_price(name: str, texts: Sequence[str], is_missing: bool) -> bool:
    reader = PriceReader(texts)

    def is_one(text: str) -> bool:
        try:
            price = reader.read(text)
        except InputError:
            return False
        # A number alone may be anything.
        named = bool(_PRICE_NAME.search(normal(name)))
        has_cents = is_missing and any(amount % 1 for amount in price.amounts)
        return named or price.currency is not None or has_cents

    return _share(texts, map(is_one, texts)) >= _ENOUGH


def _is_option(name: str, texts: Sequence[str]) -> bool:
    values = {text.strip().lower() for text in texts}
    if not 2 <= len(values) <= max(2.0, _MOST_OPTION_SHARE * len(texts)) or values <= _SWITCHES:
        return False
    if all(map(_PLAIN_NUMBER.fullmatch, values)) and not _SIZE_NAME.search(normal(name)):
        return False
    return all(len(value.split()) <= 3 and len(value) <= 30 for value in values)
