"""The command line: finds the verb, runs it and turns errors into one line and an exit status.

Exit statuses: 0 done; 2 bad input (:class:`~shopwright.errors.InputError`, wrong arguments); 1 an
internal error; 130 interrupted. A verb's module is imported when the verb is called, so that help
and version are quick and load no torch.
"""

from __future__ import annotations

import os
import sys
import traceback
from argparse import SUPPRESS, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

from shopwright import __version__
from shopwright.cli.command import Command, Parser, add_arguments
from shopwright.console import harmless, note, print_json
from shopwright.errors import InputError, ShopwrightError

PROGRAM = "shopwright"

# Verb → the module of `cli` that has it, and its line in the list of verbs.
VERBS = {
    "demo": ("demo", "the whole way on an invented shop: build, train, measure, recommend"),
    "shop build": ("shop", "build a shop folder from products"),
    "shop layouts": ("table", "list the tables that shop build knows"),
    "shop info": ("shop", "show what a shop folder holds"),
    "shop update": ("update", "put new and changed products into a shop, and remove others"),
    "shop compact": ("update", "build a changed shop anew"),
    "shop export": ("shop", "write a shop's products as a table"),
    "generate": ("generate", "let an agent shop and keep its perfect rollouts"),
    "generate preferences": ("generate", "let an agent shop and compare what it did"),
    "import sessions": ("exchange", "read WebShop's logs of people shopping"),
    "import imitation": ("exchange", "read WebShop's file of demonstrations"),
    "export": ("exchange", "write episodes or preferences for TRL's trainers"),
    "train": ("train", "train an agent by the default recipe, from nothing"),
    "train imitation": ("train", "train an agent to do as trajectories show"),
    "train dpo": ("train", "improve an agent by preferences (DPO)"),
    "train feedback": ("train", "learn what customers like from a service's log"),
    "train sft": ("train", "fine-tune a causal language model on trajectories (TRL)"),
    "train language-dpo": ("train", "improve a causal language model by preferences (TRL)"),
    "train grpo": ("train", "improve a causal language model while it shops (TRL)"),
    "train encoder": ("train", "adapt the language model to a shop, by LoRA or as a whole"),
    "train policy-gradient": ("train", "improve an agent by WebShop's policy gradient"),
    "train ppo": ("train", "improve an agent by proximal policy optimisation"),
    "train paper-dpo": ("train", "improve an agent by DPO as in the paper"),
    "train returning": ("returning", "train what to show customers so that they come back"),
    "train reward-model": ("train", "train a reward from comparisons of purchases"),
    "train no-pretraining": ("train", "train an agent without a language model"),
    "train query": ("train", "train what to type into the search box"),
    "train conversation": ("conversation", "train when to ask shoppers, what, and when to offer"),
    "evaluate": ("evaluate", "measure an agent: score and success with 95 % intervals"),
    "compare": ("compare", "compare agents: in pairs, and by Thompson sampling"),
    "benchmark relevance": ("benchmark", "measure what agents find against people's grades"),
    "benchmark conversations": ("conversation", "measure agents that ask simulated shoppers"),
    "reproduce": ("reproduce", "the paper's comparison: every method on the same budget"),
    "recommend": ("recommend", "recommend products for a request in plain words"),
    "serve": ("serve", "serve an agent over HTTP, with a page to try it"),
    "mcp": ("mcp", "serve the shop's catalogue as tools for assistants (MCP, UCP)"),
    "demonstrations": ("online", "export what people did on the page as trajectories"),
    "release": ("release", "bring an agent into service if the log says that it is better"),
    "online-report": ("online", "report the online experiment, and what others would have earned"),
    "store backup": ("online", "copy a service's feedback while it serves"),
    "store migrate": ("online", "make a service's tables in PostgreSQL, or bring them up to date"),
}
# Packages that only some installations have, and the extra that brings them.
OPTIONAL_PACKAGES = {
    "huggingface_hub": "learn",
    "ir_measures": "relevance",
    "torch": "learn",
    "datasets": "trl",
    "peft": "adapt",
    "trl": "trl",
    "transformers": "learn",
    "safetensors": "learn",
    "sqlalchemy": "postgres",
    "fastapi": "serve",
    "jinja2": "report",
    "matplotlib": "report",
    "mcp": "mcp",
    "pydantic": "serve",
    "pyarrow": "tables",
    "ray": "ray",
    "uvicorn": "serve",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status.

    Args:
        arguments: without the program's name; those of this process if None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Threads that wait by spinning take the cores from whatever else runs; a machine with two cores
    # then computes several times slower. It has to be said before torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for stream in (sys.stdout, sys.stderr):
        # A catalogue may hold characters that the terminal's encoding lacks.
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        command, namespace = parse(words)
        record = _run(command, namespace)
        if record is not None and namespace.json:
            print_json(record)
        elif record is not None:
            command.show(record)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except BrokenPipeError:
        # Whoever read the output has gone; Python would complain again when it flushes at exit.
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


def _run(command: Command, arguments: Namespace) -> Mapping[str, Any] | None:
    address = getattr(arguments, "cluster", None)
    if address is None:
        return command.run(arguments)
    from shopwright.cluster import RayPool
    from shopwright.workers import using

    with RayPool(address) as pool, using(pool):
        record = command.run(arguments)
        note(pool.cost())
    return record


def parse(words: Sequence[str]) -> tuple[Command, Namespace]:
    """Return the command that a command line names, and its arguments.

    Raises:
        InputError: there is no such verb, or its arguments are wrong.
        SystemExit: help or the version was asked for and printed.
    """
    words = [*words]
    if words[:2] == ["train", "dpo"] and any(word.split("=")[0] == "--policy" for word in words):
        words[1] = "language-dpo"  # Of language models TRL's, not ours.
    parser = VerbParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} VERB [options]",
        description="Trains shopping agents from a product catalogue.",
        epilog=f"verbs:\n{_listed(VERBS)}\n\nSee also: {PROGRAM} VERB --help",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    namespace = parser.parse_args(words)
    return namespace.command, namespace


