"""Reading JSON value by value from a text of any length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from shopwright.catalogue.forms.table import MOST_ROW_CHARACTERS, quoted
from shopwright.errors import CatalogueError

_CHUNK_CHARACTERS = 1 << 20
_SPACE = re.compile(r"[ \t\r\n\ufeff\x1e]*")
_MOST_DIGITS = 18
_MOST_DEPTH = 8
_SURROGATE = re.compile("[\ud800-\udfff]")

Path = tuple[str, ...]
ANY = "*"


def _whole(text: str) -> int | str:
    """A whole number; one that is too long to count with stays a text, as barcodes may be."""
    return int(text) if len(text) <= _MOST_DIGITS else text


def _fraction(text: str) -> float | None:
    number = float(text)
    return number if abs(number) < float("inf") else None


def _nothing(_text: str) -> None:
    """NaN and the infinities, which are no JSON but are written by Python."""


_DECODER = json.JSONDecoder(
    parse_int=_whole, parse_float=_fraction, parse_constant=_nothing, strict=False
)


def lenient_value(text: str) -> Any:
    """Return the value of a JSON text that stricter readers refuse for NaN, long numbers or halves
    of surrogate pairs.

    Raises:
        ValueError: it is no JSON.
    """
    return _without_surrogates(_DECODER.decode(text))


class JsonText:
    """A JSON text, of which no more is held than one value.

    Args:
        file: the text.
        place: what messages call it.
    """

    def __init__(self, file: TextIO, place: str) -> None:
        self._file = file
        self._place = place
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._character = 1

    @property
    def spot(self) -> str:
        """What is being read, as messages name it."""
        line, character = self._passed()
        return f"{self._place}, line {line}, character {character:,}"

    def _passed(self) -> tuple[int, int]:
        """Line and character, from 1, at which the reading is."""
        end = self._buffer.rfind("\n", 0, self._at)
        line = self._line + self._buffer.count("\n", 0, self._at)
        return line, self._at - end if end >= 0 else self._character + self._at

    def peek(self) -> str:
        """Return the next character that is no space; "" at the end."""
        while True:
            self._at = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._read_more():
                return ""

    def take(self, characters: str) -> str:
        """Pass the next character that is no space and return it.

        Raises:
            CatalogueError: it is none of ``characters``.
        """
        found = self.peek()
        if not found or found not in characters:
            raise self._wrong(" or ".join(map(repr, characters)), found and repr(found))
        self._at += 1
        return found

    def value(self) -> Any:
        """Pass the next value and return it.

        Raises:
            CatalogueError: it is no JSON, or longer than rows may be.
        """
        self.peek()
        while True:
            wrong: ValueError | None = None
            start = self._at
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except RecursionError:
                raise CatalogueError(
                    f"{self.spot}: expected JSON of few levels, got too many; export it as a list "
                    "of products"
                ) from None
            except ValueError as error:
                wrong = error
            # A number may go on in what has not been read, as may what is wrong so far.
            if wrong is None and end < len(self._buffer):
                break
            if len(self._buffer) - self._at > MOST_ROW_CHARACTERS:
                expected = f"values of at most {MOST_ROW_CHARACTERS:,} characters"
                raise self._wrong(expected, "a longer one, or one that is no JSON")
            if self._read_more():
                continue
            if wrong is None:
                break
            reason = str(wrong)
            if isinstance(wrong, json.JSONDecodeError):
                reason = wrong.msg
                self._at = wrong.pos - start
                if reason.startswith("Unterminated") or not self._buffer[self._at :].strip():
                    reason = ""  # It would go on behind the end of the file.
            raise self._wrong("JSON", quoted(reason)[1:-1].lower())
        if "\\u" in self._buffer[self._at : end]:
            value = _without_surrogates(value)
        self._at = end
        return value

    def objects(self) -> Iterator[tuple[Path, Any]]:
        """Yield all objects of the document that are entries of a list or stand by themselves, each
        with the keys that lead to it. An object that holds others comes after them, without
        them."""
        while self.peek():
            yield from self._objects((), _MOST_DEPTH)
            self._pass_comma()

    def _objects(self, path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
        opening = self.peek()
        if opening == "[":
            yield from ((path, value) for value in self.entries())
        elif opening == "{" and depth:
            others = {}
            for key in self.keys():
                if self.peek() in ("[", "{"):
                    yield from self._objects((*path, key), depth - 1)
                else:
                    others[key] = self.value()
            yield path, others
        else:
            self.value()

    def values_at(self, wanted: Path) -> Iterator[tuple[Path, Any]]:
        """Yield what stands at some keys, the entries of lists one by one: its keys and value.

        Args:
            wanted: the keys; the last may be :data:`ANY`.
        """
        while self.peek():
            yield from self._values_at((), wanted)
            self._pass_comma()

    def _values_at(self, path: Path, wanted: Path) -> Iterator[tuple[Path, Any]]:
        opening = self.peek()
        if len(path) == len(wanted) and all(map(_fits, path, wanted)):
            if opening == "[":
                yield from ((path, value) for value in self.entries())
            else:
                yield path, self.value()
        elif opening == "[":
            for _ in self.entries():
                pass
        elif opening == "{" and len(path) < _MOST_DEPTH:
            for key in self.keys():
                yield from self._values_at((*path, key), wanted)
        else:
            self.value()

    def _pass_comma(self) -> None:
        if self.peek() == ",":
            self.take(",")

    def entries(self) -> Iterator[Any]:
        """Yield the entries of the list that comes next."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def keys(self) -> Iterator[str]:
        """Yield the keys of the object that comes next; the value of each is to be passed before
        the next key is asked for."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                self.take('"')
            key = str(self.value())
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def _wrong(self, expected: str, got: str) -> CatalogueError:
        found = f"{got}; write it with a JSON library"
        if not got:
            found = "the end of the file; it is cut off: copy or export it anew"
        return CatalogueError(f"{self.spot}: expected {expected}, got {found}")

    def _read_more(self) -> bool:
        self._line, self._character = self._passed()  # Before it is dropped.
        size = max(_CHUNK_CHARACTERS, len(self._buffer) - self._at)
        more = self._file.read(size)
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return bool(more)


def _fits(key: str, wanted: str) -> bool:
    return wanted in (key, ANY)


def _without_surrogates(value: Any) -> Any:
    """A value in whose texts halves of surrogate pairs, which no file can hold, are replaced."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(entry) for entry in value]
    if isinstance(value, dict):
        return {
            _SURROGATE.sub("\ufffd", name): _without_surrogates(entry)
            for name, entry in value.items()
        }
    return value
