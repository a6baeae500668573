"""Variants of a product: what tells them apart, and among what one chooses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from shopwright.catalogue.articles import Article, ProductGroup
from shopwright.catalogue.cells import is_nothing, option_text, text_of
from shopwright.catalogue.product import Variant

_AMOUNTS = ("price", "sale_price", "surcharge")
_TRAILING = " -–—|,/(:;["
# What the ends of titles are, where nothing else tells variants apart.
_UNTITLED_OPTION = "variant"
# Of a product whose variants leave choices open; WooCommerce makes 50 at a time.
_MOST_VARIANTS = 1000


def drop_shared_id(group: ProductGroup) -> None:
    """Leave variants without an identifier where all have the product's."""
    variants = group.variants
    if len(variants) > 1 and all(variant.identifier == group.asin for variant in variants):
        for variant in variants:
            variant.identifier = ""


def find_product(group: ProductGroup, *, is_first: bool) -> None:
    """Tell the product's own row from those of its variants: it has the product's id or names no
    product and, other than they, has no options, or no price where none has options.

    Args:
        group: the product.
        is_first: whether all rows have the product's id, and the first may be its own.
    """
    if group.product is not None or len(group.variants) < 2:
        return
    has_options = any(variant.options for variant in group.variants)
    priced = sum("price" in variant.prices for variant in group.variants)
    if not has_options and priced != len(group.variants) - 1:
        return
    key = group.asin.casefold()
    for number, article in enumerate(group.variants):
        is_named = article.identifier.casefold() == key or (is_first and number == 0)
        is_named = is_named or number == group.head
        if is_named and not (article.options if has_options else "price" in article.prices):
            group.product = group.variants.pop(number)
            return


def has_own_number(group: ProductGroup, article: Article, amounts: Collection[float]) -> bool:
    """Return whether the only article has a number of its own beside the product's, by which lists
    of prices and stock, and other systems, know it."""
    return article.identifier not in ("", group.asin) and len(amounts) < 2


def choose_any(group: ProductGroup) -> None:
    """Put one variant for each value in the place of a variant that leaves a choice open, as
    WooCommerce's do with "any"."""
    for slot in [each for each in group.offered if each in group.open]:
        values = group.offered[slot]
        if len(values) * len(group.variants) > _MOST_VARIANTS:
            continue
        group.variants = [
            replace(variant, options={**variant.options, slot: value})
            for variant in group.variants
            for value in ([variant.options[slot]] if slot in variant.options else values)
        ]


def tell_apart(group: ProductGroup) -> None:
    """Make options of details that vary, and of the ends of titles where nothing else tells
    variants apart."""
    articles = group.articles
    if len(articles) == 1:
        group.details = {**articles[0].varying, **group.details}
        return
    for label in dict.fromkeys(label for article in articles for label in article.varying):
        values = [article.varying.get(label, "") for article in articles]
        said = set(filter(None, values))
        # What only some say alike is no choice, unless nothing else tells those apart.
        if len(said) == 1 and ("" not in values or _are_apart(articles)):
            group.details.setdefault(label, *said)
            continue
        group.labels[label] = label
        for article, value in zip(articles, values, strict=True):
            if value:
                article.options[label] = option_text(value)
    titles = [article.title for article in articles]
    if not _are_apart(articles) and len(set(titles)) == len(titles):
        shared = len(_shared_words(titles))
        group.labels[_UNTITLED_OPTION] = _UNTITLED_OPTION
        for article in articles:
            words = article.title.split(" ")[shared:]
            end = " ".join(words).strip(f"{_TRAILING})]")
            article.options[_UNTITLED_OPTION] = option_text(end or article.title)


def _are_apart(articles: Sequence[Article]) -> bool:
    """Whether no two articles have the same options."""
    return len({tuple(sorted(article.options.items())) for article in articles}) == len(articles)


