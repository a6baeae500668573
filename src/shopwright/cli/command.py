"""What a verb of the command line consists of, and the arguments that several of them share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from shopwright.errors import InputError, MissingFileError
from shopwright.shop.goals import SPLITS, Goal, read_goals

if TYPE_CHECKING:
    from shopwright.console import Stages
    from shopwright.rollouts.rollout import Agent, PrivilegedAgent
    from shopwright.shop.shop import Shop

NONE = "none"
GOALS_HELP = f"{', '.join(SPLITS)}, or a JSON lines file of goals"
AGENT_HELP = "a run folder, or random, rule, rule-options, rule-page, oracle, target"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A verb.

    Attributes:
        description: what it does, for its help.
        example: a command line that shows it.
        add_arguments: adds its own arguments to a parser.
        run: does it; what it prints to stdout is its result.
        seed: what ``--seed`` decides, for its help.
    """

    description: str
    example: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], None]
    seed: str = "decides every random draw"


class Parser(ArgumentParser):
    """A parser whose complaints are errors of ours: one line, exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint.

        Raises:
            InputError: always.
        """
        raise InputError(f"{message}; see: {self.prog} --help")


def whole_number(at_least: int) -> Callable[[str], int]:
    """Return an argument type: whole numbers from ``at_least`` on."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ArgumentTypeError(f"expected a whole number, got {text!r}") from None
        if number < at_least:
            raise ArgumentTypeError(f"expected at least {at_least}, got {number}")
        return number

    return parse


def or_none(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return an argument type: what ``read`` takes, or "none" for None."""
    return lambda text: None if text == NONE else read(text)


def add_shop(parser: ArgumentParser) -> None:
    """Add ``--shop``."""
    parser.add_argument("--shop", type=Path, required=True, metavar="SHOP", help="the shop folder")


def add_device(parser: ArgumentParser) -> None:
    """Add ``--device``."""
    parser.add_argument(
        "--device",
        default="auto",
        metavar="DEVICE",
        help="where the language model computes: cpu, cuda, or auto, a GPU if there is one "
        "(default: auto); the policies' own small networks stay on the CPU",
    )


def add_agent(parser: ArgumentParser) -> None:
    """Add ``--agent``."""
    parser.add_argument("--agent", required=True, metavar="AGENT", help=AGENT_HELP)


def add_goals(parser: ArgumentParser) -> None:
    """Add ``--goals``."""
    parser.add_argument("--goals", required=True, metavar="GOALS", help=GOALS_HELP)


def goals_named(shop: Shop, name: str) -> list[Goal]:
    """Return the goals of a split or of a file.

    Raises:
        InputError: there is neither, a line of the file is wrong, or the split has no goal.
    """
    if name not in SPLITS:
        if not Path(name).exists():
            raise MissingFileError(f"--goals: expected {GOALS_HELP}, got {name!r}")
        return read_goals(Path(name), shop.catalogue)
    goals = shop.goals.split(name)
    if not goals:
        raise InputError(
            f"--goals: expected a split that has goals, got {name!r}, which has none in "
            f"{shop.folder} ({len(shop.goals)} goals in all); give a file of goals"
        )
    return goals


def open_agent_with_progress(
    stages: Stages, name: str, shop: Shop, *, seed: int
) -> Agent | PrivilegedAgent:
    """Open an agent; a trained one may first have to encode the shop's texts. From then on it
    computes with one thread: its networks are so small that several take twice as long.

    Args:
        stages: where the progress is shown.
        name: a built-in agent's or a run folder.
        shop: where it will act.
        seed: of the random agent.
    """
    from shopwright.agents.registry import open_agent
    from shopwright.agents.rules import BUILT_IN

    if name in BUILT_IN:
        return open_agent(name, shop, seed=seed)
    with stages.stage("agent"):
        agent = open_agent(name, shop, seed=seed)
    from shopwright.encoding.language_model import set_threads

    set_threads(1)
    return agent


def output_file(path: Path) -> Path:
    """Return the path if a file can stand there, so that long work is not done in vain.

    Raises:
        InputError: it is a folder, or below a file.
    """
    if path.is_dir():
        raise InputError(f"--out: expected a file, got the folder {path}")
    for parent in path.absolute().parents:
        if parent.exists():
            if not parent.is_dir():
                raise InputError(f"--out: expected a path below folders, got {path}")
            break
    return path


def new_folder(path: Path) -> Path:
    """Return the path if nothing is there or an empty folder.

    Raises:
        InputError: something else is there.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"--out: expected a new or empty folder, got {path}")
    return path
