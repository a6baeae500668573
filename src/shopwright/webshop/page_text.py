"""The original's reading of a page: HTML to the ``text`` and ``text_rich`` observations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from shopwright.shop.views import SEPARATOR

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_INVISIBLE = frozenset(["style", "script", "head", "title", "meta", ""])
_WHITE_SPACE = " \n\t\f\r"


class _Node(NamedTuple):
    """A text with the tag and the classes of the element around it."""

    text: str
    tag: str
    classes: tuple[str, ...]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[_Node] = []
        self._open: list[tuple[str, tuple[str, ...]]] = [("", ())]
        self._texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.end_text()
        if tag not in _VOID:
            self._open.append((tag, tuple((dict(attrs).get("class") or "").split())))

    def handle_endtag(self, tag: str) -> None:
        self.end_text()
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth][0] == tag:
                del self._open[depth:]
                return

    def handle_comment(self, data: str) -> None:
        self.end_text()

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    def end_text(self) -> None:
        text = "".join(self._texts)
        self._texts = []
        preserved = any(tag == "pre" for tag, _ in self._open)
        if text and not preserved and not text.strip(_WHITE_SPACE):
            text = "\n" if "\n" in text else " "
        if text:
            self.nodes.append(_Node(text, *self._open[-1]))


def _visible(page: str) -> Iterator[_Node]:
    parser = _Parser()
    parser.feed(page)
    parser.close()
    parser.end_text()
    return (node for node in parser.nodes if node.tag not in _INVISIBLE and node.text != "\n")


def page_text(page: str) -> str:
    """Return the texts of a page, joined by ``[SEP]``."""
    return SEPARATOR.join(node.text.strip() for node in _visible(page))


def rich_page_text(page: str, location: str, opened: Collection[str]) -> str:
    """Return a line for each text of a page, clickable ones marked.

    Args:
        location: the page's address, in which the original looks for chosen options.
        opened: asins of the products opened before.
    """
    shown = ""
    for text, tag, classes in _visible(page):
        if tag == "button":
            line = f"[button] {text} [button_]"
        elif tag == "label" and f'"{text}"' in location:
            shown = f"You have clicked {text}.\n{shown}"
            line = f"  [clicked button] {text} [clicked button_]"
        elif tag == "label":
            line = f"  [button] {text} [button_]"
        elif classes == ("product-link",):
            clicked = "clicked " if text in opened else ""
            line = f"\n[{clicked}button] {text} [{clicked}button_]"
        else:
            line = text
        shown += f"{line}\n"
    return shown
