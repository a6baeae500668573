"""Trajectories and preferences as the conversations that TRL's trainers, and others, read.

Source: TRL's documentation, "Dataset formats and types": conversational language modelling
(``messages``), prompt and completion, preference; ``tools`` beside them where answers are calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from shopwright.errors import InputError, TrajectoryError, UnavailableError
from shopwright.language.decisions import Decision, decisions_of
from shopwright.language.prompts import Message, Prompt
from shopwright.rollouts.episode import Episode
from shopwright.rollouts.preferences import PreferencePair
from shopwright.rollouts.records import Trajectory
from shopwright.shop.shop import Shop

Record = dict[str, Any]
Per = Literal["episode", "decision"]
TokenCounter = Callable[[list[Message], Any], int]

# What TRL's trainers cut records to unless told otherwise.
TRL_MAX_LENGTH = 1_024
# Of prompts with titles and prices, as SmolLM2 reads them; a tokenizer knows better.
CHARACTERS_PER_TOKEN = 2.6


def sft_records(
    trajectory: Trajectory, shop: Shop, prompt: Prompt, *, per: Per = "episode"
) -> Iterator[Record]:
    """Yield the records of an episode; its pages are made anew in the shop.

    Args:
        per: "episode": one record, ``{"messages"}``; "decision": one for each answer,
            ``{"prompt", "completion"}``, as the model is asked when it shops.

    Raises:
        GoalError, TrajectoryError: as of :func:`replayed_decisions`.
        InputError: the prompt does not show an episode as a conversation.
    """
    decisions = replayed_decisions(trajectory, shop)
    if per == "decision":
        for decision, action in decisions:
            asked = {"prompt": prompt.messages(decision)}
            yield _with_tools({**asked, "completion": [_answer(prompt, decision, action)]}, prompt)
        return
    if prompt.history != "messages":
        raise InputError(
            f"prompt: expected one whose history is messages for a record per episode, got "
            f"{prompt.name!r}; choose another, or a record per decision"
        )
    *_, (last, action) = decisions
    messages = [*prompt.messages(last), _answer(prompt, last, action)]
    yield _with_tools({"messages": messages}, prompt)


def replayed_decisions(trajectory: Trajectory, shop: Shop) -> Iterator[tuple[Decision, str]]:
    """Yield the decisions of a trajectory with its actions; its pages are made anew in the shop.

    Raises:
        GoalError: its product is not in this shop.
        TrajectoryError: it is not of the pages protocol.
    """
    if trajectory.protocol != "pages":
        raise TrajectoryError(f"protocol: expected pages, got {trajectory.protocol!r}")
    episode = Episode(shop, trajectory.goal(shop))
    yield from decisions_of(episode.replay(trajectory.actions))


def dpo_record(pair: PreferencePair, shop: Shop, prompt: Prompt) -> Record:
    """Return a preference: ``{"prompt", "chosen", "rejected"}``, the messages up to its page, and
    the two answers.

    Raises:
        GoalError: its product is not in this shop.
    """
    episode = Episode(shop, pair.goal(shop))
    *_, (decision, chosen) = decisions_of(episode.replay([*pair.actions, pair.chosen]))
    record = {
        "prompt": prompt.messages(decision),
        "chosen": [_answer(prompt, decision, chosen)],
        "rejected": [_answer(prompt, decision, pair.rejected)],
    }
    return _with_tools(record, prompt)


def _answer(prompt: Prompt, decision: Decision, action: str) -> Message:
    return prompt.answer(decision.page, action)


def _with_tools(record: Record, prompt: Prompt) -> Record:
    return {**record, "tools": prompt.tool_schemas} if prompt.tools else record


def token_counter(folder: str) -> TokenCounter:
    """Return what counts the tokens of messages as a model's own tokenizer and chat template do.

    Args:
        folder: the model's.

    Raises:
        UnavailableError: transformers is not installed, or there is no tokenizer.
        InputError: the tokenizer has no chat template.
    """
    try:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except ImportError as error:
        raise UnavailableError(
            f"tokenizer: {error}; install with: pip install 'shopwright[learn]'"
        ) from None
    except (OSError, ValueError) as error:
        raise UnavailableError(f"tokenizer {folder}: {str(error).splitlines()[0]}") from None
    if tokenizer.chat_template is None:
        raise InputError(f"tokenizer {folder}: expected one with a chat template, got one without")

    def count(messages: list[Message], tools: Any) -> int:
        return len(tokenizer.apply_chat_template(messages, tools=tools, return_dict=False))

    return count


@dataclass(slots=True)
class Lengths:
    """How many tokens records have, counted as they pass.

    Attributes:
        count: gives the number of tokens of messages and tools; None: they are estimated from
            the characters.
        tokens: of each record so far; of a preference its longer side.
    """

    count: TokenCounter | None = None
    tokens: list[int] = field(default_factory=list)

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield records as they are."""
        for record in records:
            asked = record.get("messages") or record["prompt"]
            sides = [
                record[name] for name in ("completion", "chosen", "rejected") if name in record
            ]
            tools = record.get("tools")
            self.tokens.append(max(self._count([*asked, *side], tools) for side in sides or [[]]))
            yield record

    def _count(self, messages: list[Message], tools: Any) -> int:
        if self.count is not None:
            return self.count(messages, tools)
        shown = [message["content"] for message in messages]
        calls = [str(message.get("tool_calls", "")) for message in messages]
        return round(sum(map(len, [*shown, *calls, str(tools or "")])) / CHARACTERS_PER_TOKEN)

    def record(self) -> dict[str, Any]:
        """Return what to tell: the median, the 95th percentile, the longest, and how many are
        longer than TRL's default."""
        ranks = np.percentile(self.tokens, [50, 95, 100], method="nearest")
        median, most, longest = (int(rank) for rank in ranks)
        return {
            "tokens": "counted" if self.count is not None else "estimated",
            "median_tokens": median,
            "percentile_95_tokens": most,
            "longest_tokens": longest,
            "longer_than_trl_default": sum(length > TRL_MAX_LENGTH for length in self.tokens),
        }
