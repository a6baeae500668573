"""Products, and what rows say of them, as bytes: of a large table they take a fifth of the memory
that objects take, and processes share them without copying. Of a small one, objects are faster.

The bytes are those of :mod:`marshal`, which is made for texts, numbers and lists of them. They
never leave the process that made them and its forks.
"""

from __future__ import annotations

import dataclasses
import marshal
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice, pairwise
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar, overload

from shopwright.catalogue.articles import Article, ProductGroup
from shopwright.catalogue.product import Instruction, Product, Variant

Kind = TypeVar("Kind")

# So many products are packed, and worked on, together.
PART = 10_000
# Tables of so many products or groups are small.
MOST_UNPACKED = 200_000
# Of larger ones so many groups stay objects, those that were asked for last: the rows of a product
# mostly follow one another.
MOST_OPEN = 1_000


class _Packing(Generic[Kind]):
    """Objects of a data class with slots as lists of what their fields hold, and back.

    Args:
        kind: the class.
        nested: field → the packing of the objects that it holds, and what holds them: a list, a
            tuple or, of one at most, the field itself.
    """

    def __init__(
        self, kind: type[Kind], **nested: tuple[_Packing[Any], Callable[[Iterator[Any]], Any]]
    ) -> None:
        self.names = [each.name for each in dataclasses.fields(kind)]  # type: ignore[arg-type]
        self._kind = kind
        self._values = attrgetter(*self.names)
        # The fields are put as they were, without the checks of a new object.
        self._put = [getattr(kind, name).__set__ for name in self.names]
        self._place_of = {name: place for place, name in enumerate(self.names)}
        self._nested = [(self._place_of[name], *each) for name, each in nested.items()]

    def packed(self, item: Kind) -> list[Any]:
        values = list(self._values(item))
        for place, packing, _ in self._nested:
            if held := values[place]:
                items = held if isinstance(held, list | tuple) else [held]
                values[place] = [*map(packing.packed, items)]
        return values

    def unpacked(self, values: list[Any]) -> Kind:
        for place, packing, holding in self._nested:
            if values[place]:
                values[place] = holding(map(packing.unpacked, values[place]))
        return self._made(values)

    def changed(self, item: Kind, fields: Mapping[str, Any]) -> Kind:
        values = list(self._values(item))
        for name, value in fields.items():
            values[self._place_of[name]] = value
        return self._made(values)

    def _made(self, values: list[Any]) -> Kind:
        item = object.__new__(self._kind)
        for put, value in zip(self._put, values, strict=True):
            put(item, value)
        return item


_ARTICLES = _Packing(Article)
_GROUPS = _Packing(ProductGroup, product=(_ARTICLES, next), variants=(_ARTICLES, list))
_PRODUCTS = _Packing(
    Product,
    variants=(_Packing(Variant), tuple),
    human_instructions=(_Packing(Instruction), tuple),
)


