"""The run folder: what was asked for, what happened, and how a killed run goes on.

Files:
    run.json: operation, configuration, inputs, seed, versions; written first.
    metrics.jsonl: a line per log point; no times, so that equal runs give equal bytes.
    checkpoint/: the state to go on from (written by the operation); gone when the run is done.
    failures.jsonl: of the default recipe, the episodes on dev goals in which the agent failed.
    result.json: the summary, with times; written last.
"""

from __future__ import annotations

import functools
import importlib.metadata
import inspect
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import orjson

from shopwright.errors import InputError
from shopwright.files import NEW, add, read_bytes, read_json, replacing, sync_file, write_json
from shopwright.locks import beside, locked

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FORMAT_VERSION = 1
FAILURES = "failures.jsonl"
# Where and how something is computed, not what: a run may go on elsewhere.
MACHINE_SETTINGS = ("device", "threads", "processes")
_PACKAGES = ("numpy", "torch", "transformers")


def one_at_a_time(operation: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return an operation that refuses a run folder, its argument ``out``, in which another process
    is at work."""
    signature = inspect.signature(operation)

    @functools.wraps(operation)
    def alone(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        out = signature.bind(*arguments, **named).arguments["out"]
        with locked(out, wait_seconds=0):
            return operation(*arguments, **named)

    return alone


@dataclass(frozen=True, slots=True)
class Run:
    """An opened run folder.

    Attributes:
        folder: where it is.
        finished: whether it has a result already.
    """

    folder: Path
    finished: bool

    @classmethod
    def open(cls, folder: Path, operation: str, settings: Mapping[str, Any]) -> Run:
        """Begin a run, or go on with one that has the same settings, whatever it computes with
        (:data:`MACHINE_SETTINGS`): only on the same device, by as many threads, are the bytes sure
        to be those of a run that was not interrupted.

        Args:
            operation: e.g. "imitation".
            settings: everything that decides the result; JSON types.

        Raises:
            InputError: the folder holds another run, or something else.
        """
        asked = {"operation": operation, **settings}
        path = folder / "run.json"
        if path.is_file():
            found = read_json(path)
            different = _differences(
                {name: found.get(name) for name in asked}, orjson.loads(orjson.dumps(asked))
            )
            if different:
                raise InputError(
                    f"{path}: expected a run with the same settings, got another "
                    f"{', '.join(different)}; choose another folder"
                )
        elif folder.exists() and not _is_free(folder):
            raise InputError(f"{folder}: expected a new or empty folder, or a run to go on with")
        else:
            write_json(path, {"version": FORMAT_VERSION, **asked, "versions": versions()})
        return cls(folder, (folder / "result.json").is_file())

    @property
    def checkpoint(self) -> Path:
        """The checkpoint's folder."""
        return self.folder / "checkpoint"

    def result(self) -> dict[str, Any]:
        """Return the summary of a finished run."""
        value: dict[str, Any] = read_json(self.folder / "result.json")
        return value

    def finish(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Write the summary and return it."""
        self.sync_metrics()
        write_json(self.folder / "result.json", dict(result))
        return dict(result)

    def log(self, record: Mapping[str, Any]) -> None:
        """Add a line to metrics.jsonl."""
        line = orjson.dumps(dict(record), option=orjson.OPT_APPEND_NEWLINE)
        add(self.folder / "metrics.jsonl", line)

    def sync_metrics(self) -> None:
        """Have metrics.jsonl on the disk, before what says that so much is done."""
        if (self.folder / "metrics.jsonl").is_file():
            sync_file(self.folder / "metrics.jsonl")

    def metrics(self) -> list[dict[str, Any]]:
        """Return the lines of metrics.jsonl."""
        path = self.folder / "metrics.jsonl"
        if not path.is_file():
            return []
        return [orjson.loads(line) for line in read_bytes(path).splitlines()]

    def forget_metrics_after(self, step: int) -> None:
        """Drop the lines that a killed run wrote after its last checkpoint."""
        path = self.folder / "metrics.jsonl"
        if path.is_file():
            kept = []
            for line in read_bytes(path).splitlines():
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError:
                    break  # The line that was being written when the run was killed.
                if record["step"] <= step:
                    kept.append(line + b"\n")
            with replacing(path) as file:
                file.write(b"".join(kept))


def _is_free(folder: Path) -> bool:
    """Whether a folder has nothing but what a writer of run.json may leave that was killed."""
    left = {beside(folder / "run.json", kind) for kind in (NEW, "lock")}
    return folder.is_dir() and left.issuperset(folder.iterdir())


def _differences(found: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """Name what differs; of a part that both have, such as the configuration, which field."""
    names = []
    for name, value in asked.items():
        known = found.get(name)
        if isinstance(value, dict) and isinstance(known, dict):
            names += [
                f"{name}.{field}"
                for field in dict.fromkeys([*value, *known])
                if field not in MACHINE_SETTINGS
                and (field not in value or field not in known or value[field] != known[field])
            ]
        elif value != known:
            names.append(name)
    return names


def versions() -> dict[str, str]:
    """Return the versions of what results depend on."""
    from shopwright import __version__

    found = {"shopwright": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "none"
    return found
