"""The command line itself: help, exit statuses, flags from configurations, what is printed."""

from __future__ import annotations

import importlib.metadata
import json
import os
import pty
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from typing import Literal

import pytest

from shopwright import console
from shopwright.cli import program
from shopwright.cli.command import Command, Parser, print_fields
from shopwright.cli.settings import add_settings, settings_of
from shopwright.errors import InputError, UnavailableError


def test_help_lists_every_verb_and_imports_neither_torch_nor_a_verb():
    code = (
        "import sys; from shopwright.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted({'torch', 'spacy', 'transformers', 'matplotlib'} & {*sys.modules}))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    *text, imported = process.stdout.splitlines()
    assert imported == "[]"
    for verb in program.VERBS:
        assert any(line.startswith(f"  {verb} ") for line in text)


@pytest.mark.parametrize("verb", program.VERBS)
def test_each_verb_has_help_with_an_example_that_it_understands(verb, capsys):
    with pytest.raises(SystemExit) as stopped:
        program.parse([*verb.split(), "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    example = text.partition("example:\n")[2].strip()
    assert example.startswith(f"shopwright {verb}")
    for flag in ("--seed", "--json", "--traceback"):
        assert flag in text


def test_the_installed_program_is_this_command_line():
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="shopwright")
    assert entry.load() is program.main


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "the following arguments are required: VERB; see: shopwright --help"),
        (["frobnicate"], "invalid choice: 'frobnicate' (choose from 'demo', 'shop', 'generate'"),
        (["shop"], "the following arguments are required: VERB; see: shopwright shop --help"),
        (["train", "alchemy"], "invalid choice: 'alchemy' (choose from 'imitation', 'dpo', "),
        (["shop", "info"], "the following arguments are required: SHOP"),
        (["shop", "info", "x", "--colour", "red"], "unrecognized arguments: --colour red"),
        (["shop", "build", "--demo", "--out", "x", "--products", "0"], "expected at least 1"),
        (["shop", "info", "x", "--seed", "-1"], "argument --seed: expected at least 0, got -1"),
        (["shop", "info", "x", "--seed", "one"], "expected a whole number, got 'one'"),
        # Abbreviations would change their meaning when flags are added.
        (["shop", "info", "x", "--veri"], "unrecognized arguments: --veri"),
    ],
)
def test_wrong_arguments_are_one_line_and_status_2(words, expected, capsys):
    assert program.main(words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("shopwright: error: ")
    assert output.err.count("\n") == 1
    assert expected in output.err


def test_the_status_and_the_one_line_reach_the_shell(run, tmp_path):
    process = run("shop", "info", tmp_path / "none")
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == (
        f"shopwright: error: {tmp_path / 'none'}: expected a shop folder, found nothing\n"
    )


def failing(error: BaseException) -> Command:
    def fail(_: object) -> None:
        raise error

    return Command(description="Fails.", example="shopwright fail", run=fail)


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InputError("bad\ninput"), 2, "error: bad input"),
        (UnavailableError("no model"), 1, "error: no model"),
        (RuntimeError("a\x1b[31mb"), 1, "error: RuntimeError: a␛[31mb (--traceback shows where)"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 1, "shopwright[learn]"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_failures_are_one_line_and_their_status(error, status, line, monkeypatch, capsys):
    from types import SimpleNamespace

    monkeypatch.setitem(program.VERBS, "fail", ("fail", "fails"))
    module = SimpleNamespace(COMMANDS={"fail": failing(error)})
    monkeypatch.setattr(program, "import_module", lambda _: module)
    assert program.main(["fail"]) == status
    output = capsys.readouterr()
    assert line in output.err
    assert output.err.count("\n") == 1
    if status != 130:
        assert program.main(["fail", "--traceback"]) == status
        assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_failure_worth_a_traceback(demo_shop):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "shopwright.cli", "shop", "info", str(demo_shop)]
    with os.fdopen(write, "wb") as closed:
        process = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True)
    assert process.stderr == ""


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: float = field(default=0.5, metadata={"help": "how fast", "formerly": "speed"})
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Outer:
    batch_size: int = field(default=8, metadata={"help": "100 % of a batch"})
    sample: bool = True
    limit: int | None = None
    kind: Literal["small", "large"] = "small"
    inner: Inner = field(default_factory=Inner, metadata={"formerly": "core"})
    fast: Inner = field(default=Inner(rate=9.0))
    rounds: bool = field(default=False, metadata={"formerly": "turns"})
    seed: int = 0

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise InputError("batch_size: expected at least 1")


