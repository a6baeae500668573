"""Every configuration of the package checks every field, in one way."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import ModuleType
from typing import Any, Literal, get_type_hints

import pytest

import shopwright
from shopwright.config import Configuration, setting
from shopwright.errors import InputError


def modules() -> Iterator[ModuleType]:
    """All modules, without the adapters whose frameworks are not installed."""
    for module in pkgutil.walk_packages(shopwright.__path__, "shopwright."):
        # Migrations are run by Alembic alone.
        if module.name.endswith("__main__") or ".migrations." in module.name:
            continue
        try:
            yield importlib.import_module(module.name)
        except ModuleNotFoundError:
            if not module.name.startswith("shopwright.integrations."):
                raise


def configurations() -> list[type[Any]]:
    assert list(modules())
    found, open_ones = [], [Configuration]
    while open_ones:
        subclasses = open_ones.pop().__subclasses__()
        found += [kind for kind in subclasses if kind.__module__.startswith("shopwright.")]
        open_ones += subclasses
    return sorted(found, key=lambda kind: kind.__qualname__)


@dataclass(frozen=True, kw_only=True)
class Inner(Configuration):
    hidden: int = setting(8, help="hidden units", minimum=1)


@dataclass(frozen=True, kw_only=True)
class Example(Configuration):
    steps: int = setting(10, help="gradient steps", minimum=1)
    rate: float = setting(0.1, help="learning rate", above=0)
    share: float = setting(0.5, help="share", minimum=0, maximum=1)
    smoothing: float = setting(0.0, help="smoothing", minimum=0, below=0.5)
    minutes: float | None = setting(None, help="budget", above=0)
    kind: Literal["one", "other"] = setting("one", help="kind")
    sample: bool = setting(False, help="sample")
    inner: Inner = setting(Inner, help="sizes")


@dataclass(frozen=True, kw_only=True)
class Other(Inner, Example):
    steps: int = 20


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": -5}, "steps: expected a whole number of at least 1, got -5"),
        ({"steps": 2.0}, "steps: expected a whole number of at least 1, got 2.0"),
        ({"steps": True}, "steps: expected a whole number of at least 1, got True"),
        ({"rate": 0}, "rate: expected a number above 0, got 0"),
        ({"rate": math.inf}, "rate: expected a number above 0, got inf"),
        ({"rate": "0.1"}, "rate: expected a number above 0, got '0.1'"),
        ({"share": math.nan}, "share: expected a number from 0 to 1, got nan"),
        ({"smoothing": 0.5}, "smoothing: expected a number of at least 0 and below 0.5, got 0.5"),
        ({"minutes": 0}, "minutes: expected a number above 0 or none, got 0"),
        ({"kind": "third"}, "kind: expected one of one, other, got 'third'"),
        ({"sample": 1}, "sample: expected true or false, got 1"),
        ({"inner": None}, "inner: expected Inner, got None"),
    ],
)
def test_a_value_outside_its_fields_range_is_refused(values: dict[str, Any], message: str) -> None:
    for kind in (Example, Other):
        with pytest.raises(InputError) as caught:
            kind(**values)
        assert str(caught.value).startswith(message)


def test_values_at_the_ends_of_ranges_are_taken() -> None:
    Example(steps=1, rate=1e-9, share=1, smoothing=0, minutes=1, inner=Inner(hidden=1))


def test_a_subclass_changes_a_default_and_keeps_the_rest_of_the_field() -> None:
    assert (Other().steps, Example().steps) == (20, 10)
    stated = {field.name: field.metadata for field in (*fields(Example), *fields(Inner))}
    assert {field.name: field.metadata for field in fields(Other)} == stated


def test_every_numeric_field_of_every_configuration_has_a_range_and_refuses_other_values() -> None:
    found = configurations()
    assert len(found) > 20
    for config in found:
        assert is_dataclass(config), config
        types = get_type_hints(config)
        required = {
            field.name: ""
            for field in fields(config)
            if field.default is MISSING and field.default_factory is MISSING
        }
        for field in fields(config):
            where = f"{config.__qualname__}.{field.name}"
            assert field.metadata.get("help"), f"{where}: expected help"
            if types[field.name] not in (int, float, float | None):
                continue
            limits = field.metadata
            if field.name != "seed":
                assert {"minimum", "above"} & set(limits), f"{where}: expected a range"
            wrong = [math.nan, -math.inf, math.inf, "1", True]
            for name, step in (("minimum", -1), ("above", 0), ("maximum", 1), ("below", 0)):
                if name in limits:
                    wrong.append(limits[name] + step)
            for value in wrong:
                with pytest.raises(InputError, match=f"^{field.name}: expected "):
                    config(**{**required, field.name: value})


def test_every_configuration_of_the_package_inherits_the_check() -> None:
    inheriting = {f"{kind.__module__}.{kind.__qualname__}" for kind in configurations()}
    for module in modules():
        for name, kind in vars(module).items():
            # Sizes of networks, which nobody sets.
            if name in ("ChoiceConfig", "StatesConfig"):
                continue
            if isinstance(kind, type) and is_dataclass(kind) and name.endswith("Config"):
                assert f"{kind.__module__}.{kind.__qualname__}" in inheriting, name
