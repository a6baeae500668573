"""What language models were asked and said in a run, an episode a line.

The first line says of which agent and settings the transcript is. A run that was interrupted goes
on: what is in the file is not asked again, and the file ends up with the bytes of an unbroken run.
The whole run again, with its transcript, needs no model.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from shopwright.errors import InputError
from shopwright.files import PRIVATE, changing, reading, sync_folder
from shopwright.json_fields import take
from shopwright.language.config import LanguageConfig
from shopwright.language.prompts import Prompt
from shopwright.rollouts.agent import Choice, Exchange, Said

FORMAT_VERSION = 1
# Where and how often is asked, not what.
_NOT_SETTINGS = {
    "prompt", "device", "download", "parallel", "timeout_seconds", "retries", "cache",
    "transcript", "price_in", "price_out",
}  # fmt: skip


class Transcript:
    """A transcript that is read as far as it goes, then written on.

    Args:
        path: the file.
        lines: its lines so far, the first one included.
    """

    def __init__(self, path: Path, lines: list[bytes]) -> None:
        self._path, self._lines = path, lines
        self._written = 1

    @classmethod
    def open(cls, path: Path, agent: str, prompt: Prompt, config: LanguageConfig) -> Transcript:
        """Open a transcript, or begin one.

        Raises:
            InputError: the file is no transcript, or of another agent or other settings.
        """
        head = _line(
            {
                "transcript": FORMAT_VERSION,
                "agent": agent,
                "prompt": prompt.name,
                "prompt_sha256": hashlib.sha256(orjson.dumps(asdict(prompt))).hexdigest(),
                **{
                    name: value
                    for name, value in asdict(config).items()
                    if name not in _NOT_SETTINGS
                },
            }
        )
        lines: list[bytes] = []
        if path.exists():
            with reading(path):
                content = path.read_bytes()
            lines = content.splitlines(keepends=True)
            if lines and not lines[-1].endswith(b"\n"):  # Killed while it was written.
                lines.pop()
        if lines and lines[0] != head:
            raise InputError(
                f"{path}: expected a transcript of this agent and these settings, got another; "
                "choose another file"
            )
        transcript = cls(path, lines)
        if path.exists():
            os.truncate(path, sum(map(len, lines)))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        if not lines:
            transcript._append(head)
            sync_folder(path.parent)
        return transcript

    def known(self) -> Iterator[Said]:
        """Yield what was said so far.

        Raises:
            InputError: a line is no episode.
        """
        for number, line in enumerate(self._lines[1:], start=2):
            try:
                record = orjson.loads(line)
                for step in take(record, "steps", list):
                    for said in take(step, "replies", list):
                        yield Said(take(said, "key", str), take(said, "reply", dict))
            except (orjson.JSONDecodeError, InputError) as error:
                raise InputError(
                    f"{self._path}, line {number}: expected an episode: {error}"
                ) from None

    def write(self, request: str, reward: float, choices: Sequence[Choice]) -> None:
        """Write the run's next episode, if it is not there yet.

        Raises:
            InputError: another episode is there.
        """
        steps = [_step(choice, choice.exchange) for choice in choices if choice.exchange]
        line = _line({"request": request, "reward": reward, "steps": steps})
        number = self._written
        self._written += 1
        if number >= len(self._lines):
            self._append(line)
        elif self._lines[number] != line:
            raise InputError(
                f"{self._path}, line {number + 1}: expected the episode of this run, got another; "
                "the transcript is of other goals, another shop or another seed"
            )

    def _append(self, line: bytes) -> None:
        with changing(self._path, permissions=PRIVATE) as file:
            file.write(line)
        self._lines.append(line)


def _step(choice: Choice, exchange: Exchange) -> dict[str, Any]:
    return {
        "shown": exchange.shown,
        "replies": [{"key": said.key, "reply": said.reply} for said in exchange.replies],
        "action": choice.action,
        "valid": exchange.valid,
        "steps_left_out": exchange.steps_left_out,
        "overrun": exchange.overrun,
    }


def _line(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