def parsed(*words: str) -> Outer:
    parser = Parser(prog="test", allow_abbrev=False)
    add_settings(parser, Outer())
    parser.add_argument("--seed", type=int, default=0)
    return settings_of(Outer, parser.parse_args(words))


def test_flags_follow_a_configuration_and_give_it_back():
    assert parsed() == Outer()
    words = "--batch-size 3 --no-sample --limit 4 --kind large --inner-rate 0.25"
    assert parsed(*words.split(), "--seed", "7") == Outer(
        batch_size=3,
        sample=False,
        limit=4,
        kind="large",
        inner=Inner(rate=0.25, seed=7),
        # The defaults of a field that is a configuration are its own, not those of its class.
        fast=Inner(rate=9.0, seed=7),
        seed=7,
    )
    assert parsed("--limit", "none") == Outer()


@pytest.mark.parametrize(
    ("words", "expected", "notice"),
    [
        (["--turns"], Outer(rounds=True), "--turns is called --rounds now"),
        (["--no-turns"], Outer(), "--no-turns is called --rounds now"),
        (["--core-rate", "2"], Outer(inner=Inner(rate=2.0)), "--core-rate is called --inner-rate"),
        (["--core-speed", "2"], Outer(inner=Inner(rate=2.0)), "--core-speed is called --inner-rat"),
        (["--inner-speed", "2"], Outer(inner=Inner(rate=2.0)), "--inner-speed is called --inner-"),
    ],
)
def test_former_names_of_flags_are_taken_with_a_notice(words, expected, notice, capsys):
    assert parsed(*words) == expected
    shown = capsys.readouterr().err
    assert shown.startswith(f"shopwright: {notice}")
    assert shown.count("\n") == 1


def test_help_does_not_show_former_names(capsys):
    parser = ArgumentParser(prog="test")
    add_settings(parser, Outer())
    text = parser.format_help()
    assert "--inner-rate" in text
    for former in ("--turns", "--core", "--inner-speed"):
        assert former not in text


@pytest.mark.parametrize(
    "words",
    [
        ["--batchsize", "3"],
        ["--batch-size", "3.5"],
        ["--batch-size", "0"],
        ["--inner-rate", "fast"],
        ["--kind", "medium"],
        ["--sample", "yes"],
    ],
)
def test_flags_that_no_configuration_has_and_values_that_it_does_not_take_are_refused(words):
    with pytest.raises(InputError):
        parsed(*words)


def test_help_of_a_configuration_says_its_default():
    parser = ArgumentParser(prog="test")
    add_settings(parser, Outer())
    text = " ".join(parser.format_help().split())
    assert "how fast (default: 0.5)" in text
    assert "100 % of a batch (default: 8)" in text
    assert "--fast-rate NUMBER how fast (default: 9)" in text


def test_what_could_steer_a_terminal_is_shown_as_a_sign():
    assert console.harmless("a\x1b]0;title\x07b\x9bc") == "a␛]0;title␇b⟨U+009B⟩c"
    assert console.harmless("right\u202eleft \ud800") == "right⟨U+202E⟩left ⟨U+D800⟩"
    assert console.harmless("two\r\nlines\tand  more ") == "two lines and more"
    assert console.harmless("Überseife 石鹸 – 5″") == "Überseife 石鹸 – 5″"


def test_json_on_stdout_cannot_steer_a_terminal_and_comes_back(capsys):
    value = {"title": "Ü \x1b \x9b \u202e \U0001f600"}
    console.print_json(value)
    text = capsys.readouterr().out
    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
    assert json.loads(text) == value


