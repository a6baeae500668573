"""Walks everything that can be reached from an object: what tests of privileges need."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator, Mapping
from typing import Any

# Whoever reaches one of these knows what is asked for, or what a purchase would earn.
FORBIDDEN = frozenset({"Goal", "Goals", "Session", "Episode", "Shop", "Reward", "State"})
# What holds nothing but numbers, text or code.
_LEAVES = (str, bytes, int, float, complex, bool, type(None), type, types.ModuleType)


def reached_kinds(*roots: object) -> frozenset[str]:
    """Return the names of the classes of all objects that can be reached.

    The walk follows attributes, slots, properties' caches, containers, closures, defaults and the
    owners of bound methods. It does not follow a function's module: any code can import anything.
    """
    kinds: set[str] = set()
    seen: dict[int, object] = {}
    waiting = list(roots)
    while waiting:
        found = waiting.pop()
        if isinstance(found, _LEAVES) or id(found) in seen:
            continue
        seen[id(found)] = found  # Kept, or its number might be another object's.
        kinds.add(type(found).__name__)
        waiting.extend(_parts(found))
    return frozenset(kinds)


def _parts(found: Any) -> Iterator[object]:
    if isinstance(found, Mapping):
        yield from found.keys()
        yield from found.values()
    elif isinstance(found, list | tuple | set | frozenset):
        yield from found
    elif isinstance(found, types.MethodType | types.BuiltinMethodType):
        yield found.__self__
        yield getattr(found, "__func__", None)
    elif isinstance(found, types.FunctionType):
        yield from (cell.cell_contents for cell in found.__closure__ or ())
        yield from found.__defaults__ or ()
        yield from (found.__kwdefaults__ or {}).values()
    elif isinstance(found, functools.partial):
        yield found.func
        yield from (*found.args, *found.keywords.values())
    if isinstance(found, types.GeneratorType):
        yield from (found.gi_frame.f_locals if found.gi_frame else {}).values()
    yield getattr(found, "__wrapped__", None)
    yield from getattr(found, "__dict__", {}).values()
    for kind in type(found).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            yield getattr(found, name, None)
