"""Command line flags of an operation's settings, derived from its configuration dataclass.

Every field of the dataclass is a flag: ``learning_rate`` is ``--learning-rate``, a bool
``--sample`` or ``--no-sample``. A field that is a configuration itself puts its name before its
flags. Fields called ``seed`` all take the verb's ``--seed``. A field that had another name in the
version before (``formerly`` in its metadata) takes the old flag too, which help does not show.
"""

from __future__ import annotations

from argparse import (
    SUPPRESS,
    Action,
    ArgumentParser,
    ArgumentTypeError,
    BooleanOptionalAction,
    Namespace,
)
from collections.abc import Callable, Collection, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from shopwright.cli.command import NONE, or_none
from shopwright.console import note

SEED = "seed"

Config = TypeVar("Config")


def _number(read: Callable[[str], float], noun: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            return read(text)
        except ValueError:
            raise ArgumentTypeError(f"expected {noun}, got {text!r}") from None

    return parse


# Type of a field → how its text is read, and what help calls it.
_VALUES: dict[Any, tuple[Callable[[str], Any], str]] = {
    float: (_number(float, "a number"), "NUMBER"),
    int: (_number(int, "a whole number"), "N"),
    str: (str, "TEXT"),
    Path: (Path, "PATH"),
}


class _Store(Action):
    """Keeps a value; of a flag's former name it says what the flag is called now."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        _say_if_renamed(self, option)
        setattr(namespace, self.dest, values)


class _Switch(BooleanOptionalAction):
    """The same of a flag that is on or off."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: Any = None) -> None:
        _say_if_renamed(self, option)
        super().__call__(parser, namespace, values, option)


def _say_if_renamed(action: Action, option: str) -> None:
    if action.help == SUPPRESS:
        note(f"{option} is called {_flag(action.dest)} now; the next version drops the old name")


def add_settings(
    parser: ArgumentParser,
    config: Any,
    *,
    skip: Collection[str] = (),
    prefix: str = "",
    former_prefixes: Sequence[str] = (),
) -> None:
    """Add a flag for each field of a configuration.

    Args:
        config: a dataclass, or one of its instances, whose values are the defaults then; its
            fields' metadata may have ``help``, ``unit`` and ``formerly``.
        prefix: stands before the names of all flags.
        former_prefixes: stood there in the version before.
    """
    types = get_type_hints(config if isinstance(config, type) else type(config))
    for field in fields(config):
        kind = types[field.name]
        if field.name in skip or field.name == SEED:
            continue
        default = _default(config, field)
        known = (field.name, *filter(None, [field.metadata.get("formerly")]))
        name, *former = [before + each for before in (prefix, *former_prefixes) for each in known]
        if isinstance(kind, type) and is_dataclass(kind):
            before = [f"{each}_" for each in former]
            add_settings(parser, default, prefix=f"{name}_", former_prefixes=before)
            continue
        read = _reader(kind, field, where=name)
        help = _help(field, default)
        parser.add_argument(_flag(name), dest=name, default=SUPPRESS, help=help, **read)
        if former:
            flags = map(_flag, former)
            parser.add_argument(*flags, dest=name, default=SUPPRESS, help=SUPPRESS, **read)


def settings_of(
    config: type[Config],
    arguments: Namespace,
    *,
    prefix: str = "",
    defaults: Config | None = None,
) -> Config:
    """Return a configuration with what the command line says, and its own defaults elsewhere.

    Args:
        defaults: where the values come from that were not given; None for the class's own.

    Raises:
        InputError: a value that the configuration does not take.
    """
    given = vars(arguments)
    types = get_type_hints(config)
    chosen: dict[str, Any] = {}
    for field in fields(config):  # type: ignore[arg-type]
        kind = types[field.name]
        name = prefix + field.name
        if isinstance(kind, type) and is_dataclass(kind):
            inner = _default(config if defaults is None else defaults, field)
            chosen[field.name] = settings_of(kind, arguments, prefix=f"{name}_", defaults=inner)
        elif field.name == SEED:
            chosen[SEED] = given[SEED]
        elif name in given:
            value = given[name]
            chosen[field.name] = tuple(value) if isinstance(value, list) else value
    return config(**chosen) if defaults is None else replace(defaults, **chosen)  # type: ignore[type-var]


def _default(config: Any, field: Field[Any]) -> Any:
    """The value of a field where none is given; MISSING if one must be."""
    if not isinstance(config, type):
        return getattr(config, field.name)
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _help(field: Field[Any], default: Any) -> str:
    text = str(field.metadata.get("help", ""))
    unit = field.metadata.get("unit")
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


def _reader(kind: Any, field: Field[Any], *, where: str) -> dict[str, Any]:
    """What ``add_argument`` needs to read a value of a type."""
    if kind is bool:
        return {"action": _Switch}
    choices = field.metadata.get("choices")
    if get_origin(kind) is Literal:
        return {"action": _Store, "choices": get_args(kind)}
    if get_origin(kind) is tuple:
        return {**_reader(get_args(kind)[0], field, where=where), "nargs": "+"}
    if get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind):
        (inner,) = (part for part in get_args(kind) if part is not NoneType)
        read, metavar = _VALUES[inner]
        return {"action": _Store, "type": or_none(read), "metavar": f"{metavar}|{NONE}"}
    if kind not in _VALUES:
        raise TypeError(f"{where}: expected a type that a flag can give, got {kind}")
    read, metavar = _VALUES[kind]
    named = {"choices": choices} if choices else {"metavar": metavar}
    return {"action": _Store, "type": read, **named}
