"""Prompts: how a decision is put to a language model, and how its answer is read.

A prompt is a TOML file, one of those beside this module or the user's own; the fields of
:class:`Prompt` are its keys. In its texts ``{name}`` stands for:

- ``{request}``: what is to be bought.
- ``{page}``: what is shown, in the prompt's ``view``.
- ``{actions}``: what can be done; ``{listed_actions}``: the same, quoted, a line each.
- ``{history}``: the earlier steps, each as ``past`` says, empty without one.
- ``{step}``: the number of this step, from 1.
- in ``past``: ``{step}``, ``{page}``, ``{action}`` and ``{deed}``, in words what was done.
- in ``reply``: ``{action}``, and ``{thought}`` where the model thinks before it.

Stable: the keys of the files, :func:`load_prompt`, and of :class:`Prompt` ``messages``, ``answer``,
``fitted``, ``read`` and ``tool_schemas``. What the built-in prompts say may change between
versions; a model is best used with the prompt that it was trained on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

from shopwright.config import Configuration, setting
from shopwright.errors import InputError
from shopwright.files import read_bytes, read_json
from shopwright.json_fields import take
from shopwright.language import tools, views
from shopwright.language.decisions import Decision, Past
from shopwright.shop.actions import CLICK, SEARCH, click, search, split_action
from shopwright.shop.page import Page

# Beside the files of a model that was trained here: how it was asked when it learned.
PROMPT_FILE = "shopwright.json"
DEFAULT = "compact"
BUILT_IN = ("compact", "brief", "chat", "react", "verl-agent", "tools")

Message = dict[str, Any]

_PLACE = re.compile(r"\{(\w+)\}")
_ACTION = re.compile(rf"({SEARCH}|{CLICK}) ?\[", re.IGNORECASE)
_PLACES = {
    "system": {"request"},
    "user": {"request", "page", "actions", "listed_actions", "history", "step"},
    "past": {"step", "page", "action", "deed"},
    "reply": {"thought", "action"},
}


class Fitted(NamedTuple):
    """Messages within a token budget: how long they are, and how many of the latest steps that the
    prompt would show were left out."""

    messages: list[Message]
    tokens: int
    dropped: int


@dataclass(frozen=True, kw_only=True)
class Prompt(Configuration):
    """A prompt.

    Attributes:
        name: a built-in prompt's name, or the file's.
        history: how earlier steps are shown: each as messages of its own, or all as ``{history}``.
        numbers: whether listed products are called by their numbers instead of their asins.
        repeats: whether a page that is among the messages is shown whole again; without, of a
            product what is chosen is shown, of results which are seen.
        title_characters: how much of a title the compact view shows.
        tools: whether answers are calls of the tools ``search`` and ``click``.
        chat: whether a local model's chat template is used; without, messages are plain text, a
            line after the other.
    """

    name: str = setting("", help="what it is called")
    system: str = setting(help="the first message; empty for none")
    user: str = setting(help="the message that shows a page")
    reply: str = setting("{action}", help="an answer")
    past: str = setting("{deed}", help="an earlier step in {history}")
    past_steps: int = setting(100, help="how many of the latest steps are shown", minimum=0)
    invalid: str = setting(
        "Your last answer was not an action that the page offers.\n",
        help="what is said before a page after an answer that was no action",
    )
    history: Literal["messages", "text"] = setting("messages", help="how earlier steps are shown")
    view: Literal["compact", "text", "quoted"] = setting("compact", help="how pages are shown")
    numbers: bool = setting(False, help="call listed products by number")
    repeats: bool = setting(True, help="show a page whole again that was shown before")
    title_characters: int = setting(80, help="how much of a title is shown", minimum=10)
    tools: bool = setting(False, help="answer by calls of tools")
    chat: bool = setting(True, help="write messages in the form of the model's chat template")

    def __post_init__(self) -> None:
        super().__post_init__()
        for field, known in _PLACES.items():
            for place in _PLACE.findall(getattr(self, field)):
                if place not in known:
                    names = ", ".join(f"{{{name}}}" for name in sorted(known))
                    raise InputError(f"{field}: expected {names}, got {{{place}}}")
        if not self.tools and self.reply.count("{action}") != 1:
            raise InputError(f"reply: expected {{action}} once, got {self.reply!r:.60}")
        if not self.repeats and self.history != "messages":
            raise InputError("repeats: expected true where the history is text, got false")

    @property
    def thinks(self) -> bool:
        """Whether the model thinks before it acts."""
        return "{thought}" in self.reply

    @property
    def tool_schemas(self) -> list[dict[str, Any]] | None:
        """The tools that the model may call; None if it answers in text."""
        return tools.TOOLS if self.tools else None

    def messages(self, decision: Decision, *, steps: int | None = None) -> list[Message]:
        """Return what the model is shown, without its answer.

        Args:
            steps: how many of the latest steps at most; as many as the prompt shows if None.
        """
        count = min(len(decision.past), self.past_steps if steps is None else steps)
        past = decision.past[len(decision.past) - count :]
        first = len(decision.past) - count + 1
        system = _filled(self.system, {"request": decision.request})
        messages: list[Message] = [{"role": "system", "content": system}] if system else []
        history = ""
        if self.history == "text":
            lines = [self._past(each, first + number) for number, each in enumerate(past)]
            history = "".join(f"{line}\n" for line in lines)
        else:
            for number, each in enumerate(past):
                messages.append(self._shown(each.page, "", first + number, past[:number], messages))
                messages.append(self.answer(each.page, each.action, said=each.said))
        step = len(decision.past) + 1
        messages.append(self._shown(decision.page, history, step, past, messages))
        return messages

    def answer(self, page: Page, action: str, *, thought: str = "", said: str = "") -> Message:
        """Return the model's message that takes an action on a page.

        Args:
            said: what the model wrote by itself; without it the prompt's ``reply``.
        """
        if self.tools and split_action(action)[1] is not None:
            call = {"type": "function", "function": tools.call_of(self.written(page, action))}
            return {"role": "assistant", "content": said, "tool_calls": [call]}
        content = said or self.reply_text(page, action, thought=thought)
        return {"role": "assistant", "content": content}

    def reply_text(self, page: Page, action: str, *, thought: str = "") -> str:
        """Return the text with which the model takes an action on a page."""
        values = {"thought": thought, "action": self.written(page, action)}
        return _filled(self.reply, values)

    def fitted(
        self, decision: Decision, count: Callable[[list[Message]], int], budget: int
    ) -> Fitted:
        """Return what the model is shown, with as many of the latest steps as a budget allows. The
        page itself is never cut: without any step the messages may still be too long.

        Args:
            count: how many tokens messages have.
            budget: how many they may have.
        """
        most = min(len(decision.past), self.past_steps)
        for steps in range(most, -1, -1):
            messages = self.messages(decision, steps=steps)
            tokens = count(messages)
            if tokens <= budget:
                break
        return Fitted(messages, tokens, most - steps)

    def written(self, page: Page, action: str) -> str:
        """Return an action as this prompt writes it: listed products may have numbers."""
        name, argument = split_action(action)
        if not self.numbers or name != CLICK or argument is None:
            return action
        return click(views.numbered(page).get(argument, argument))

    def read(self, page: Page, said: str) -> str | None:
        """Return the action of an answer in text, as the shop reads it; None if there is none.

        What stands where ``reply`` has its action counts, or, if the answer does not follow that
        form, the first action in it.
        """
        before, _, after = self.reply.partition("{action}")
        marker = (before.rpartition("}")[2].split() or [""])[-1]
        said = said.rpartition(marker)[2] if marker else said
        after = after.strip()
        said = said.partition(after)[0] if after else said
        for line in said.splitlines():
            found = _ACTION.search(line)
            if found:
                name, argument = found[1].lower(), line[found.end() :]
                return self._read_argument(page, name, argument)
        return None

    def _read_argument(self, page: Page, name: str, rest: str) -> str | None:
        """The action whose argument a text begins with: names may hold brackets themselves, and
        what follows the action, too."""
        shortest, closed, _ = (part.strip() for part in rest.partition("]"))
        longest = rest.rpartition("]")[0].strip()
        if name == CLICK and longest:
            action = self._read(page, name, longest)
            if action in page.actions:
                return action
        return self._read(page, name, shortest) if shortest and closed else None

    def read_call(self, page: Page, name: str, arguments: Any) -> str | None:
        """Return the action of a tool call, as the shop reads it; None if it is none."""
        action = tools.action_of(name, arguments)
        if action is None:
            return None
        name, argument = split_action(action)
        return self._read(page, name, argument or "")

    def _read(self, page: Page, name: str, argument: str) -> str:
        if name == SEARCH:
            return search(argument)
        argument = argument.lower()
        if self.numbers:
            names = {number: link for link, number in views.numbered(page).items()}
            argument = names.get(argument, argument)
        return click(argument)

    def _shown(
        self, page: Page, history: str, step: int, past: tuple[Past, ...], messages: list[Message]
    ) -> Message:
        """The message that shows a page after those of the past: the user's, or a tool's after a
        call."""
        again = not self.repeats and any(views.same(each.page, page) for each in past)
        actions = views.offered_briefly(page) if self.numbers else views.offered(page)
        values = {
            "request": page.request,
            "page": views.again(page) if again else self._view(page),
            "actions": ", ".join(actions),
            "listed_actions": "\n".join(f"'{action}'," for action in actions),
            "history": history,
            "step": str(step),
        }
        warning = self.invalid if past and not past[-1].valid else ""
        content = warning + _filled(self.user, values)
        called = messages[-1].get("tool_calls") if messages else None
        if called:
            return {"role": "tool", "name": called[0]["function"]["name"], "content": content}
        return {"role": "user", "content": content}

    def _view(self, page: Page) -> str:
        if self.view == "compact":
            return views.compact(page, self.title_characters)
        return views.WHOLE[self.view](page)

    def _past(self, past: Past, step: int) -> str:
        shown = self._view(past.page) if "{page}" in self.past else ""
        values = {
            "step": str(step),
            "page": shown,
            "action": self.written(past.page, past.action),
            "deed": views.deed(past.page, past.action),
        }
        return _filled(self.past, values)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its places filled; what is filled in is never read as a template."""
    return _PLACE.sub(lambda place: values[place[1]], template)