class VerbParser(Parser):
    """The parser of a verb, of a group of verbs, or of the whole program.

    It is filled when it parses: only the verb that is called is imported.

    Args:
        verb: whose parser it is; empty for the program's.
    """

    def __init__(self, *, verb: str = "", **settings: Any) -> None:
        super().__init__(
            **settings, formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False
        )
        self._verb = verb

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Fill the parser, then parse. Arguments that nobody knows are an error here already."""
        words = list(args)
        # `train` is a verb, and the group of `train imitation` and others.
        called = self._verb in VERBS and (not words or words[0].startswith("-"))
        members = self._members()
        if members and not called:
            verbs = self.add_subparsers(metavar="VERB", required=True, help=SUPPRESS)
            for name in dict.fromkeys(member.split()[0] for member in members):
                verb = f"{self._verb} {name}".strip()
                verbs.add_parser(name, verb=verb, prog=f"{PROGRAM} {verb}")
            if self._verb:
                self.epilog = f"verbs:\n{_listed(f'{self._verb} {name}' for name in members)}"
        else:
            self._add_command(members)
        known, rest = super().parse_known_args(words, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return known, rest

    def _members(self) -> list[str]:
        """What the verbs of this group are called in it."""
        prefix = f"{self._verb} " if self._verb else ""
        return [verb.removeprefix(prefix) for verb in VERBS if verb.startswith(prefix)]

    def _add_command(self, members: Sequence[str]) -> None:
        module, _ = VERBS[self._verb]
        command: Command = import_module(f"shopwright.cli.{module}").COMMANDS[self._verb]
        self.description = command.description
        self.epilog = f"example:\n  {command.example}"
        if members:
            listed = _listed(f"{self._verb} {name}" for name in members)
            self.epilog += f"\n\nfurther verbs:\n{listed}"
        add_arguments(self, command)
        self.set_defaults(command=command)


def _listed(verbs: Any) -> str:
    verbs = list(verbs)
    width = max(map(len, verbs))
    return "\n".join(f"  {verb:{width}}  {VERBS[verb][1]}" for verb in verbs)


def _complain(line: str, status: int, words: Sequence[str] = ()) -> int:
    if "--traceback" in words:
        traceback.print_exc()
    print(f"{PROGRAM}: {harmless(line)}", file=sys.stderr)
    return status
