"""HTML to plain text; control characters and surplus white space removed."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|<!--|<!\[CDATA\[|<!doctype", re.I)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_BLOCKS = frozenset(
    "address article aside blockquote br caption dd div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section table tbody td "
    "tfoot th thead title tr ul".split()
)
_UNSEEN = frozenset("script style template noscript iframe object svg math head".split())
# "&lt;p&gt;": a tag of HTML, and not just something in pointed brackets.
_ESCAPED_TAG = re.compile(
    rf"&lt;/?(?:{'|'.join(sorted(_BLOCKS))}|a|b|em|i|img|span|strong|u)(?:\s[^<>]*?)?/?&gt;", re.I
)
# Tags as most are written, whose attributes stand in quotes.
_PLAIN_TAG = re.compile(
    r"<(?:/([a-zA-Z][a-zA-Z0-9]*)"
    r"|([a-zA-Z][a-zA-Z0-9]*)(?:[ \t\n]+[a-zA-Z-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*[ \t\n]*(/?))>"
)
# What they hold is no text, or is not read as HTML.
_OF_OTHER_CONTENT = _UNSEEN | {"title", "textarea", "plaintext", "xmp", "noembed", "noframes"}
# Characters that no page needs: controls but for tab and line break.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def plain_text(text: str) -> str:
    """Return a text without control characters, entities resolved, white space in runs of one
    space, on one line. Tags stay as they are written: they are text."""
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if not text.isprintable():
        text = _CONTROLS.sub("", text)
    elif "  " not in text:  # Of white space only the space is printable.
        return text.strip()
    return " ".join(text.split())


def is_html(text: str) -> bool:
    """Whether a text holds a tag or an entity of HTML ("fits < 30 inches & more" does not)."""
    return bool(("<" in text and _TAG.search(text)) or ("&" in text and _ENTITY.search(text)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.items: list[str] = []
        self._unseen: list[str] = []
        self._item: list[str] | None = None

    def read(self, text: str) -> None:
        """Read a whole text. One that has plain tags alone needs no parser."""
        tags = [*_PLAIN_TAG.finditer(text)]
        names = {(tag[1] or tag[2]).lower() for tag in tags}
        if len(tags) < text.count("<") or names & _OF_OTHER_CONTENT:
            self.feed(text)
            self.close()
            return
        end = 0
        for tag in tags:
            self.handle_data(html.unescape(text[end : tag.start()]))
            end = tag.end()
            if tag[2]:
                self.handle_starttag(tag[2].lower(), [])
            if tag[1] or tag[3]:
                self.handle_endtag((tag[1] or tag[2]).lower())
        self.handle_data(html.unescape(text[end:]))
        self._end_item()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _BLOCKS:
            self._add("\n")
            if tag == "li":
                self._end_item()
                self._item = []

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            # Closes the innermost of its kind and whatever was left open within.
            del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
        elif tag in _BLOCKS:
            self._add("\n")
            if tag in ("li", "ul", "ol"):
                self._end_item()

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        if not self._unseen:
            self.parts.append(text)
            if self._item is not None:
                self._item.append(text)

    def _end_item(self) -> None:
        if self._item is not None:
            item = " ".join("".join(self._item).split())
            if item:
                self.items.append(item)
        self._item = None

    def close(self) -> None:
        super().close()
        self._end_item()


def text_of_html(text: str) -> tuple[str, list[str]]:
    """Return the text of a piece of HTML, a line per block, and the texts of its list items.

    Scripts, styles and comments vanish; malformed HTML is read as browsers' parsers read it, as
    far as the standard library goes. A text without any tag or entity only loses surplus white
    space.
    """
    text = _CONTROLS.sub("", text)
    if "&lt;" in text and not _TAG.search(text) and _ESCAPED_TAG.search(text):
        text = html.unescape(text)  # HTML that was escaped once too often.
    items: list[str] = []
    if is_html(text):
        reader = _Reader()
        reader.read(text)
        text, items = "".join(reader.parts), reader.items
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(filter(None, lines)), items