class Groups:
    """Groups of rows by their keys, in the order in which they were made."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._open: dict[str, ProductGroup] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._packed

    def __iter__(self) -> Iterator[ProductGroup]:
        return (group for key in [*self._packed] if (group := self.get(key)))

    def get(self, key: str | None) -> ProductGroup | None:
        """Return a group, None if there is none. What is changed of it later than some other groups
        were asked for has to be :meth:`put`."""
        if key is None:
            return None
        group = self._open.pop(key, None)
        if group is None and key in self._packed:
            group = _GROUPS.unpacked(marshal.loads(self._packed[key]))
        if group is not None:
            self._open[key] = group
            self._limit_open()
        return group

    def put(self, group: ProductGroup) -> None:
        """Add a group, or a changed one in its place."""
        self._packed.setdefault(group.key, b"")
        self._open[group.key] = group
        self._limit_open()

    def remove(self, key: str) -> None:
        """Remove a group."""
        del self._packed[key]
        self._open.pop(key, None)

    def _limit_open(self) -> None:
        while len(self._open) > MOST_OPEN and len(self._packed) > MOST_UNPACKED:
            key = next(iter(self._open))
            self._packed[key] = marshal.dumps(_GROUPS.packed(self._open.pop(key)))

    def finished(self) -> PackedGroups:
        """Return all groups, and forget them."""
        groups = PackedGroups(self._open.get(key, packed) for key, packed in self._packed.items())
        self._packed, self._open = {}, {}
        return groups


class PackedGroups:
    """All groups of a table, in order; they can be gone through several times.

    Args:
        groups: as objects or as bytes.
    """

    def __init__(self, groups: Iterable[ProductGroup | bytes]) -> None:
        self._groups = deque(groups)

    def __iter__(self) -> Iterator[ProductGroup]:
        return map(_unpacked_group, self._groups)

    def drained(self) -> Iterator[PackedGroups]:
        """Yield the groups, :data:`PART` at a time, and forget them."""
        groups = self._groups
        while groups:
            yield PackedGroups(groups.popleft() for _ in range(min(PART, len(groups))))


def packed_groups(groups: Iterable[tuple[ProductGroup, Any]]) -> bytes:
    """Return groups, each with something that :mod:`marshal` knows, as bytes."""
    return marshal.dumps([(_GROUPS.packed(group), beside) for group, beside in groups])


def unpacked_groups(groups: bytes) -> Iterator[tuple[ProductGroup, Any]]:
    """Yield what :func:`packed_groups` was given."""
    return ((_GROUPS.unpacked(group), beside) for group, beside in marshal.loads(groups))


def _unpacked_group(group: ProductGroup | bytes) -> ProductGroup:
    return _GROUPS.unpacked(marshal.loads(group)) if isinstance(group, bytes) else group


class PackedProducts(Sequence[Product]):
    """Products, packed in parts of at most :data:`PART`. Those of a small catalogue are objects as
    soon as they are asked for.

    Args:
        products: the products.
    """

    def __init__(self, products: Iterable[Product] = ()) -> None:
        iterator = iter(products)
        self._parts: list[bytes | list[Product]] = []
        self._ends: list[int] = []  # The row behind each part.
        while batch := list(islice(iterator, PART)):
            self._parts.append(packed_part(batch))
            self._ends.append(len(self) + len(batch))

    def extend(self, others: PackedProducts) -> None:
        """Add the parts of others."""
        self._ends += [len(self) + end for end in others._ends]
        self._parts += others._parts

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Product]:
        return (product for part in self._each_part() for product in _unpacked_part(part))

    @overload
    def __getitem__(self, index: int) -> Product: ...
    @overload
    def __getitem__(self, index: slice) -> list[Product]: ...
    def __getitem__(self, index: int | slice) -> Product | list[Product]:
        """Return a product, or those of a slice."""
        rows = range(len(self))[index]
        if isinstance(rows, int):
            (product,) = self[rows : rows + 1]
            return product
        found: list[Product] = []
        for number, own in groupby(rows, key=self._part_of):
            first = self._ends[number - 1] if number else 0
            part = self._part(number)
            if isinstance(part, bytes):
                values = marshal.loads(part)
                found += [_PRODUCTS.unpacked(values[row - first]) for row in own]
            else:
                found += [part[row - first] for row in own]
        return found

    def _part(self, number: int) -> bytes | list[Product]:
        part = self._parts[number]
        if isinstance(part, bytes) and len(self) <= MOST_UNPACKED:
            part = self._parts[number] = [*_unpacked_part(part)]
        return part

    def _each_part(self) -> Iterator[bytes | list[Product]]:
        return map(self._part, range(len(self._parts)))

    def _part_of(self, row: int) -> int:
        return bisect_right(self._ends, row)

    @property
    def parts(self) -> list[slice]:
        """The rows of each part."""
        return [slice(first, end) for first, end in pairwise([0, *self._ends])]

    def replace(self, part: slice, products: bytes) -> None:
        """Put other products, packed by :func:`packed_part`, in the place of a part's."""
        self._parts[self._part_of(part.start)] = products

    def values(self, *names: str) -> Iterator[Any]:
        """Yield what a field of each product holds, of several the tuples of them, without making
        products of a large catalogue."""
        of_values, of_product = itemgetter(*map(_PRODUCTS.names.index, names)), attrgetter(*names)
        for part in self._each_part():
            if isinstance(part, bytes):
                yield from map(of_values, marshal.loads(part))
            else:
                yield from map(of_product, part)


def changed(product: Product, **fields: Any) -> Product:
    """Return a product with other values of some fields, which are not checked again, in half the
    time that :func:`dataclasses.replace` takes."""
    return _PRODUCTS.changed(product, fields)


def packed_part(products: Iterable[Product]) -> bytes:
    """Return products as bytes."""
    return marshal.dumps([*map(_PRODUCTS.packed, products)])


def _unpacked_part(part: bytes | list[Product]) -> Iterable[Product]:
    return map(_PRODUCTS.unpacked, marshal.loads(part)) if isinstance(part, bytes) else part
