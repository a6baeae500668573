"""The command line: finds the verb, runs it and turns errors into one line and an exit status.

Exit statuses: 0 done; 2 bad input (:class:`~shopwright.errors.InputError`, wrong arguments); 1 a
failure of ours; 130 interrupted. A verb's module is imported when the verb is called, so that help
is quick and loads no torch.
"""

from __future__ import annotations

import os
import sys
import traceback
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

from shopwright import __version__
from shopwright.cli.command import Command, Parser, whole_number
from shopwright.console import harmless
from shopwright.errors import InputError, ShopwrightError

PROGRAM = "shopwright"

# Verb → the module of `cli` that has it, and its line in the list of verbs.
VERBS = {
    "demo": ("demo", "the whole way on an invented shop: build, train, measure, recommend"),
    "shop build": ("shop", "build a shop folder from products"),
    "shop info": ("shop", "show what a shop folder holds"),
    "shop export": ("shop", "write a shop's products as a table"),
    "generate": ("generate", "let an agent shop and keep its perfect rollouts"),
    "generate preferences": ("preferences", "let an agent shop and compare what it did"),
    "import sessions": ("exchange", "read WebShop's logs of people shopping"),
    "import imitation": ("exchange", "read WebShop's file of demonstrations"),
    "export": ("exchange", "write episodes or preferences for TRL's trainers"),
    "train": ("train", "train an agent by the default recipe, from nothing"),
    "train imitation": ("train", "train an agent to do as trajectories show"),
    "train dpo": ("train", "improve an agent by preferences (DPO)"),
    "train encoder": ("train", "adapt the language model to a shop, by LoRA or as a whole"),
    "train policy-gradient": ("train_paper", "improve an agent by WebShop's policy gradient"),
    "train ppo": ("train_paper", "improve an agent by proximal policy optimisation"),
    "train paper-dpo": ("train_paper", "improve an agent by DPO as in the paper"),
    "train reward-model": ("train_paper", "train a reward from comparisons of purchases"),
    "train no-pretraining": ("train_paper", "train an agent without a language model"),
    "train query": ("train_paper", "train what to type into the search box"),
    "evaluate": ("evaluate", "measure an agent: score and success with 95 % intervals"),
    "compare": ("compare", "compare agents: in pairs, and by Thompson sampling"),
    "reproduce": ("reproduce", "the paper's comparison: every method on the same clock"),
    "recommend": ("recommend", "recommend products for a request in plain words"),
    "serve": ("serve", "serve an agent over HTTP, with a page to try it"),
    "demonstrations": ("online", "export what people did on the page as trajectories"),
    "online-report": ("online", "report the online experiment, and what others would have earned"),
}
# Packages that only some installations have, and what brings them.
OPTIONAL_PACKAGES = {
    "torch": "learn",
    "peft": "adapt",
    "transformers": "learn",
    "safetensors": "learn",
    "fastapi": "serve",
    "jinja2": "report",
    "matplotlib": "report",
    "pyarrow": "tables",
    "uvicorn": "serve",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status.

    Args:
        arguments: without the program's name; those of this process if None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A catalogue may hold characters that the terminal's encoding lacks.
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        command, namespace = parse(words)
        if getattr(namespace, "device", None):
            from shopwright.encoding.language_model import set_device

            set_device(namespace.device)
        command.run(namespace)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except InputError as error:
        return _complain(f"error: {error}", 2, words)
    except ShopwrightError as error:
        return _complain(f"error: {error}", 1, words)
    except ModuleNotFoundError as error:
        extra = OPTIONAL_PACKAGES.get(str(error.name).partition(".")[0])
        advice = f"; install it with: pip install 'shopwright[{extra}]'" if extra else ""
        return _complain(f"error: {error}{advice}", 1, words)
    except Exception as error:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _complain(f"error: {what} (--traceback shows where)", 1, words)
    return 0


def parse(words: Sequence[str]) -> tuple[Command, Namespace]:
    """Return the command that a command line names, and its arguments.

    Args:
        words: the command line without the program's name.

    Raises:
        InputError: there is no such verb, or its arguments are wrong.
        SystemExit: help or the version was asked for and printed.
    """
    verb = _verb(words)
    if verb is None:
        _general_parser().parse_args(words)
        raise InputError(f"expected a verb, got none; see: {PROGRAM} --help")
    module, _ = VERBS[verb]
    command: Command = import_module(f"shopwright.cli.{module}").COMMANDS[verb]
    return command, _parser(verb, command).parse_args(words[len(verb.split()) :])


def _verb(words: Sequence[str]) -> str | None:
    """The verb that the words begin with; None if they begin with an option or not at all."""
    if not words or words[0].startswith("-"):
        return None
    group = words[0]
    members = [verb.partition(" ")[2] for verb in VERBS if verb.startswith(f"{group} ")]
    second = words[1] if len(words) > 1 else ""
    if second in members:
        return f"{group} {second}"
    if group in VERBS and (not members or not second or second.startswith("-")):
        return group
    if members and second.startswith("-"):
        # `shopwright shop --help`
        return None
    if members:
        got = repr(second) if second else "nothing"
        raise InputError(
            f"{group}: expected one of {', '.join(members)}, got {got}; see: {PROGRAM} --help"
        )
    names = dict.fromkeys(verb.partition(" ")[0] for verb in VERBS)
    raise InputError(f"expected one of {', '.join(names)}, got {group!r}; see: {PROGRAM} --help")


def _general_parser() -> ArgumentParser:
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {verb:{width}}  {line}" for verb, (_, line) in VERBS.items())
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} VERB [options]",
        description="Trains shopping agents from a product catalogue.",
        epilog=f"verbs:\n{verbs}\n\nSee also: {PROGRAM} VERB --help",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    return parser


def _parser(verb: str, command: Command) -> ArgumentParser:
    parser = Parser(
        prog=f"{PROGRAM} {verb}",
        description=command.description,
        epilog=f"example:\n  {command.example}",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help=f"{command.seed} (default: 0)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the result as one JSON object on stdout"
    )
    parser.add_argument(
        "--traceback", action="store_true", help="show where a failure arose, not only its line"
    )
    return parser


def _complain(line: str, status: int, words: Sequence[str] = ()) -> int:
    if "--traceback" in words:
        traceback.print_exc()
    print(f"{PROGRAM}: {harmless(line)}", file=sys.stderr)
    return status
