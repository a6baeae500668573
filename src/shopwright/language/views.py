"""A page as text for a language model: whole, or short enough for a small model on a processor."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from shopwright.display import shortened
from shopwright.shop.actions import (
    BACK_TO_SEARCH,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    SEARCH,
    click,
    split_action,
)
from shopwright.shop.page import Page
from shopwright.shop.pages import RESULTS_PER_PAGE, PageKind

# What the compact view shows at most.
DEED_CHARACTERS = 40
VALUES_SHOWN = 24
LINES_CHARACTERS = 600

_SEPARATOR = " [SEP] "
_WORD = re.compile(r"\w+")


def text(page: Page) -> str:
    """Return the page as WebShop's ``text`` observation, the request included."""
    return page.text


def quoted(page: Page) -> str:
    """Return the page's texts after the request, each in quotation marks, as verl-agent shows
    them."""
    parts = page.text.split(_SEPARATOR)
    if page.request in parts:
        parts = parts[parts.index(page.request) + 1 :]
    return _SEPARATOR.join(f"'{part}'" for part in parts)


def compact(page: Page, title_characters: int) -> str:
    """Return what tells products and options apart: of results number, title and price; of a
    product title, price and the options that can be chosen."""
    if page.kind is PageKind.RESULTS:
        return _results(page, title_characters)
    if page.product is None:
        return "A search box."
    title = shortened(page.product.title, title_characters)
    if page.kind is PageKind.SUBPAGE:
        said = shortened(" ".join(" ".join(page.lines).split()), LINES_CHARACTERS)
        return f"{page.subpage} of {title}: {said or 'nothing'}"
    return "\n".join([title, f"price: {page.product.price}", *_options(page)])


def again(page: Page) -> str:
    """Return what may have changed on a page that was shown before: of a product the options that
    are chosen and those that are not, of results which are seen."""
    if page.kind is PageKind.RESULTS:
        seen = [str(n) for n, each in enumerate(page.results, start=1) if each.asin in page.opened]
        return f"Results again, seen: {', '.join(seen) or 'none'}"
    chosen = [f"{group}: {value}" for group, value in page.chosen.items()]
    targets = dict.fromkeys(each for each in page.clickables.values() if isinstance(each, str))
    left = [group for group in targets if group not in page.chosen]
    return f"chosen: {', '.join(chosen) or 'nothing'}" + (f"; not: {', '.join(left)}" * bool(left))


def same(page: Page, later: Page) -> bool:
    """Return whether both show one product at one price, or one page of the results of a search."""
    if page.kind is not later.kind:
        return False
    if page.kind is PageKind.RESULTS:
        return (page.query, page.page_number) == (later.query, later.page_number)
    return page.kind is PageKind.ITEM and page.product == later.product


# The ways to show a page that nothing can be said about.
WHOLE: dict[str, Callable[[Page], str]] = {"text": text, "quoted": quoted}


def _results(page: Page, title_characters: int) -> str:
    if not page.results:
        return f"No results for {page.query}."
    pages = -(-page.result_count // RESULTS_PER_PAGE)
    lines = [f"Results, page {page.page_number} of {pages}:"]
    for number, product in enumerate(page.results, start=1):
        seen = " (seen)" if product.asin in page.opened else ""
        title = shortened(product.title, title_characters)
        lines.append(f"{number}. {title}, {product.price}{seen}")
    return "\n".join(lines)


def _options(page: Page) -> list[str]:
    """A line for each group of options that can be chosen."""
    groups: dict[str, list[str]] = {}
    for name, target in page.clickables.items():
        if isinstance(target, str):
            groups.setdefault(target, []).append(name)
    wanted = _words(page.request)
    return [
        f"{group}: {_values(values, wanted)}"
        + (f" (chosen: {page.chosen[group]})" if group in page.chosen else "")
        for group, values in groups.items()
    ]


def _values(values: Sequence[str], wanted: set[str]) -> str:
    """The values of a group. Of too many those that share most words with the request, as they
    stand on the page."""
    shown = values
    if len(values) > VALUES_SHOWN:
        places = range(len(values))
        best = sorted(places, key=lambda place: -len(wanted & _words(values[place])))
        shown = [values[place] for place in sorted(best[:VALUES_SHOWN])]
    left = len(values) - len(shown)
    return " | ".join(shown) + (f" | {left} more" if left else "")


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def offered(page: Page) -> list[str]:
    """Return the actions that a page offers, each written out."""
    searches = [f"{SEARCH}[words]"] if page.has_search_bar else []
    return [*searches, *page.actions]


def offered_briefly(page: Page) -> list[str]:
    """Return the actions that a page offers, with one for all products or options together."""
    if page.has_search_bar:
        return [f"{SEARCH}[words]"]
    products = [f"{click('1')} to {click(str(len(page.links)))}"] if page.links else []
    targets = page.clickables.items()
    buttons = [click(name) for name, target in targets if target is None]
    options = [click("option")] if any(isinstance(target, str) for _, target in targets) else []
    return [*products, *options, *buttons]


def numbered(page: Page) -> Mapping[str, str]:
    """Return the number of each listed product, which the compact view shows instead of the asin:
    what to click to open it → number."""
    return {name: str(number) for number, name in enumerate(page.links, start=1)}


def deed(page: Page, action: str) -> str:
    """Return in a few words what an action did on a page.

    Example:
        >>> deed(page, "click[b09qqp3356]")
        'opened Red Running Shoes, $20.0'
    """
    name, argument = split_action(action)
    if name == SEARCH:
        if argument and argument.strip().lower() == page.request.strip().lower():
            return "searched for the request"
        return f"searched for {shortened(argument or '', DEED_CHARACTERS)}"
    if argument is None or argument not in page.clickables:
        return "did nothing"
    row = page.links.get(argument)
    for product in page.results:
        if product.row == row:
            return f"opened {shortened(product.title, DEED_CHARACTERS)}, {product.price}"
    target = page.clickables[argument]
    if isinstance(target, str):
        return f"chose {target}: {argument}"
    return _BUTTONS.get(argument, f"read {argument}")


_BUTTONS = {
    BACK_TO_SEARCH.lower(): "went back to the search box",
    NEXT_PAGE.lower(): "went to the next page",
    PREVIOUS_PAGE.lower(): "went back",
    "buy now": "bought it",
}