def test_a_table_shows_hostile_text_and_markup_as_it_stands(capsys):
    console.print_table("[bold]title[/bold]\x1b[2J", ["agent", "score"], [["[red]\x1b[31m", "1.0"]])
    text = capsys.readouterr().out
    assert "[bold]title[/bold]␛[2J" in text
    assert "\x1b" not in text
    assert "[red]␛[31m" in text


def test_a_stage_leaves_one_line_where_there_is_no_terminal(capsys):
    with console.Stages() as stages:
        stages("first", 1, 2)
        stages("first", 2, 2)
        with stages.stage("second") as progress:
            progress(3, 0)
        stages("third", 0, 3)
        stages("third", 1, 3)
    output = capsys.readouterr()
    assert output.out == ""
    lines = [line.rpartition(", ")[0] for line in output.err.splitlines()]
    assert lines == [
        "shopwright: first: 2 of 2",
        "shopwright: second: done",
        "shopwright: third: 1 of 3",
    ]


def test_a_stage_that_fails_is_not_called_done(capsys):
    with pytest.raises(InputError), console.Stages() as stages, stages.stage("only"):
        raise InputError("no")
    assert capsys.readouterr().err == ""


def test_silence_is_broken_and_what_was_found_out_is_told(capsys, monkeypatch):
    monkeypatch.setattr(console, "SILENT_SECONDS", 0.05)
    with console.Stages() as stages:
        stages("reading", 1, 4)
        stages.tell("50.0 % of dev goals fulfilled at step 3")
        time.sleep(0.3)
    told = capsys.readouterr().err
    assert "shopwright: 50.0 % of dev goals fulfilled at step 3\n" in told
    assert "shopwright: reading: 1 of 4, 0 s\n" in told
    time.sleep(0.2)
    assert capsys.readouterr().err == ""


def test_a_plan_has_one_bar_that_never_goes_back():
    stages = console.Stages([("read", 1.0), ("learn", 2.0), ("read", 1.0)])
    shares = []
    for stage, done, total in [
        ("read", 1, 2), ("read", 2, 2), ("unplanned", 1, 2), ("learn", 0, 4), ("learn", 2, 4),
        ("learn", 4, 4), ("read", 1, 2), ("read", 2, 2),
    ]:  # fmt: skip
        stages(stage, done, total)
        shares.append(stages.share())
    assert shares == [0.125, 0.25, 0.25, 0.25, 0.5, 0.75, 0.875, 1.0]


def test_a_terminal_shows_a_bar_and_stdout_stays_clean(tmp_path):
    main_end, terminal = pty.openpty()
    command = [sys.executable, "-m", "shopwright.cli", "shop", "build", "--demo", "--json"]
    process = subprocess.Popen(
        [*command, "--products", "20", "--out", str(tmp_path / "shop")],
        stdout=subprocess.PIPE,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    # Read while it runs: on a slow machine the bar fills what a terminal holds unread.
    shown = b""
    while True:
        try:
            part = os.read(main_end, 65536)
        except OSError:  # Linux says so when the other end is closed and all is read
            break
        if not part:
            break
        shown += part
    os.close(main_end)
    printed, _ = process.communicate()
    assert json.loads(printed)["products"] == 20
    assert "━".encode() in shown
    assert b"20/20" in shown


def test_parts_of_a_result_are_shown_in_words(capsys):
    print_fields({"dpo": {"seconds": 3.98219, "pages": {"goals": 10, "better": False}}, "steps": 5})
    assert (
        capsys.readouterr().out == "dpo: seconds 3.982, pages (goals 10, better False)\nsteps: 5\n"
    )


def test_help_of_preferences_names_agents_that_are_taken(capsys):
    with pytest.raises(SystemExit):
        program.parse(["generate", "preferences", "--help"])
    shown = capsys.readouterr().out
    assert "run folder, or random, explorer" in " ".join(shown.split())
    assert "oracle" not in shown


def test_connections_of_the_service_do_not_wait_for_acknowledgements():
    from shopwright.cli.serve import _listen

    with _listen("127.0.0.1", 0) as listening:
        client = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
        with client, accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
