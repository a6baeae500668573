"""What a verb of the command line consists of, and the arguments that several of them share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from shopwright.console import note, print_line
from shopwright.errors import InputError
from shopwright.shop import verl_agent
from shopwright.shop.goals import SPLITS
from shopwright.shop.nouns import WordTagger
from shopwright.store.database import place_of

if TYPE_CHECKING:
    from shopwright.console import Stages
    from shopwright.language.config import LanguageConfig
    from shopwright.rollouts.agent import PrivilegedAgent, Shopper
    from shopwright.shop.shop import Shop

NONE = "none"
UNUSED_SEED = "accepted by every verb; nothing is drawn here"
GOALS_HELP = f"{', '.join((*SPLITS, *verl_agent.NAMES))}, or a JSON lines file of goals"
# Agents that are told the goal cannot answer a request in plain words.
READING_AGENT_HELP = (
    "a run folder, hf:FOLDER, openai:MODEL@URL, or random, rule, rule-options, rule-page, "
    "explorer, browser"
)
AGENT_HELP = f"{READING_AGENT_HELP}, oracle, target"


class Argument:
    """An argument of a verb, as ``ArgumentParser.add_argument`` takes it.

    Args:
        names: its flags, or the name of a positional one.
        group: the heading that it stands under in help; empty for none.
        settings: the keyword arguments.
    """

    def __init__(self, *names: str, group: str = "", **settings: Any) -> None:
        self.names, self.group, self.settings = names, group, settings


def path(name: str, metavar: str, help: str, **settings: Any) -> Argument:
    """Return an argument that is a path."""
    return Argument(name, type=Path, metavar=metavar, help=help, **settings)


def switch(name: str, help: str, **settings: Any) -> Argument:
    """Return a flag that is given or not."""
    return Argument(name, action="store_true", help=help, **settings)


def number(name: str, metavar: str, help: str, *, at_least: int = 1, **settings: Any) -> Argument:
    """Return an argument that is a whole number; its help says the default where it has one."""
    if settings.get("default") is not None:
        help = f"{help} (default: {settings['default']})"
    read = whole_number(at_least)
    return Argument(name, type=read, metavar=metavar, help=help, **settings)


def agents(help: str) -> Argument:
    """Return the argument of a verb that takes several agents, or none."""
    several: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}
    return Argument("--agent", metavar="AGENT", help=help, **several)


def store_place(help: str, *, name: str = "--store", **settings: Any) -> Argument:
    """Return an argument that says where a service keeps what it must not forget."""
    if name == "--store":
        names: tuple[str, ...] = (name, "--feedback")
        settings["dest"] = "store"
    else:
        names = (name,)
    help = f"{help}: an SQLite file, or postgresql://USER@HOST/DATABASE"
    return Argument(*names, type=place_of, metavar="STORE", help=help, **settings)


def print_fields(record: Mapping[str, Any]) -> None:
    """Print a line for each part of a result."""
    for name, value in record.items():
        print_line(f"{name}: {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        parts = (
            f"{name} ({_shown(part)})" if isinstance(part, Mapping) else f"{name} {_shown(part)}"
            for name, part in value.items()
        )
        return ", ".join(parts)
    return str(value)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A verb.

    Attributes:
        description: what it does, for its help.
        example: a command line that shows it.
        arguments: its own arguments, or what returns them when the verb is called.
        configs: configurations whose fields are flags too, or what returns them.
        run: does it and returns its result, JSON types; None if it has none.
        show: prints the result for people.
        seed: what ``--seed`` decides, for its help.
        divided: whether its work can be divided among machines (``--cluster``).
    """

    description: str
    example: str
    run: Callable[[Namespace], Mapping[str, Any] | None]
    show: Callable[[Mapping[str, Any]], None] = print_fields
    arguments: Sequence[Argument] | Callable[[], Sequence[Argument]] = ()
    configs: Sequence[type] | Callable[[], Sequence[type]] = ()
    seed: str = "decides every random draw"
    divided: bool = False


class Parser(ArgumentParser):
    """A parser whose complaints are bad input: one line, exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint."""
        raise InputError(f"{message}; see: {self.prog} --help")


def add_arguments(parser: ArgumentParser, command: Command) -> None:
    """Add the arguments of a verb, and those that every verb has."""
    from shopwright.cli.settings import add_settings

    groups: dict[str, Any] = {"": parser}
    arguments = command.arguments() if callable(command.arguments) else command.arguments
    for each in arguments:
        if each.group not in groups:
            groups[each.group] = parser.add_argument_group(each.group)
        groups[each.group].add_argument(*each.names, **each.settings)
    for config in command.configs() if callable(command.configs) else command.configs:
        heading = getattr(config, "HEADING", "")
        add_settings(parser.add_argument_group(heading) if heading else parser, config())
    if command.divided:
        parser.add_argument(
            "--cluster",
            metavar="ADDRESS",
            help="divide the work among the machines of a Ray cluster: HOST:PORT, auto (the one "
            "that runs here), or local (one of this machine's cores); the result is the same",
        )
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help=f"{command.seed} (default: 0)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the result as one JSON object on stdout"
    )
    parser.add_argument(
        "--traceback", action="store_true", help="show where an error arose, not only its line"
    )


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


SHOP = path("--shop", "SHOP", "the shop folder", required=True)
AGENT = Argument("--agent", required=True, metavar="AGENT", help=AGENT_HELP)
GOALS = Argument("--goals", required=True, metavar="GOALS", help=GOALS_HELP)
FAST = switch(
    "--fast", "find by words alone and ask no agent: less relevant, in a fraction of the time"
)
OUT_FILE = path("--out", "FILE.jsonl", "the file to write", required=True)


def open_agent_with_progress(
    stages: Stages, name: str, shop: Shop, *, seed: int, language: LanguageConfig | None = None
) -> Shopper | PrivilegedAgent:
    """Open an agent; a trained one may first have to encode the shop's texts. It computes with one
    thread from then on, and a note says so if it comes from another shop.

    Args:
        language: how a language model is asked.
    """
    from shopwright.agents.registry import (
        BUILT_IN,
        is_from_another_shop,
        is_language_model,
        open_agent,
    )

    if name in BUILT_IN:
        return open_agent(name, shop, seed=seed)
    from shopwright.encoding.compute import use_threads

    with stages.stage("agent"):
        agent = open_agent(name, shop, seed=seed, language=language)
    if is_language_model(name):
        return agent
    # Its networks are so small that several threads take twice as long.
    use_threads(1)
    if is_from_another_shop(agent, shop):
        note(f"{name}: trained in another shop than {shop.folder}; it may do worse here")
    return agent


def note_on_goals(shop: Shop) -> None:
    """Warn where results on a shop's goals cannot be compared with those elsewhere."""
    if any(shop.pending.values()):
        note(
            "goals are those of the last build, products were changed since: some may no longer "
            f"be met; take the changes in first: shopwright shop compact {shop.folder}"
        )
    if shop.manifest["nouns"] == WordTagger.name:
        note(
            f"nouns of titles come from the fallback tagger {WordTagger.name!r}: rewards differ "
            "from those in a shop that is built with spaCy's English model"
        )


def output_file(path: Path, *, flag: str = "--out") -> Path:
    """Return the path if a file can stand there, so that long work is not done in vain.

    Raises:
        InputError: it is a folder, or below a file.
    """
    if path.is_dir():
        raise InputError(f"{flag}: expected a file, got the folder {path}")
    for parent in path.absolute().parents:
        if parent.exists():
            if not parent.is_dir():
                raise InputError(f"{flag}: expected a path below folders, got {path}")
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
