"""Command line flags of an operation's settings, derived from its configuration dataclass.

Every field of the dataclass is a flag: ``learning_rate`` is ``--learning-rate``, a bool
``--sample`` or ``--no-sample``. A field that is a configuration itself puts its name before its
flags: ``--imitation-epochs``. Fields called ``seed`` all take the verb's ``--seed``.
"""

from __future__ import annotations

import math
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Callable, Collection
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from shopwright.cli.command import NONE, or_none

SEED = "seed"

Config = TypeVar("Config")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"expected a number, got {text!r}") from None
    if not math.isfinite(number):
        raise ArgumentTypeError(f"expected a finite number, got {text!r}")
    return number


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"expected a whole number, got {text!r}") from None


# Type of a field → how its text is read, and what help calls it.
_VALUES: dict[Any, tuple[Callable[[str], Any], str]] = {
    float: (_number, "NUMBER"),
    int: (_whole_number, "N"),
    str: (str, "TEXT"),
    Path: (Path, "PATH"),
}


def add_settings(
    parser: ArgumentParser, config: type, *, skip: Collection[str] = (), prefix: str = ""
) -> None:
    """Add a flag for each field of a configuration.

    Args:
        parser: where to.
        config: a dataclass; its fields' metadata may have ``help`` and ``unit``.
        skip: names of fields that have no flag.
        prefix: stands before the names of all flags.
    """
    types = get_type_hints(config)
    for field in fields(config):
        kind = types[field.name]
        if field.name in skip or field.name == SEED:
            continue
        if isinstance(kind, type) and is_dataclass(kind):
            add_settings(parser, kind, prefix=f"{prefix}{field.name}_")
            continue
        name = prefix + field.name
        parser.add_argument(
            "--" + name.replace("_", "-"),
            dest=name,
            default=SUPPRESS,
            help=_help(field),
            **_reader(kind, where=f"{config.__name__}.{field.name}"),
        )


def settings_of(
    config: type[Config],
    arguments: Namespace,
    *,
    prefix: str = "",
    **values: Any,
) -> Config:
    """Return a configuration with what the command line says, and its own defaults elsewhere.

    Args:
        config: the dataclass that :func:`add_settings` had.
        arguments: what was parsed.
        prefix: as for :func:`add_settings`.
        values: fields whose value is decided elsewhere.

    Raises:
        InputError: a value that the configuration does not take.
        TypeError: ``values`` names a field that there is not.
    """
    given = vars(arguments)
    types = get_type_hints(config)
    chosen: dict[str, Any] = dict(values)
    for field in fields(config):  # type: ignore[arg-type]
        kind = types[field.name]
        if field.name in values:
            continue
        if isinstance(kind, type) and is_dataclass(kind):
            chosen[field.name] = settings_of(kind, arguments, prefix=f"{prefix}{field.name}_")
        elif field.name == SEED:
            chosen[SEED] = given[SEED]
        elif prefix + field.name in given:
            value = given[prefix + field.name]
            chosen[field.name] = tuple(value) if isinstance(value, list) else value
    return config(**chosen)


def _help(field: Field[Any]) -> str:
    text = str(field.metadata.get("help", ""))
    unit = field.metadata.get("unit")
    default = field.default
    if default is MISSING and field.default_factory is not MISSING:
        default = field.default_factory()
    remarks = [str(unit)] if unit else []
    if default is not MISSING:
        remarks.append(f"default: {_text(default)}")
    shown = f"{text} ({'; '.join(remarks)})" if remarks else text
    # argparse formats help with the % operator.
    return shown.replace("%", "%%")


def _text(value: object) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return " ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _reader(kind: Any, *, where: str) -> dict[str, Any]:
    """What ``add_argument`` needs to read a value of a type."""
    if kind is bool:
        return {"action": BooleanOptionalAction}
    if get_origin(kind) is Literal:
        return {"choices": get_args(kind)}
    if get_origin(kind) is tuple:
        return {"nargs": "+", **_reader(get_args(kind)[0], where=where)}
    if get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind):
        (inner,) = (part for part in get_args(kind) if part is not NoneType)
        read, metavar = _VALUES[inner]
        return {"type": or_none(read), "metavar": f"{metavar}|{NONE}"}
    if kind not in _VALUES:
        raise TypeError(f"{where}: expected a type that a flag can give, got {kind}")
    read, metavar = _VALUES[kind]
    return {"type": read, "metavar": metavar}
