"""Products on disk: one memory-mapped file of records, each decoded when it is asked for.

Files of a catalogue folder:
    products.bin: two lines a product: its listing, a JSON list of what a results page shows (asin,
        title, price tag), and its record, a JSON object of everything.
    offsets.npy: uint64, count + 1: where each listing begins; the last entry is the file's size.
    asins.npy: fixed-width bytes, count: the asins in ascending order.
    rows.npy: uint32, count: the row of each of these asins.
    ranks.npy: uint32, count: each row's place among the asins in ascending order.
    queries.npy, categories.npy: uint32, count: each row's number in the lists of groups.json.
    groups.json: the distinct queries and categories, in the order of their first product.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson

from shopwright.catalogue.product import Product
from shopwright.errors import InputError
from shopwright.files import parsing_python, read_json, replacing, reserve

CACHED_PRODUCTS = 2048
# A .npy file without numbers is all header.
EMPTY_BYTES = 1024


def write_array(path: Path, array: np.ndarray) -> None:
    """Write an array as a .npy file, whole or not at all."""
    with replacing(path) as file:
        # Into a file that it knows numpy writes past us, and does not say why it fails.
        np.save(_Sink(file.write), array, allow_pickle=False)


class _Sink(NamedTuple):
    write: Callable[[bytes], int]


def writable_array(path: Path, count: int, kind: type[np.generic]) -> np.ndarray:
    """Return a new array whose content goes to a .npy file, not to memory. Of a folder that is not
    in its place yet: the file does not appear whole."""
    if not count:  # What is empty cannot be mapped.
        write_array(path, np.zeros(0, dtype=kind))
        return np.zeros(0, dtype=kind)
    array: np.ndarray = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(count,))
    with path.open("r+b") as file:
        reserve(file, path.stat().st_size, path)
    return array


def read_array(path: Path) -> np.ndarray:
    """Open a .npy file memory-mapped, read-only. An empty array is read instead of mapped."""
    array: np.ndarray
    with parsing_python:  # numpy reads a file's header as a literal of Python.
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError) as error:
            if path.stat().st_size > EMPTY_BYTES:  # Of others the whole size would be taken first.
                raise InputError(f"{path}: expected an array, got: {error}") from None
            array = _read_empty(path)
    # A plain view of the mapped memory; numpy.memmap itself is slow to index.
    return np.asarray(array)


def _read_empty(path: Path) -> np.ndarray:
    with path.open("rb") as file:
        try:
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        except ValueError as error:
            raise InputError(f"{path}: expected an array, got: {error}") from None
    if 0 not in shape or dtype.hasobject:
        raise InputError(f"{path}: expected an array, got a shorter file than its header says")
    return np.zeros(shape, dtype=dtype)


class Listing(NamedTuple):
    """What a results page shows of a product."""

    asin: str
    title: str
    price_tag: str


class Catalogue(Sequence[Product]):
    """The products of a catalogue folder, in the order in which they were written.

    Rows count from 0. Products are decoded when asked for; the most recent ones are kept.

    Attributes:
        ranks: uint32, (products,): each row's place among the asins in ascending order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Indexing a memory view gives an int, and faster than an array.
        self._offsets = read_array(folder / "offsets.npy").data
        self._asins = read_array(folder / "asins.npy")
        self._rows = read_array(folder / "rows.npy")
        self.ranks = read_array(folder / "ranks.npy")
        groups = read_json(folder / "groups.json")
        self._queries: list[str] = groups["queries"]
        self._categories: list[str] = groups["categories"]
        self._query_numbers = read_array(folder / "queries.npy")
        self._category_numbers = read_array(folder / "categories.npy")
        with (folder / "products.bin").open("rb") as file:
            self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._product = lru_cache(maxsize=CACHED_PRODUCTS)(self._decode)

    @property
    def base(self) -> Catalogue:
        """The catalogue as it was written, before any change: this one."""
        return self

    @property
    def row_count(self) -> int:
        """How many rows there are: of changed catalogues, dead ones included."""
        return len(self)

    @property
    def rows(self) -> Sequence[int]:
        """The rows of all products, in order."""
        return range(len(self))

    def _decode(self, row: int) -> Product:
        start, end = self._offsets[row], self._offsets[row + 1]
        middle = self._lines.find(b"\n", start, end)
        return Product.from_record(orjson.loads(self._lines[middle:end]))

    @cached_property
    def currency(self) -> str:
        """The ISO 4217 code of all prices."""
        return self[0].currency

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: int) -> Product:  # type: ignore[override]
        if not -len(self) <= row < len(self):
            raise IndexError(f"product row: expected 0 to {len(self) - 1}, got {row}")
        return self._product(int(row) % len(self))

    def __iter__(self) -> Iterator[Product]:
        return (self._decode(row) for row in range(len(self)))

    def origin_of(self, row: int) -> int | None:
        """Return the row that a product had in the base: the same."""
        return row

    def latest_of(self, row: int) -> int | None:
        """Return the row that a product of the base has now: the same."""
        return row

    def counts(self) -> dict[str, int]:
        """Return how many products are new, changed and removed against the base: none."""
        return {"new": 0, "changed": 0, "removed": 0}

    def listing(self, row: int) -> Listing:
        """Return what a results page shows of a row, without decoding its product."""
        return self.listings([row])[0]

    def listings(self, rows: Iterable[int]) -> list[Listing]:
        """Return the listings of rows."""
        lines, offsets = self._lines, self._offsets
        found = []
        for row in rows:
            start = offsets[row]
            # Within JSON a line break is always escaped, so the first one ends the listing.
            found.append(lines[start : lines.find(b"\n", start)])
        return list(map(Listing._make, orjson.loads(b"[%b]" % b",".join(found))))

    def row_of(self, asin: str) -> int | None:
        """Return the row of the product with this asin; None if there is none."""
        key = asin.encode("utf-8", "surrogatepass")
        # A fixed-width array silently truncates longer keys and drops trailing zero bytes.
        if len(key) > self._asins.dtype.itemsize or key.endswith(b"\0"):
            return None
        position = int(np.searchsorted(self._asins, np.array(key, dtype=self._asins.dtype)))
        if position < len(self._asins) and self._asins[position] == key:
            return int(self._rows[position])
        return None

    def rank_of(self, asin: str) -> float:
        """Return the place of an asin among all in ascending order: a whole number, or, if there is
        no such product, a half between its neighbours'."""
        row = self.row_of(asin)
        if row is not None:
            return float(self.ranks[row])
        key = np.array(asin.encode("utf-8", "surrogatepass"))
        return float(np.searchsorted(self._asins, key)) - 0.5

    def asin_of(self, row: int) -> str:
        """Return the asin of a row without decoding its product."""
        return bytes(self._asins[self.ranks[row]]).decode()

    def asins_of(self, rows: np.ndarray) -> list[str]:
        """Return the asins of rows (integers, (n,)), without decoding their products."""
        return [asin.decode() for asin in self._asins[self.ranks[rows]].tolist()]

    def by_asin(self, rows: np.ndarray) -> np.ndarray:
        """Return rows (int64, (n,)) in the order of their asins."""
        ordered: np.ndarray = rows[np.argsort(self.ranks[rows])]
        return ordered

    def rows_with_query(self, query: str) -> np.ndarray:
        """Return the rows (int64, ascending) of the products of this kind."""
        return _rows_of_group(query, self._queries, self._query_numbers)

    def rows_in_category(self, category: str) -> np.ndarray:
        """Return the rows (int64, ascending) of the products of this category."""
        return _rows_of_group(category, self._categories, self._category_numbers)


def _rows_of_group(name: str, names: list[str], numbers: np.ndarray) -> np.ndarray:
    if name not in names:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(numbers == names.index(name))