def sell_each(group: ProductGroup, mark: str) -> None:
    """Make a variant of each combination of what is offered, where the one article of a product
    names as many identifiers, in their order.

    Args:
        group: the product.
        mark: what divides identifiers.
    """
    article = group.articles[0]
    identifiers = [*filter(None, map(str.strip, article.identifier.split(mark)))]
    offered = {slot: values for slot, values in group.offered.items() if values}
    if len(group.articles) > 1 or len(identifiers) < 2:
        return
    if prod(map(len, offered.values())) == len(identifiers):
        chosen = product(*offered.values())
        group.variants = [
            # How many there are of each, nobody says.
            replace(
                article, identifier=sku, options=dict(zip(offered, own, strict=True)), stock=None
            )
            for sku, own in zip(identifiers, chosen, strict=True)
        ]


def name_options(group: ProductGroup, *, of_variants: bool) -> dict[str, tuple[str, ...]]:
    """Return the option groups of a product with their values, in order; the options of its
    articles get the names of the groups.

    Args:
        group: the product.
        of_variants: whether what a product without variants offers is no choice, but details.
    """
    names: dict[str, str] = {}
    values: dict[str, dict[str, None]] = {}
    chosen = [slot for article in group.articles for slot in article.options]
    has_variants = bool(group.variants) and bool(chosen)
    for slot in dict.fromkeys([*group.offered, *chosen]):
        label = group.labels.get(slot) or f"option {len(names) + 1}"
        offered = dict.fromkeys(group.offered.get(slot, ()))
        own = dict.fromkeys(a.options[slot] for a in group.articles if slot in a.options)
        if slot in group.offered and not own and (has_variants or of_variants):
            group.details.setdefault(label, ", ".join(offered))
            continue
        names[slot] = label if label not in names.values() else f"{label} {len(names) + 1}"
        # In the product's order; what no variant has cannot be bought.
        in_order = [v for v in offered if v in own or not has_variants]
        values[names[slot]] = dict.fromkeys([*in_order, *own])
    for article in group.articles:
        article.options = {names[s]: v for s, v in article.options.items() if s in names}
    return {name: tuple(each) for name, each in values.items()}


def _shared_words(titles: list[str]) -> list[str]:
    """The words that all titles begin with."""
    shared: list[str] = []
    for column in zip(*(title.split(" ") for title in titles), strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return shared


def common_title(titles: list[str], values: Iterable[str] = ()) -> str:
    """Return what the titles of a product's variants begin with in common, if it is at least two
    words, or if what follows are only values of options; else the first title.

    Args:
        titles: at least one.
        values: of the variants' options.
    """
    if len(titles) == 1:
        return titles[0]
    words = _shared_words(titles)
    shared = " ".join(words).rstrip(_TRAILING)
    known = {word for value in values for word in _bare_words(value)}
    ends = (_bare_words(" ".join(title.split(" ")[len(words) :])) for title in titles)
    is_told = bool(shared) and all(known.issuperset(end) for end in ends)
    return shared if is_told or len(shared.split(" ")) >= 2 else titles[0]


def _bare_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def apply_rule(group: ProductGroup, rule: Article) -> None:
    """Give the variants whose SKU a rule names the price that it sets, as in "[FIXED]12.00" or
    "[ADD]5.00"."""
    kind, _, amount = text_of(rule.prices.get("price")).rpartition("]")
    skus = {sku.strip() for sku in rule.identifier.split(",")}
    for variant in group.variants:
        if amount and variant.identifier in skus:
            if kind in ("[ADD", "[REMOVE"):
                variant.prices["surcharge"] = amount if kind == "[ADD" else f"-{amount}"
            else:
                variant.prices["price"] = amount


def variant_of(article: Article, amounts: Collection[float]) -> Variant:
    """Return an article as a variant, which costs the least of some amounts."""
    return Variant(
        options=article.options,
        price_dollars=min(amounts, default=None),
        identifier=article.identifier,
        barcode=article.barcode,
        image=article.image,
        availability=article.state,
        stock=article.stock,
    )


def has_price(article: Article) -> bool:
    """Whether an article says what it costs."""
    return any(not is_nothing(text_of(article.prices.get(name))) for name in _AMOUNTS)
