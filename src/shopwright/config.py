"""Configurations: one frozen dataclass for each operation, whose fields know their own ranges.

A field states its default, what it is for, and which values it takes; everything is checked when
a configuration is made, by one function for all of them::

    @dataclass(frozen=True, kw_only=True)
    class ExampleConfig(Configuration):
        steps: int = setting(300, help="gradient steps", minimum=1)

The command line derives its flags from the same fields.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from shopwright.errors import InputError

_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}


def setting(
    default: Any = MISSING,
    *,
    help: str,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
    formerly: str | None = None,
) -> Any:
    """Return the field of a configuration.

    Args:
        default: its value where none is given; a mutable one may be a function that makes it.
        minimum, maximum: the least and the greatest value that it takes.
        above, below: values that it must be greater or less than.
        formerly: the name that it had in the version before; the command line still knows it.
    """
    stated = {
        "help": help,
        "minimum": minimum,
        "maximum": maximum,
        "above": above,
        "below": below,
        "formerly": formerly,
    }
    metadata = {name: value for name, value in stated.items() if value is not None}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


class Configuration:
    """What a configuration inherits: its values are checked when it is made.

    A subclass that gives a field of its base another default alone keeps what the base states
    about the field.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        inherited: dict[str, Field[Any]] = {}
        for base in reversed(cls.__mro__[1:]):
            inherited |= getattr(base, "__dataclass_fields__", {})
        for name, value in list(vars(cls).items()):
            if name in inherited and not isinstance(value, Field):
                setattr(cls, name, field(default=value, metadata=inherited[name].metadata))

    def __post_init__(self) -> None:
        config: Any = self
        kind: Any = type(self)
        types = _types(kind)
        for each in fields(config):
            value = getattr(config, each.name)
            if not _fits(value, types[each.name], each):
                expected = _expected(types[each.name], each)
                raise InputError(f"{each.name}: expected {expected}, got {_shown(value)}")


@cache
def _types(config: Any) -> dict[str, Any]:
    return get_type_hints(config)


def _fits(value: Any, kind: Any, stated: Field[Any]) -> bool:
    if get_origin(kind) in (Union, UnionType):
        return any(_fits(value, one, stated) for one in get_args(kind))
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind is NoneType:
        return value is None
    if kind not in (int, float):
        return isinstance(value, kind)
    if isinstance(value, bool) or not isinstance(value, int if kind is int else (int, float)):
        return False
    return math.isfinite(value) and _in_range(value, stated)


def _in_range(value: float, stated: Field[Any]) -> bool:
    limits: Mapping[str, float] = stated.metadata
    return (
        limits.get("minimum", -math.inf) <= value <= limits.get("maximum", math.inf)
        and value > limits.get("above", -math.inf)
        and value < limits.get("below", math.inf)
    )


def _expected(kind: Any, stated: Field[Any]) -> str:
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(_expected(one, stated) for one in get_args(kind))
    if kind is NoneType:
        return "none"
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    noun = _KINDS.get(kind, kind.__name__)
    return noun if kind not in (int, float) else " ".join([noun, *_range(stated)])


def _range(stated: Field[Any]) -> list[str]:
    limits = stated.metadata
    if "minimum" in limits and "maximum" in limits:
        return [f"from {limits['minimum']:g} to {limits['maximum']:g}"]
    words = {"minimum": "of at least", "above": "above", "maximum": "of at most", "below": "below"}
    said = [f"{text} {limits[name]:g}" for name, text in words.items() if name in limits]
    return [" and ".join(said)] if said else []


def _shown(value: Any) -> str:
    return f"{value!r}"[:60] if isinstance(value, str) else f"{value}"[:60]
