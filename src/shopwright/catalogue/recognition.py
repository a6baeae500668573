"""Recognising a table: its layout, and which of its columns is which field of a product."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from shopwright.catalogue.columns import (
    FIELDS,
    LATER_COLUMNS,
    OPTION_PREFIX,
    OWN_COLUMNS,
    Columns,
    Pairs,
)
from shopwright.catalogue.layouts.description import (
    PLAIN,
    SHOPWRIGHT,
    Condition,
    Labelled,
    Layout,
    layout_named,
    layouts,
)
from shopwright.catalogue.lookalikes import lookalikes
from shopwright.catalogue.names import Path, bare, normal, paths_of
from shopwright.errors import InputError

# Columns of these fields may be columns of others, too.
_SHARED = frozenset(("id", "sku", "group", "variant_image"))
_MOST_NUMBERED = 50


def recognise(
    names: Sequence[str],
    mapping: Mapping[str, str] | None = None,
    *,
    samples: Sequence[Mapping[str, Any]] = (),
    layout: str | None = None,
    ids_do: bool = False,
) -> Columns:
    """Return what the columns of a table are.

    Args:
        names: the columns of the file.
        mapping: field → column, as ``--map`` gives; they come before what is recognised.
        samples: the cells of some rows, which show what is nested.
        layout: the layout that ``--layout`` forces; found out if None.
        ids_do: whether a table with ids may lack what its layout needs.

    Raises:
        InputError: a mapped field or column does not exist, there is no such layout, or the table
            lacks what its layout needs.
    """
    mapping = mapping or {}
    _check_mapping(mapping, names)
    paths = paths_of(names, samples)
    if layout is None:
        is_own = not mapping and set(OWN_COLUMNS) - LATER_COLUMNS <= set(names)
        chosen = layouts()[SHOPWRIGHT] if is_own else layout_of(paths)
    else:
        chosen = layout_named(layout)
    if chosen.name == SHOPWRIGHT:
        used: dict[str, tuple[Path, ...]] = {
            name: ((name,),) for name in OWN_COLUMNS if name in names
        }
        unused = tuple(name for name in names if name not in OWN_COLUMNS)
        return Columns(layout=chosen, of_field=used, unused=unused)
    found = _Finder(chosen, paths, mapping).columns(names)
    missing = [name for name in chosen.needed if name not in found.of_field]
    if missing and not (ids_do and "id" in found.of_field):
        raise InputError(_lack(found, missing, names, samples, forced=layout is not None))
    return found


def _lack(
    found: Columns,
    missing: Sequence[str],
    names: Sequence[str],
    samples: Sequence[Mapping[str, Any]],
    *,
    forced: bool,
) -> str:
    layout = found.layout
    got = ", ".join(map(repr, names))
    got = got if len(got) <= 300 else f"{got[:300]}…"
    similar = lookalikes(found.unused, samples, missing).get(missing[0])
    advice = f"name it with --map {missing[0]}={_quoted(similar or 'COLUMN')}"
    if layout.name == PLAIN:
        return f"expected a column for the {missing[0]}, got {got}; {advice}"
    wanted = layout.columns.get(missing[0]) or layouts()[PLAIN].columns.get(missing[0], ())
    usual = f" ({' or '.join(map(repr, wanted[:2]))})"
    other = "" if forced else f", or read it as --layout {PLAIN}"
    return (
        f"expected a column for the {missing[0]}{usual} in a table of the layout {layout.name}, "
        f"got {got}; {advice}{other}"
    )


def _quoted(text: str) -> str:
    """A word as a shell takes it."""
    return text if re.fullmatch(r"[\w.:/-]+", text) else f"'{text}'"


def layout_of(paths: Mapping[str, Path]) -> Layout:
    """Return the layout whose signature a table has; the plain one if none fits. Of several the
    one counts that is a kind of the others, then the one of which most columns are there."""

    def has(column: str) -> bool:
        return any(normal(each) in paths for each in column.split(" | "))

    fitting: dict[str, int] = {}
    for layout in layouts().values():
        signature = layout.signature
        count = sum(map(has, signature.any))
        if (
            (signature.all or signature.any)
            and all(map(has, signature.all))
            and (not signature.any or count >= signature.fewest)
            and not any(map(has, signature.none))
        ):
            fitting[layout.name] = len(signature.all) + count
    fitting.pop(SHOPWRIGHT, None)  # It takes all of its columns, as they are written.
    over = {name for each in fitting for name in layouts()[each].signature.over}
    left = [name for name in fitting if name not in over] or [*fitting]
    return layouts()[max(left, key=fitting.__getitem__, default=PLAIN)]


class _Finder:
    """Finds the columns of one table; each is taken once."""

    def __init__(
        self, layout: Layout, paths: Mapping[str, Path], mapping: Mapping[str, str]
    ) -> None:
        self._layout = layout
        self._mapping = mapping
        self._paths = paths
        self._bare: dict[str, Path] = {}
        for path in paths.values():
            if len(path) == 1:
                self._bare.setdefault(bare(path[0]), path)
        self._ignored = {normal(name) for name in layout.ignored}
        self._taken: set[Path] = {(column,) for column in mapping.values()}
        self._used: set[str] = set(mapping.values())

    def columns(self, names: Sequence[str]) -> Columns:
        layout, plain = self._layout, layouts()[PLAIN]
        nested = self._nested()
        of_field: dict[str, tuple[Path, ...]] = {
            name: ((column,),)
            for name, column in self._mapping.items()
            if not name.startswith(OPTION_PREFIX)
        }
        known = {**plain.columns, **layout.columns} if layout.customary else layout.columns
        # A layout's own columns are taken before customary names can take them.
        for name in sorted(known, key=lambda name: name not in layout.columns):
            if name not in of_field and (places := self._places(known[name], name)):
                of_field[name] = places
        if layout.customary:
            for name, own in layout.columns.items():
                is_open = own and name not in of_field and name not in layout.needed
                if is_open and (places := self._places(plain.columns.get(name, ()), name)):
                    of_field[name] = places
        sources = layout.options or (plain.options if layout.customary else ())
        mapped = tuple(
            (name.removeprefix(OPTION_PREFIX).lower(), (), (column,))
            for name, column in self._mapping.items()
            if name.startswith(OPTION_PREFIX)
        )
        options = [Pairs(notation=Labelled(), places=mapped)] if mapped else []
        options += self._pairs([source for source in sources if not source.in_variants])
        details = self._pairs((*layout.details, *(plain.details if layout.customary else ())))
        rules = layout.states or (plain.states if layout.customary else ())
        states = tuple((place, rule) for rule in rules if (place := self._place(*rule.columns)))
        found = Columns(
            layout=layout,
            of_field=of_field,
            options=tuple(options),
            details=tuple(details),
            states=states,
            role=self._place(layout.rows.role),
            untracked=self._conditions(layout.untracked),
            oversold=self._place(*layout.oversold.columns),
            repeated=tuple(filter(None, (self._place(each) for each in layout.rows.repeated))),
            variants=self._place(layout.rows.variants),
            variant_columns=nested,
        )
        unused = tuple(name for name in names if name not in self._used)
        return Columns(**{**vars(found), "unused": unused})

    def _nested(self) -> Columns | None:
        """The columns of nested variants, in their own objects."""
        place = self._place(self._layout.rows.variants)
        if not place:
            return None
        start = f"{normal('.'.join(place))} "
        depth = len(place)
        inner = {
            name.removeprefix(start): path[depth:]
            for name, path in self._paths.items()
            if name.startswith(start)
        }
        finder = _Finder(self._layout, inner, {})
        layout = self._layout
        of_field = {
            name: places
            for name, known in layout.variant_columns.items()
            if (places := finder._places(known, name))
        }
        options = finder._pairs([each for each in layout.options if each.in_variants])
        details = finder._pairs([each for each in layout.details if each.in_variants])
        states = tuple(
            (found, rule) for rule in layout.states if (found := finder._place(*rule.columns))
        )
        return Columns(
            layout=layout,
            of_field=of_field,
            options=tuple(options),
            details=tuple(details),
            states=states,
            untracked=finder._conditions(layout.untracked),
            oversold=finder._place(*layout.oversold.columns),
        )

    def _place(self, *candidates: str) -> Path:
        """The first of some columns that there is, whether taken or not."""
        for candidate in candidates:
            for name in candidate.split(" | "):
                path = self._paths.get(normal(name)) if name else None
                if path is not None:
                    self._used.add(path[0])
                    return path
        return ()

    def _conditions(self, conditions: Sequence[Condition]) -> tuple[tuple[Path, Condition], ...]:
        placed = ((self._place(*condition.columns), condition) for condition in conditions)
        return tuple((place, condition) for place, condition in placed if place)

    def _places(self, candidates: Sequence[str], name: str) -> tuple[Path, ...]:
        """The places of some candidates that are free, numbered ones included, and takes them."""
        found: dict[Path, None] = {}
        for candidate in candidates:
            for number, key in _numbered(candidate, self._paths):
                path = self._paths.get(key)
                if path is not None and self._is_free(key, path, name):
                    found.setdefault(path)
                elif path is None and number > 0:
                    break
        if not found:
            bare_ones = (self._bare.get(normal(candidate)) for candidate in candidates)
            free = (p for p in bare_ones if p and self._is_free(normal(p[0]), p, name))
            found = dict.fromkeys([*free][:1])
        if name not in _SHARED:
            self._taken.update(found)
        self._used.update(path[0] for path in found)
        return tuple(found)

    def _is_free(self, key: str, path: Path, name: str) -> bool:
        if name in _SHARED:
            return key not in self._ignored
        return path not in self._taken and key not in self._ignored

    def _pairs(self, sources: Sequence[Labelled]) -> list[Pairs]:
        pairs = []
        for source in sources:
            places = tuple(self._labelled(source))
            if places:
                pairs.append(Pairs(notation=source, places=places))
        return pairs

    def _labelled(self, source: Labelled) -> Iterator[tuple[str, Path, Path]]:
        for column in source.columns:
            for place in self._places([column], "option"):
                label = normal(column.rpartition("/")[2])
                yield label.removesuffix(" name"), (), place
        if source.values:
            for number in range(_MOST_NUMBERED):
                labels = self._place(source.names.replace("{n}", str(number)))
                if not (labels or source.label or source.names_in_product):
                    continue
                numbered = source.values.replace("{n}", str(number))
                if places := self._places([numbered], "option"):
                    self._taken.add(labels)
                    yield source.label if not labels else "", labels, places[0]
        for column in (source.text, source.nested):
            # A title may hold options, and a list both options and details.
            if place := self._place(column):
                yield "", (), place
        if source.matching:
            for path in self._paths.values():
                match = re.match(source.matching, path[0]) if len(path) == 1 else None
                if match and path not in self._taken:
                    self._taken.add(path)
                    self._used.add(path[0])
                    yield match.group(1).lower(), (), path


def _numbered(candidate: str, known: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The normal names that a candidate stands for: "{n}" for numbers, "*" at its end for any of
    the known names that begin so."""
    if candidate.endswith("*"):
        start = f"{normal(candidate)} "
        yield from ((0, name) for name in known if name.startswith(start))
        return
    if "{n}" not in candidate:
        yield 0, normal(candidate)
        return
    for number in range(_MOST_NUMBERED):
        yield number, normal(candidate.replace("{n}", str(number)))


def _check_mapping(mapping: Mapping[str, str], names: Sequence[str]) -> None:
    for name, column in mapping.items():
        if name not in FIELDS and not name.startswith(OPTION_PREFIX):
            raise InputError(
                f"--map: expected a field ({', '.join(FIELDS)} or {OPTION_PREFIX}NAME), "
                f"got {name!r}"
            )
        if name == OPTION_PREFIX:
            raise InputError(f"--map: expected {OPTION_PREFIX}NAME=COLUMN, got no name")
        if column not in names:
            close = difflib.get_close_matches(column, names, n=1)
            advice = f"; did you mean {close[0]!r}?" if close else ""
            raise InputError(
                f"--map {name}: expected a column of the table ({', '.join(names):.300}), "
                f"got {column!r}{advice}"
            )