def load_prompt(name: str) -> Prompt:
    """Return a prompt.

    Args:
        name: one of :data:`BUILT_IN`, or a TOML file.

    Raises:
        MissingFileError: it is neither.
        InputError: the file is no TOML, or a key is missing, unknown or of another type.
    """
    if name in BUILT_IN:
        content = resources.files("shopwright.language").joinpath("prompts", f"{name}.toml")
        return _prompt(name, content.read_text("utf-8"), name)
    path = Path(name)
    if not path.is_file():
        raise InputError(f"prompt: expected {', '.join(BUILT_IN)} or a TOML file, got {name!r}")
    try:
        text = read_bytes(path).decode()
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected UTF-8") from None
    return _prompt(path.stem, text, name)


def prompt_of_model(folder: Path) -> Prompt:
    """Return the prompt with which a model was trained here; ``compact`` for others.

    Raises:
        InputError: its file holds no prompt.
    """
    path = folder / PROMPT_FILE
    if not path.is_file():
        return load_prompt(DEFAULT)
    return _made(str(path), dict(take(read_json(path), "prompt", dict)))


def _prompt(name: str, text: str, where: str) -> Prompt:
    try:
        record = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: expected TOML, got {error}") from None
    return _made(where, {"name": name, **record})


def _made(where: str, record: dict[str, Any]) -> Prompt:
    known = {field.name: field for field in fields(Prompt)}
    for key in record:
        if key not in known:
            raise InputError(f"{where}: expected {', '.join(known)}, got {key!r}")
    for key, field in known.items():
        if key not in record and field.default is MISSING:
            raise InputError(f"{where}: expected a key {key!r}, got none")
    try:
        return Prompt(**record)
    except InputError as error:
        raise InputError(f"{where}, {error}") from None
